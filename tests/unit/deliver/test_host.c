#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "deliver/host.h"
#include "net/listen.h"
#include "place.h"

/*
 * A next hop in a process of its own. For each connection it has a row of answers: the first
 * at once, each other one after a line, or after a whole message when the last began with 3.
 * NULL closes the connection; HANG says nothing more.
 */
#define HANG "hang"
#define CONNECTIONS 3
#define ANSWERS 12

struct script {
	const char *answers[CONNECTIONS][ANSWERS];
};

struct peer {
	struct place place;
	struct net_listeners listeners;
	char socket[300];
	pid_t pid;
};

static void
say(int fd, const char *text)
{
	ssize_t count = send(fd, text, strlen(text), MSG_NOSIGNAL);

	(void)count; /* the client may have gone */
}

/* Read up to `end` and note it; false when the client has gone. */
static bool
hear(int fd, int notes, const char *end)
{
	char data[4096];
	size_t size = 0, length = strlen(end);

	while (size < sizeof data && read(fd, data + size, 1) == 1) {
		size++;
		if (size >= length && memcmp(data + size - length, end, length) == 0)
			return write(notes, data, size) == (ssize_t)size;
	}
	return false;
}

static void
serve(int fd, int notes, const char *const *answers)
{
	const char *end = "\r\n";

	for (size_t i = 0; answers[i] != NULL; i++) {
		if (i > 0 && !hear(fd, notes, end))
			return;
		if (strcmp(answers[i], HANG) == 0) {
			pause();
			_exit(0);
		}
		say(fd, answers[i]);
		end = answers[i][0] == '3' ? "\r\n.\r\n" : "\r\n";
	}
	if (answers[0] != NULL)
		hear(fd, notes, end);
}

static void
serve_all(struct peer *peer, const struct script *script)
{
	int notes = open(place_file(&peer->place, "notes"), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);

	alarm(60); /* whatever happens to the test */
	for (size_t i = 0; i < CONNECTIONS; i++) {
		int fd = accept(peer->listeners.sockets[0], NULL, NULL);
		if (fd >= 0 && write(notes, "[", 1) == 1)
			serve(fd, notes, script->answers[i]);
		close(fd);
	}
	_exit(0);
}

static void
peer_open(struct peer *peer, const struct script *script)
{
	struct error error;

	*peer = (struct peer){.pid = 0};
	place_open(&peer->place);
	snprintf(peer->socket, sizeof peer->socket, "%s", place_file(&peer->place, "socket"));
	assert_true(net_listen_unix(&peer->listeners, peer->socket, 0600, 16, &error));
	fcntl(peer->listeners.sockets[0], F_SETFL, 0);
	peer->pid = fork();
	if (peer->pid == 0)
		serve_all(peer, script);
	assert_true(peer->pid > 0);
	net_listen_close(&peer->listeners);
}

static void
peer_close(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	assert_int_equal(waitpid(peer->pid, NULL, 0), peer->pid);
	place_close(&peer->place);
}

static const struct span pieces[] = {{"Subject: x\n", 11}, {"\n.\nend", 6}};
static const struct deliver_message message = {pieces, 2, false};

static struct deliver_route
route_to(const struct peer *peer, enum lmtp_client_protocol protocol, int64_t timeout)
{
	return (struct deliver_route){.protocol = protocol, .host = peer->socket, .ident = "me", .timeout = timeout};
}

static bool
deliver(struct deliver_hosts *hosts, const struct deliver_route *route, struct deliver_result *result)
{
	return deliver_host(hosts, route, SPAN("s@x.example"), SPAN("r@y.example"), false, &message, result);
}

enum { STEPS = 6 }; /* greeting, LHLO or EHLO, MAIL, RCPT, DATA, end of message */

static const char *const good[STEPS] = {"220 hi\r\n", "250 mx\r\n", "250 s\r\n",
					"250 r\r\n",  "354 go\r\n", "250 2.0.0 done\r\n"};

