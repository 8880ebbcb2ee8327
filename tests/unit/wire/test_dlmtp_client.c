/* The client of DLMTP: every recorded dialogue, however the bytes come and go; our daemon; faults. */
#include "transcripts.h"

#include "wire/dlmtp_client.h"

static const char *path; /* of the dialogues */

static const struct span users[] = {{"q1", 2}, {"q2", 2}};

struct run {
	struct dlmtp_client *client;
	struct buffer output;
	size_t drain;
};

static struct run
run_new(const struct dlmtp_request *request, size_t drain)
{
	return (struct run){.client = dlmtp_client_new(request), .output = BUFFER_INIT(1 << 20), .drain = drain};
}

static void
run_write(struct run *run)
{
	while (dlmtp_client_need(run->client) == LMTP_CLIENT_WRITE) {
		struct span output = span_head(dlmtp_client_output(run->client), run->drain);
		buffer_append_span(&run->output, output);
		dlmtp_client_written(run->client, output.size);
	}
}

static void
run_push(struct run *run, struct span bytes)
{
	run_write(run);
	dlmtp_client_push(run->client, bytes);
	run_write(run);
}

static void
run_free(struct run *run)
{
	dlmtp_client_free(run->client);
	buffer_free(&run->output);
}

/* All that an owner can see. */
static void
describe(const struct run *run, size_t deliveries, struct buffer *out)
{
	const char *why;
	struct span text;

	buffer_printf(out, "need %d failure %d", (int)dlmtp_client_need(run->client),
		      (int)dlmtp_client_failure(run->client, &why));
	bool has = dlmtp_client_text(run->client, &text);
	buffer_printf(out, " why %s text %d spam %d\n", why, (int)has, (int)dlmtp_client_spam(run->client));
	buffer_append_span(out, text);
	for (size_t i = 0; i < deliveries; i++) {
		const struct lmtp_client_result *result = dlmtp_client_result(run->client, i);
		buffer_printf(out, "%d %s %s\n", (int)result->outcome, result->enhanced, result->text);
	}
	buffer_append_span(out, buffer_span(&run->output));
}

/* What the daemon says is cut behind each reply that the client waits for, and there again anywhere. */
static struct span
next_turn(struct span *rest)
{
	struct span turn = *rest, line;

	if (!span_next_line(rest, &line))
		return span_of(NULL, 0);
	while (line.size > 3 && line.data[3] == '-' && span_next_line(rest, &line))
		;
	/* the greeting, LHLO, and so on are lines with a code; from the first without one on, all is one answer */
	if (line.size < 4 || line.data[3] != ' ' || line.data[0] < '2' || line.data[0] > '5')
		*rest = span_skip(*rest, rest->size);
	return span_head(turn, (size_t)(rest->data - turn.data));
}

static void
play(struct run *run, struct span server, size_t split, size_t piece)
{
	struct span rest = server, turn;
	size_t at = 0;

	while ((turn = next_turn(&rest)).size > 0) {
		while (turn.size > 0) {
			size_t size = piece;
			if (split > at && split - at < turn.size)
				size = split - at;
			struct span head = span_head(turn, size);
			run_push(run, head);
			turn = span_skip(turn, head.size);
			at += head.size;
		}
	}
}

static void
check_pieces(const struct dlmtp_request *request, struct span server)
{
	struct buffer expected = BUFFER_INIT(1 << 20), seen = BUFFER_INIT(1 << 20);
	struct run whole = run_new(request, SIZE_MAX);

	play(&whole, server, 0, SIZE_MAX);
	describe(&whole, request->deliveries, &expected);
	for (size_t split = 0; split < server.size; split++) {
		struct run cut = run_new(request, split % 7 == 0 ? 1 : SIZE_MAX);
		play(&cut, server, split, split == 0 ? 1 : SIZE_MAX);
		buffer_clear(&seen);
		describe(&cut, request->deliveries, &seen);
		assert_string_equal(buffer_string(&seen), buffer_string(&expected));
		run_free(&cut);
	}
	run_free(&whole);
	buffer_free(&expected);
	buffer_free(&seen);
}

