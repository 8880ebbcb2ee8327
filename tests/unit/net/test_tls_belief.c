/* Who is believed at the other end of TLS, by his certificate, and what is said about him. */
#include "tls_pair.h"

static const struct scene scenes[] = {
	{"name", GOOD, OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"name with a dot, in capitals", GOOD, OFF, NULL, "ca.pem", "LOCALHOST.", NULL, NULL},
	{"address", GOOD, OFF, NULL, "ca.pem", "127.0.0.1", NULL, NULL},
	{"IPv6 in brackets", GOOD, OFF, NULL, "ca.pem", "[::1]", NULL, NULL},
	{"no name to check", GOOD, OFF, NULL, "ca.pem", NULL, NULL, NULL},
	{"key in one file", "combined.pem", NULL, OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"chain", "chain.pem", "chain.key", OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"chain without its middle", "leaf.pem", "leaf.key", OFF, NULL, "ca.pem", "localhost",
	 "unable to get local issuer certificate", "unknown ca"},
	{"another name", "wrong-name.pem", "wrong-name.key", OFF, NULL, "ca.pem", "localhost",
	 "hostname mismatch; it is not one of localhost", ""},
	{"another address", GOOD, OFF, NULL, "ca.pem", "127.0.0.2", "IP address mismatch; it is not one of 127.0.0.2",
	 ""},
	{"name only as subject", "client.pem", "client.key", OFF, NULL, "ca.pem", "client.example", "unsuitable", ""},
	{"ended", "expired.pem", "expired.key", OFF, NULL, "ca.pem", "localhost", "certificate has expired", "expired"},
	{"stranger", "stranger.pem", "stranger.key", OFF, NULL, "ca.pem", "localhost",
	 "unable to get local issuer certificate", "unknown ca"},
	{"believed by the system", GOOD, OFF, NULL, "", "localhost", "certificate", ""},
	{"anybody will do", "expired.pem", "expired.key", OFF, NULL, NULL, "elsewhere.example", NULL, NULL},
	{"a client without certificate where one is welcome", GOOD, ASK, NULL, "ca.pem", "localhost", NULL, NULL},
	{"a client with a certificate", GOOD, ASK, "client", "ca.pem", "localhost", NULL, NULL},
	{"a client with a bad certificate", GOOD, ASK, "stranger", "ca.pem", "localhost", "unknown ca",
	 "unable to get local issuer certificate"},
	{"a client with one that must be", GOOD, REQUIRE, "client", "ca.pem", "localhost", NULL, NULL},
	{"a client without one that must be", GOOD, REQUIRE, NULL, "ca.pem", "localhost", "certificate required",
	 "peer did not return a certificate"},
	{"a client whose certificate has ended", GOOD, REQUIRE, "expired", "ca.pem", "localhost", "expired",
	 "certificate has expired"},
};

static void
expect(const struct scene *scene, const char *side, enum tls_status status, const struct error *error,
       const char *complaint)
{
	if (complaint == NULL && status != TLS_GOOD)
		fail_msg("%s: the %s says %s", scene->title, side, error->text);
	if (complaint != NULL && status != TLS_FAILED)
		fail_msg("%s: the %s is content", scene->title, side);
	if (complaint != NULL && strstr(error->text, complaint) == NULL)
		fail_msg("%s: the %s says %s", scene->title, side, error->text);
	assert_true(status == TLS_GOOD || error->temporary);
}

static void
test_who_is_believed(void **state)
{
	static const size_t steps[] = {1, 7, 16384};

	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
		for (size_t j = 0; j < 3; j++) {
			struct pair pair;
			pair_open(&pair, &scenes[i]);
			shake_hands(&pair, steps[j]);
			expect(&scenes[i], "client", pair.client_status, &pair.client_error, scenes[i].complaint);
			expect(&scenes[i], "server", pair.server_status, &pair.server_error, scenes[i].refusal);
			pair_close(&pair);
		}
}

static void
test_what_is_said_about_a_connection(void **state)
{
	static const struct scene scene = {"client", GOOD, REQUIRE, "client", "ca.pem", "localhost", NULL, NULL};
	struct pair pair;
	char text[200];

	(void)state;
	pair_open(&pair, &scene);
	shake_hands(&pair, 1000);
	tls_describe(pair.server, text, sizeof text);
	assert_memory_equal(text, "TLSv1.3 with TLS_", 17);
	tls_peer_subject(pair.server, text, sizeof text);
	assert_string_equal(text, "/CN=client.example");
	tls_peer_subject(pair.client, text, sizeof text);
	assert_string_equal(text, "/CN=localhost");
	pair_close(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_believed),
		cmocka_unit_test(test_what_is_said_about_a_connection),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