#define GREETED "220 hi\r\n", "250 mx\r\n"
#define TAKEN "250 s\r\n", "250 r\r\n", "354 go\r\n", "250 2.0.0 done\r\n"

enum fault { LATER, REFUSED, CLOSED, GARBAGE, SILENCE, SHUTTING, HALF, UNFIT, FAULTS };

static const char *const faults[FAULTS] = {[LATER] = "451 4.7.1 later\r\n",
					   [REFUSED] = "550 5.7.1 never\r\n",
					   [GARBAGE] = "!%&\r\n",
					   [SILENCE] = HANG,
					   [SHUTTING] = "421 4.3.2 shutting down\r\n",
					   [HALF] = "250-half an answer\r\n",
					   [UNFIT] = "200 hm\r\n"};

/* Those after which nothing more comes, so that the client has to look at its watch. */
static bool
is_endless(enum fault fault)
{
	return fault == SILENCE || fault == HALF;
}

/* Only a refusal that is about the message is for good. */
#define T DELIVER_TEMPORARY
#define P DELIVER_PERMANENT
#define A DELIVER_ACCEPTED

static const enum deliver_outcome mapping[STEPS][FAULTS] = {
	/* later, refused, closed, garbage, silence, 421, half, 200 */
	{T, T, T, T, T, T, T, T}, /* greeting */
	{T, T, T, T, T, T, T, A}, /* LHLO, EHLO */
	{T, P, T, T, T, T, T, A}, /* MAIL */
	{T, P, T, T, T, T, T, A}, /* RCPT */
	{T, P, T, T, T, T, T, T}, /* DATA */
	{T, P, T, T, T, T, T, A}, /* end of the message */
};

/* How often the message was sent whole, on how many connections. */
static void
expect_sent_once(struct peer *peer, bool sent)
{
	struct buffer notes = place_read(&peer->place, "notes");
	struct span rest = buffer_span(&notes);
	size_t connections = 0, messages = 0, found;

	for (size_t i = 0; i < rest.size; i++)
		connections += rest.data[i] == '[';
	while ((found = span_find(rest, SPAN("\r\n.\r\n"))) != SPAN_NONE) {
		rest = span_skip(rest, found + 5);
		messages++;
	}
	assert_int_equal(connections, 1);
	assert_int_equal(messages, sent);
	buffer_free(&notes);
}

static void
check_fault(enum lmtp_client_protocol protocol, size_t step, enum fault fault)
{
	struct script script = {.answers = {{NULL}}};
	struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
	struct deliver_result result;
	struct peer peer;
	bool goes_on = mapping[step][fault] == A;

	for (size_t i = 0; i < STEPS; i++)
		script.answers[0][i] = i == step ? faults[fault] : i < step || goes_on ? good[i] : NULL;
	if (step == 1 && fault == REFUSED)
		script.answers[0][2] = faults[fault]; /* HELO after EHLO */
	if (fault == HALF)
		script.answers[0][step + 1] = HANG;
	peer_open(&peer, &script);
	struct deliver_route route = route_to(&peer, protocol, is_endless(fault) ? 100 : 30000);
	deliver(hosts, &route, &result);
	if (result.outcome != mapping[step][fault])
		fail_msg("step %zu fault %d: %d %s", step, (int)fault, (int)result.outcome, result.text);
	if (fault == LATER || fault == REFUSED) {
		assert_memory_equal(result.text, faults[fault], strlen(faults[fault]) - 2);
		assert_string_equal(result.enhanced + 1, step < 2 && fault == REFUSED ? ".3.2" : ".7.1");
	}
	deliver_hosts_free(hosts);
	expect_sent_once(&peer, goes_on || step == STEPS - 1);
	peer_close(&peer);
}