static struct dlmtp_request
request_for(const char *title)
{
	struct dlmtp_request request = {
		.login = SPAN("Relay1"),
		.password = SPAN("secret"),
		.users = users,
		.user_count = strstr(title, "two recipients") != NULL ? 2 : 1,
		.message = SPAN("Subject: x\n\n.a\n"),
		.text_max = 10000,
	};

	request.deliveries = request.user_count;
	request.wants_messages = strstr(title, "--stdout") != NULL && strstr(title, "no --stdout") == NULL;
	request.wants_messages |= strstr(title, "dot stuffing") != NULL;
	request.wants_text =
		request.wants_messages || strstr(title, "classify") != NULL || strstr(title, "summary") != NULL;
	return request;
}

static void
test_dialogues_in_any_pieces(void **state)
{
	struct transcripts transcripts;

	(void)state;
	transcripts_load(&transcripts, path);
	for (size_t i = 0; i < transcripts.count; i++) {
		struct dlmtp_request request = request_for(transcripts.titles[i]);
		check_pieces(&request, buffer_span(&transcripts.server[i]));
	}
	transcripts_free(&transcripts);
}

#define HELLO "220 x\r\n250-x\r\n250-DSPAMPROCESSMODE\r\n250 DSPAMEXTENDED\r\n"
#define BEGUN HELLO "250 2.1.0 OK\r\n250 2.1.5 OK\r\n354 go\r\n"

static void
check(bool wants_text, const char *server, enum dlmtp_failure failure, const char *text)
{
	struct dlmtp_request request = request_for(wants_text ? "classify" : "");
	struct run run = run_new(&request, SIZE_MAX);
	struct span got;
	const char *why;

	check_pieces(&request, span_from(server));
	play(&run, span_from(server), 0, SIZE_MAX);
	if (dlmtp_client_need(run.client) != LMTP_CLIENT_DONE)
		dlmtp_client_lost(run.client, "lost");
	assert_int_equal(dlmtp_client_failure(run.client, &why), failure);
	dlmtp_client_text(run.client, &got);
	if (text != NULL && failure == DLMTP_FAILURE_NONE)
		assert_true(span_equal(got, span_from(text)));
	else if (text != NULL && strstr(why, text) == NULL)
		fail_msg("\"%s\" does not have \"%s\"", why, text);
	run_free(&run);
}

static void
test_answers(void **state)
{
	(void)state;
	check(true, BEGUN "X-DSPAM-Result: a\r\n..b\r\n.\r\n250 2.6.0 <q1> ok: SPAM\r\n", DLMTP_FAILURE_NONE,
	      "X-DSPAM-Result: a\n.b\n");
	check(true, BEGUN ".\r\n451 4.3.0 <q1> later\r\n", DLMTP_FAILURE_NONE, "");
	check(false, BEGUN "250 2.6.0 <q1> ok: SPAM\r\n", DLMTP_FAILURE_NONE, "");
}

static void
test_failures(void **state)
{
	(void)state;
	check(true, "", DLMTP_FAILURE_TEMPORARY, "lost");
	check(true, "554 go away\r\n", DLMTP_FAILURE_TEMPORARY, "554 go away");
	check(true, "what?\r\n", DLMTP_FAILURE_TEMPORARY, "an answer that is none");
	check(true, "220 x\r\n500 what?\r\n", DLMTP_FAILURE_TEMPORARY, "500 what?");
	check(true, "220 x\r\n250 SIZE\r\n", DLMTP_FAILURE_LOGIN, "plain LMTP");
	check(true, HELLO "503 5.1.0 Authentication Required\r\n", DLMTP_FAILURE_LOGIN, "503 5.1.0");
	check(true, HELLO "421 4.3.2 ending\r\n", DLMTP_FAILURE_TEMPORARY, "421 4.3.2");
	check(true, HELLO "250 OK\r\n553 5.1.3 no user\r\n", DLMTP_FAILURE_REFUSED, "553 5.1.3 no user");
	check(true, HELLO "250 OK\r\n250 OK\r\n451 4.3.0 no\r\n", DLMTP_FAILURE_TEMPORARY, "451 4.3.0 no");
	check(true, HELLO "250 OK\r\n250 OK\r\n554 5.1.0 no\r\n", DLMTP_FAILURE_REFUSED, "554 5.1.0 no");
	check(true, BEGUN "X-DSPAM-Result: a\r\n", DLMTP_FAILURE_TEMPORARY, "lost");
	check(true, BEGUN ".\r\n", DLMTP_FAILURE_TEMPORARY, "lost");
	check(false, BEGUN, DLMTP_FAILURE_TEMPORARY, "lost");
}

