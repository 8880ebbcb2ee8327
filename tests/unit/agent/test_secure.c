/* What is read about TLS from dspam.conf: for whom, with which files, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "agent/secure.h"
#include "base/log.h"

static const char lines[] = "Home /x\n"
			    "DeliveryTLS starttls\n"
			    "DeliveryTLSName mx.example\n"
			    "DeliveryTLS.plain.example off\n"
			    "DeliveryTLS.any.example opportunistic\n"
			    "DeliveryTLS.blind.example implicit\n"
			    "DeliveryTLSVerify.blind.example off\n"
			    "DeliveryTLSName.own.example own.example\n"
			    "DeliveryTLSCA.broken.example /nonexistent/ca.pem\n"
			    "DeliveryTLS.typo.example start\n"
			    "ClientTLS implicit\n"
			    "ClientTLSVerify off\n"
			    "NotifyTLS starttls\n"
			    "NotifyTLSName smtp.example\n"
			    "ClamAVTLS implicit\n";

static const struct {
	const char *prefix, *domain, *host;
	enum net_secure_mode mode;
	const char *name;
	const char *complaint;
} table[] = {
	{"Delivery", "", "127.0.0.1", NET_STARTTLS, "mx.example", NULL},
	{"Delivery", "other.example", "127.0.0.1", NET_STARTTLS, "mx.example", NULL},
	{"Delivery", "own.example", "127.0.0.1", NET_STARTTLS, "own.example", NULL},
	{"Delivery", "OWN.example", "127.0.0.1", NET_STARTTLS, "own.example", NULL},
	{"Delivery", "plain.example", "127.0.0.1", NET_CLEAR, NULL, NULL},
	{"Delivery", "any.example", "127.0.0.1", NET_OPPORTUNISTIC, "mx.example", NULL},
	{"Delivery", "blind.example", "127.0.0.1", NET_IMPLICIT, "mx.example", NULL},
	{"Delivery", "broken.example", "h", NET_STARTTLS, NULL, "DeliveryTLSCA /nonexistent/ca.pem: No such file"},
	{"Delivery", "typo.example", "h", NET_CLEAR, NULL,
	 "DeliveryTLS start: it must be off, opportunistic, starttls"},
	{"Notify", "", "127.0.0.1", NET_STARTTLS, "smtp.example", NULL},
	{"ClamAV", "", "scanner.example", NET_IMPLICIT, "scanner.example", NULL},
	{"ClamAV", "", "/run/clamd", NET_IMPLICIT, NULL, "ClamAVTLSName is missing"},
	{"Client", "", "filter.example", NET_IMPLICIT, "filter.example", NULL},
	{"Client", "", "/run/dspam/lmtp", NET_IMPLICIT, NULL, NULL},
};

static struct config *
parse(const char *text)
{
	struct config *config;
	struct error error;

	assert_true(config_parse(span_from(text), "test.conf", NULL, NULL, &config, &error));
	return config;
}

static void
test_who_gets_what(void **state)
{
	struct config *config = parse(lines);
	struct agent_secure *secure = agent_secure_new(config);
	struct net_secure found;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		bool good = agent_secure_find(secure, table[i].prefix, span_from(table[i].domain), table[i].host,
					      &found, &error);
		if (table[i].complaint != NULL) {
			assert_false(good);
			assert_non_null(strstr(error.text, table[i].complaint));
			continue;
		}
		if (!good || found.mode != table[i].mode)
			fail_msg("row %zu: %s", i, good ? "another mode" : error.text);
		assert_int_equal(found.context != NULL, found.mode != NET_CLEAR);
		if (table[i].name == NULL)
			assert_null(found.name);
		else
			assert_string_equal(found.name, table[i].name);
	}
	agent_secure_free(secure);
	config_free(config);
}

/* One context for all that have the same files; another for those who are not checked. */
static void
test_contexts_are_shared(void **state)
{
	struct config *config = parse(lines);
	struct agent_secure *secure = agent_secure_new(config);
	struct net_secure first, second, third;
	struct error error;

	(void)state;
	assert_true(agent_secure_find(secure, "Delivery", SPAN("own.example"), "h", &first, &error));
	assert_true(agent_secure_find(secure, "Delivery", SPAN("other.example"), "h", &second, &error));
	assert_true(agent_secure_find(secure, "Delivery", SPAN("blind.example"), "h", &third, &error));
	assert_ptr_equal(first.context, second.context);
	assert_ptr_not_equal(first.context, third.context);
	agent_secure_free(secure);
	config_free(config);
}

static void
test_a_unix_socket_has_no_name(void **state)
{
	struct config *config = parse("Home /x\nDeliveryTLS starttls\n");
	struct agent_secure *secure = agent_secure_new(config);
	struct net_secure found;
	struct error error;

	(void)state;
	assert_false(agent_secure_find(secure, "Delivery", SPAN(""), "/run/lmtp", &found, &error));
	assert_non_null(strstr(error.text, "DeliveryTLSName is missing"));
	agent_secure_free(secure);
	config_free(config);
}

static void
test_the_check(void **state)
{
	static const struct {
		const char *lines, *complaint;
	} checks[] = {
		{"DeliveryHost h\nDeliveryTLS starttls\n", NULL},
		{"DeliveryTLS starttls\nDeliveryTLSCA /nonexistent/a\n", NULL}, /* nobody is called */
		{"DeliveryHost h\nDeliveryTLS starttls\nDeliveryTLSCA /nonexistent/a\n",
		 "DeliveryTLSCA /nonexistent/a: "},
		{"DeliveryHost h\nDeliveryTLS.b.example starttls\nDeliveryTLSCA /nonexistent/a\n",
		 "for the domain b.example: DeliveryTLSCA /nonexistent/a: "},
		{"DeliveryHost.b.example h\nDeliveryTLS starttls\nDeliveryTLSCA.b.example /nonexistent/a\n",
		 "for the domain b.example: DeliveryTLSCA /nonexistent/a: "},
		{"DeliveryHost.b.example /run/lmtp\nDeliveryTLS starttls\n",
		 "for the domain b.example: DeliveryTLSName is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		struct config *config = parse(checks[i].lines);
		struct agent_secure *secure = agent_secure_new(config);
		struct error error;
		bool good = agent_secure_check_mail(secure, &error);
		if (good != (checks[i].complaint == NULL))
			fail_msg("row %zu: %s", i, good ? "nothing is wrong" : error.text);
		if (!good && strstr(error.text, checks[i].complaint) == NULL)
			fail_msg("row %zu: %s", i, error.text);
		agent_secure_free(secure);
		config_free(config);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_gets_what),
		cmocka_unit_test(test_contexts_are_shared),
		cmocka_unit_test(test_a_unix_socket_has_no_name),
		cmocka_unit_test(test_the_check),
	};

	log_open("test", false, false, LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