static void
test_every_fault_at_every_step(void **state)
{
	(void)state;
	for (size_t step = 0; step < STEPS; step++)
		for (enum fault fault = 0; fault < FAULTS; fault++) {
			check_fault(LMTP_CLIENT_LMTP, step, fault);
			check_fault(LMTP_CLIENT_SMTP, step, fault);
		}
}

/* The same where STARTTLS is what must be: no fault of it lets a word of the mail out. */
static void
check_starttls(enum lmtp_client_protocol protocol, enum fault fault)
{
	const struct tls_settings settings = {.directives = "DeliveryTLS"};
	struct script script = {.answers = {{"220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n", faults[fault]}}};
	struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
	struct tls_context *context;
	struct deliver_result result;
	struct error error;
	struct peer peer;

	assert_true(tls_context_new_client(&settings, false, &context, &error));
	if (fault == HALF)
		script.answers[0][3] = HANG;
	peer_open(&peer, &script);
	/* 200 is as good as 220; what does not come then is the handshake */
	struct deliver_route route = route_to(&peer, protocol, is_endless(fault) || fault == UNFIT ? 100 : 30000);
	route.secure = (struct net_secure){NET_STARTTLS, context, NULL, "DeliveryTLS"};
	assert_false(deliver(hosts, &route, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_int_equal(result.enhanced[0], '4');
	struct buffer notes = place_read(&peer.place, "notes");
	assert_int_equal(span_find(buffer_span(&notes), SPAN("MAIL")), SPAN_NONE);
	buffer_free(&notes);
	deliver_hosts_free(hosts);
	tls_context_free(context);
	peer_close(&peer);
}

static void
test_every_fault_of_starttls(void **state)
{
	(void)state;
	for (enum fault fault = 0; fault < FAULTS; fault++) {
		check_starttls(LMTP_CLIENT_LMTP, fault);
		check_starttls(LMTP_CLIENT_SMTP, fault);
	}
}

/* In the midst of a message that is larger than any socket's buffer, the peer says something, and closes. */
static void
test_closed_within_the_message(void **state)
{
	static const struct {
		const char *answer;
		enum deliver_outcome outcome;
		const char *text;
	} table[] = {
		{"354 go\r\n", T, ""},
		{"354 go\r\n552 5.3.4 too big\r\n", P, "552 5.3.4 too big"},
		{"354 go\r\n452 4.3.1 full\r\n", T, "452 4.3.1 full"},
		{"354 go\r\n421 4.3.2 down\r\n", T, "421 4.3.2 down"},
		{"354 go\r\n250 2.0.0 done\r\n", T, "The next hop sent an answer that does not fit"},
	};
	enum { SIZE = 8 << 20 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', SIZE);
	const struct span piece = {text, SIZE};
	const struct deliver_message large = {&piece, 1, false};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct script script = {.answers = {{good[0], good[1], good[2], good[3], table[i].answer}}};
		struct deliver_hosts *hosts = deliver_hosts_new(4, 60000);
		struct deliver_result result;
		struct peer peer;
		peer_open(&peer, &script);
		struct deliver_route route = route_to(&peer, LMTP_CLIENT_LMTP, 30000);
		assert_false(deliver_host(hosts, &route, SPAN("s@x"), SPAN("r@y"), false, &large, &result));
		if (result.outcome != table[i].outcome ||
		    strncmp(result.text, table[i].text, strlen(table[i].text)) != 0)
			fail_msg("row %zu: %d %s", i, (int)result.outcome, result.text);
		deliver_hosts_free(hosts);
		peer_close(&peer);
	}
	free(text);
}

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
		cmocka_unit_test(test_every_fault_at_every_step),
		cmocka_unit_test(test_every_fault_of_starttls),
		cmocka_unit_test(test_closed_within_the_message),
		cmocka_unit_test(test_no_answer_to_quit),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_addresses_that_are_none),
		cmocka_unit_test(test_connections_are_kept),
		cmocka_unit_test(test_idle_connections_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