static void
test_a_text_without_end(void **state)
{
	struct dlmtp_request request = request_for("classify");
	struct run run = run_new(&request, SIZE_MAX);
	const char *why;

	(void)state;
	play(&run, SPAN("220 x\r\n250 DSPAMPROCESSMODE\r\n250 OK\r\n250 OK\r\n354 go\r\n"), 0, SIZE_MAX);
	for (int i = 0; i < 20000 && dlmtp_client_need(run.client) != LMTP_CLIENT_DONE; i++)
		run_push(&run, SPAN("x"));
	assert_int_equal(dlmtp_client_failure(run.client, &why), DLMTP_FAILURE_TEMPORARY);
	assert_non_null(strstr(why, "too long"));
	run_free(&run);
}

static void
check_tls(const char *hello, const char *after, enum lmtp_client_need need, const char *said)
{
	struct dlmtp_request request = request_for("");
	request.starttls = true;
	struct run run = run_new(&request, SIZE_MAX);

	play(&run, SPAN("220 x\r\n"), 0, SIZE_MAX);
	play(&run, span_from(hello), 0, SIZE_MAX);
	run_push(&run, span_from(after));
	assert_int_equal(dlmtp_client_need(run.client), need);
	if (need == LMTP_CLIENT_HANDSHAKE) {
		dlmtp_client_secured(run.client);
		play(&run, SPAN("250 DSPAMPROCESSMODE\r\n"), 0, SIZE_MAX);
	}
	assert_string_equal(buffer_string(&run.output), said);
	run_free(&run);
}

static void
test_starttls(void **state)
{
	const char *offer = "250-DSPAMEXTENDED\r\n250-DSPAMPROCESSMODE\r\n250 STARTTLS\r\n";

	(void)state;
	/* what was offered in clear text is forgotten */
	check_tls(offer, "220 go\r\n", LMTP_CLIENT_HANDSHAKE,
		  "LHLO Relay1\r\nSTARTTLS\r\nLHLO Relay1\r\nMAIL FROM: <secret@Relay1> DSPAMPROCESSMODE=\"\"\r\n");
	check_tls(offer, "454 not now\r\n", LMTP_CLIENT_DONE, "LHLO Relay1\r\nSTARTTLS\r\n");
	check_tls(offer, "220 go\r\n250 DSPAMPROCESSMODE\r\n", LMTP_CLIENT_DONE, "LHLO Relay1\r\nSTARTTLS\r\n");
	check_tls("250 DSPAMPROCESSMODE\r\n", "", LMTP_CLIENT_DONE, "LHLO Relay1\r\n");
}

static void
check_said(const char *hello, const struct span *words, size_t count, const char *said)
{
	struct dlmtp_request request = request_for("");
	struct run run = run_new(&request, SIZE_MAX);
	const char *why;

	run_free(&run);
	request.words = words;
	request.word_count = count;
	run = run_new(&request, SIZE_MAX);
	play(&run, SPAN("220 x\r\n"), 0, SIZE_MAX);
	play(&run, span_from(hello), 0, SIZE_MAX);
	if (dlmtp_client_failure(run.client, &why) != DLMTP_FAILURE_NONE)
		assert_string_equal(why, said);
	else
		assert_string_equal(buffer_string(&run.output), said);
	run_free(&run);
}

static void
test_words(void **state)
{
	const struct span words[] = {SPAN("-a"), SPAN(""), SPAN("b\"c"), SPAN("d\\")};
	const struct span blank[] = {SPAN("a b")}, control[] = {SPAN("a\r\nRSET")};

	(void)state;
	check_said("250-DSPAMPROCESSMODE\r\n250 DSPAMEXTENDED\r\n", words, 4,
		   "LHLO Relay1\r\nMAIL FROM: <secret@Relay1> DSPAMPROCESSMODE=\"-a \\\"\\\" \\\"b\\\\\\\"c\\\" "
		   "\\\"d\\\\\\\\\\\"\" DSPAMEXTENDED\r\n");
	check_said("250 DSPAMPROCESSMODE\r\n", words, 3,
		   "LHLO Relay1\r\nMAIL FROM: <secret@Relay1> DSPAMPROCESSMODE=\"-a \\\"\\\" b\\\"c\"\r\n");
	check_said("250 DSPAMPROCESSMODE\r\n", blank, 1,
		   "the daemon is DSPAM 3.10, and cannot be told arguments with blanks in them");
	check_said("", control, 1, "a user, an argument or ClientIdent has bytes that cannot be sent");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues_in_any_pieces),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_a_text_without_end),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_starttls),
	};

	path = argc > 1 ? argv[1] : "";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
