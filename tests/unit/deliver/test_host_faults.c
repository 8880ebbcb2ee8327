/* Every fault of a next hop at every step: what becomes of the message, and that it is sent whole at most once. */
#include "peer.h"

enum { STEPS = 6 }; /* greeting, LHLO or EHLO, MAIL, RCPT, DATA, end of message */

static const char *const good[STEPS] = {"220 hi\r\n", "250 mx\r\n", "250 s\r\n",
					"250 r\r\n",  "354 go\r\n", "250 2.0.0 done\r\n"};

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

/* Whether the peer has heard all that comes before its answer of this step. */
static bool
has_come_to(struct peer *peer, size_t step)
{
	struct buffer notes = place_read(&peer->place, "notes");
	size_t lines = 0;

	for (size_t i = 0; i < notes.size; i++)
		lines += notes.data[i] == '\n';
	bool come = notes.size > 0 && lines >= step;
	buffer_free(&notes);
	return come;
}

/* False: the time was up before the peer came to its fault, of which that says nothing. */
static bool
check_fault_in_time(enum lmtp_client_protocol protocol, size_t step, enum fault fault, int64_t timeout)
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
	struct deliver_route route = route_to(&peer, protocol, timeout);
	deliver(hosts, &route, &result);
	bool come = !is_endless(fault) || has_come_to(&peer, step);
	if (come && result.outcome != mapping[step][fault])
		fail_msg("step %zu fault %d: %d %s", step, (int)fault, (int)result.outcome, result.text);
	if (fault == LATER || fault == REFUSED) {
		assert_memory_equal(result.text, faults[fault], strlen(faults[fault]) - 2);
		assert_string_equal(result.enhanced + 1, step < 2 && fault == REFUSED ? ".3.2" : ".7.1");
	}
	deliver_hosts_free(hosts);
	if (come)
		expect_sent_once(&peer, goes_on || step == STEPS - 1);
	peer_close(&peer);
	return come;
}

static void
check_fault(enum lmtp_client_protocol protocol, size_t step, enum fault fault)
{
	int64_t timeout = is_endless(fault) ? 100 : 30000;

	while (!check_fault_in_time(protocol, step, fault, timeout))
		assert_true((timeout *= 2) < 60000);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fault_at_every_step),
		cmocka_unit_test(test_every_fault_of_starttls),
		cmocka_unit_test(test_closed_within_the_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
