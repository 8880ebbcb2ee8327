/* Connections to a next hop: that there are none, that they are kept, and that they end. */
#include "peer.h"

#define GREETED "220 hi\r\n", "250 mx\r\n"
#define TAKEN "250 s\r\n", "250 r\r\n", "354 go\r\n", "250 2.0.0 done\r\n"

/* A peer that never answers QUIT, and one that is gone, hold up nobody. */
static void
test_no_answer_to_quit(void **state)
{
	static const char *const ends[] = {HANG, "!%&\r\n", "550 no\r\n", NULL};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct script script = {.answers = {{GREETED, TAKEN, ends[i]}}};
		struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
		struct deliver_result result;
		struct peer peer;
		peer_open(&peer, &script);
		struct deliver_route route = route_to(&peer, LMTP_CLIENT_LMTP, 30000);
		assert_true(deliver(hosts, &route, &result));
		deliver_hosts_free(hosts);
		peer_close(&peer);
	}
}

static void
test_nobody_listens(void **state)
{
	struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
	struct deliver_route route = {.host = "/nonexistent/socket", .ident = "me", .timeout = 1000};
	struct deliver_result result;

	(void)state;
	assert_false(deliver(hosts, &route, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_non_null(strstr(result.text, "/nonexistent/socket"));
	deliver_hosts_free(hosts);
}

/* An address that can be none says nothing about the message, which waits until that is mended. */
static void
test_addresses_that_are_none(void **state)
{
	char path[202], name[280];
	const struct deliver_route routes[] = {
		{.host = path, .ident = "me", .timeout = 1000},
		{.host = name, .port = 24, .ident = "me", .timeout = 1000},
		{.host = "127.0.0.1", .port = 65536, .ident = "me", .timeout = 1000},
	};
	static const char *const complaints[] = {"the path must have at most", "host name of 279 bytes", "port 65536"};
	struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
	struct deliver_result result;

	(void)state;
	snprintf(path, sizeof path, "/%0200d", 0);
	snprintf(name, sizeof name, "%0279d", 0);
	for (size_t i = 0; i < 3; i++) {
		assert_false(deliver(hosts, &routes[i], &result));
		assert_int_equal(result.outcome, DELIVER_TEMPORARY);
		assert_int_equal(result.enhanced[0], '4');
		assert_non_null(strstr(result.text, complaints[i]));
	}
	deliver_hosts_free(hosts);
}

#define BODY "Subject: x\r\n\r\n..\r\nend\r\n.\r\n"
#define COMMANDS "MAIL FROM:<s@x.example>\r\nRCPT TO:<r@y.example>\r\nDATA\r\n" BODY

static const struct {
	const char *name;
	struct script script;
	enum deliver_outcome second; /* of two messages; the first is accepted */
	const char *heard;           /* "[" begins a connection */
} pairs[] = {
	{"one connection",
	 {{{GREETED, TAKEN, TAKEN, "221 bye\r\n"}}},
	 DELIVER_ACCEPTED,
	 "[LHLO me\r\n" COMMANDS COMMANDS "QUIT\r\n"},
	{"closed on the way to MAIL",
	 {{{GREETED, TAKEN}, {GREETED, TAKEN, "221 bye\r\n"}}},
	 DELIVER_ACCEPTED,
	 "[LHLO me\r\n" COMMANDS "MAIL FROM:<s@x.example>\r\n[LHLO me\r\n" COMMANDS "QUIT\r\n"},
	{"421 to MAIL",
	 {{{GREETED, TAKEN, "421 idle\r\n"}, {GREETED, TAKEN, "221 bye\r\n"}}},
	 DELIVER_ACCEPTED,
	 "[LHLO me\r\n" COMMANDS "MAIL FROM:<s@x.example>\r\n[LHLO me\r\n" COMMANDS "QUIT\r\n"},
	{"lost after the dot: never sent again",
	 {{{GREETED, TAKEN, "250 s\r\n", "250 r\r\n", "354 go\r\n"}, {GREETED, TAKEN}}},
	 DELIVER_TEMPORARY,
	 "[LHLO me\r\n" COMMANDS COMMANDS},
	{"421 after the dot",
	 {{{GREETED, TAKEN, "250 s\r\n", "250 r\r\n", "354 go\r\n", "421 x\r\n"}, {GREETED, TAKEN}}},
	 DELIVER_TEMPORARY,
	 "[LHLO me\r\n" COMMANDS COMMANDS},
};

/* Wait until the peer has noted all that it should have heard. */
static void
expect_heard(struct peer *peer, const char *heard)
{
	for (int i = 0; i < 5000; i++) {
		struct buffer notes = place_read(&peer->place, "notes");
		bool whole = span_equal(buffer_span(&notes), span_from(heard));
		buffer_free(&notes);
		if (whole)
			return;
		usleep(1000);
	}
	place_expect(&peer->place, "notes", heard);
}

static void
test_connections_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
		struct deliver_result result;
		struct peer peer;
		peer_open(&peer, &pairs[i].script);
		struct deliver_route route = route_to(&peer, LMTP_CLIENT_LMTP, 30000);
		assert_true(deliver(hosts, &route, &result));
		assert_string_equal(result.text, "250 2.0.0 done");
		deliver(hosts, &route, &result);
		if (result.outcome != pairs[i].second)
			fail_msg("%s: %d %s", pairs[i].name, (int)result.outcome, result.text);
		deliver_hosts_free(hosts);
		expect_heard(&peer, pairs[i].heard);
		peer_close(&peer);
	}
}

static void
test_idle_connections_end(void **state)
{
	static const struct script script = {{{GREETED, TAKEN, "221 bye\r\n"}, {GREETED, TAKEN, "221 bye\r\n"}}};
	static const struct {
		size_t most;
		int64_t idle;
	} table[] = {{0, 60000}, {4, 0}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct deliver_hosts *hosts = deliver_hosts_new(table[i].most, table[i].idle);
		struct deliver_result result;
		struct peer peer;
		peer_open(&peer, &script);
		struct deliver_route route = route_to(&peer, LMTP_CLIENT_LMTP, 30000);
		assert_true(deliver(hosts, &route, &result));
		assert_true(deliver(hosts, &route, &result));
		deliver_hosts_free(hosts);
		expect_heard(&peer, "[LHLO me\r\n" COMMANDS "QUIT\r\n[LHLO me\r\n" COMMANDS "QUIT\r\n");
		peer_close(&peer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_answer_to_quit),       cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_addresses_that_are_none), cmocka_unit_test(test_connections_are_kept),
		cmocka_unit_test(test_idle_connections_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
