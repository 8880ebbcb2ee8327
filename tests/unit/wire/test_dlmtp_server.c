/* DLMTP: every recorded dialogue, however the bytes come and go; and what the dialogues do not show. */
#include "transcripts.h"

#include "wire/answer.h"
#include "wire/lmtp_server.h"

static const char *path; /* of the dialogues */

struct owner {
	struct lmtp_server *session;
	struct buffer output, notes;
	size_t drain; /* bytes that are written at once */
	bool closed;
};

static void
note(struct owner *owner, const char *what, struct span text)
{
	buffer_printf(&owner->notes, "%s %.*s\n", what, (int)text.size, text.data);
}

static void
answer_data(struct owner *owner, const struct lmtp_envelope *envelope)
{
	note(owner, envelope->extended ? "extended" : "data", envelope->arguments);
	if (span_find(envelope->arguments, SPAN("bogus")) != SPAN_NONE)
		lmtp_server_reply(owner->session, 554, "5.1.0", "No");
	else if (envelope->count == 0)
		lmtp_server_reply(owner->session, 554, "5.1.1", "Unable to determine the destination user");
	else
		lmtp_server_begin(owner->session, envelope->count);
}

static void
answer_message(struct owner *owner, const struct lmtp_envelope *envelope)
{
	struct buffer text = BUFFER_INIT(10000);
	struct buffer taken;
	size_t count = envelope->count;
	bool wanted = span_find(envelope->arguments, SPAN("--stdout")) != SPAN_NONE;
	bool half = span_find(envelope->arguments, SPAN("--half")) != SPAN_NONE;

	lmtp_server_take(owner->session, &taken);
	struct span message = buffer_span(&taken);
	note(owner, "message", message);
	if (wanted) {
		answer_append(envelope->extended ? ANSWER_STUFFED : ANSWER_PLAIN, &message, 1, &text);
		if (!lmtp_server_answer(owner->session, &text, !half)) {
			buffer_free(&taken);
			return;
		}
	}
	buffer_free(&taken);
	while (count-- > 0)
		lmtp_server_reply(owner->session, 250, "2.6.0", "Taken");
}

static void
answer(struct owner *owner, enum lmtp_server_event event)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);

	if (event == LMTP_SERVER_RECIPIENT) {
		note(owner, "user", envelope->candidate);
		lmtp_server_reply(owner->session, 250, "2.1.5", "OK");
	} else if (event == LMTP_SERVER_LOGIN) {
		bool good =
			span_equal(envelope->login, SPAN("Relay1")) && span_equal(envelope->password, SPAN("secret"));
		note(owner, "login", envelope->login);
		lmtp_server_reply(owner->session, good ? 250 : 503, good ? "2.1.0" : "5.1.0", "Login");
	} else if (event == LMTP_SERVER_DATA) {
		answer_data(owner, envelope);
	} else {
		assert_int_equal(event, LMTP_SERVER_MESSAGE);
		answer_message(owner, envelope);
	}
}

/* As a daemon does: no bytes are read while some wait to be written. */
static void
owner_run(struct owner *owner)
{
	enum lmtp_server_event event;
	struct span output;

	while ((event = lmtp_server_next(owner->session)) != LMTP_SERVER_MORE && event != LMTP_SERVER_CLOSE)
		answer(owner, event);
	while ((output = lmtp_server_output(owner->session)).size > 0) {
		output = span_head(output, owner->drain);
		buffer_append_span(&owner->output, output);
		lmtp_server_written(owner->session, output.size);
	}
	owner->closed = event == LMTP_SERVER_CLOSE;
}

static const struct span clients[] = {{"other", 5}, {"Relay1", 6}};

static struct owner
owner_new(enum lmtp_dialect dialect, size_t drain)
{
	struct lmtp_server_settings settings = LMTP_SERVER_DEFAULTS;

	settings.dialect = dialect;
	settings.clients = clients;
	settings.client_count = 2;
	struct owner owner = {
		.session = lmtp_server_new(&settings),
		.output = BUFFER_INIT(1 << 20),
		.notes = BUFFER_INIT(1 << 20),
		.drain = drain,
	};
	lmtp_server_greet(owner.session);
	owner_run(&owner);
	return owner;
}

static void
owner_free(struct owner *owner)
{
	lmtp_server_free(owner->session);
	buffer_free(&owner->output);
	buffer_free(&owner->notes);
}

static void
owner_push(struct owner *owner, struct span bytes)
{
	while (bytes.size > 0 && !owner->closed) {
		bytes = span_skip(bytes, lmtp_server_push(owner->session, bytes));
		owner_run(owner);
	}
}

static enum lmtp_dialect
dialect_of(const char *title)
{
	if (strncmp(title, "DLMTP", 5) == 0)
		return LMTP_DIALECT_DLMTP;
	return strncmp(title, "LMTP", 4) == 0 ? LMTP_DIALECT_LMTP : LMTP_DIALECT_AUTO;
}

static void
check_same(struct owner *whole, struct owner *cut)
{
	assert_true(span_equal(buffer_span(&whole->output), buffer_span(&cut->output)));
	assert_true(span_equal(buffer_span(&whole->notes), buffer_span(&cut->notes)));
	assert_int_equal(whole->closed, cut->closed);
	owner_free(cut);
}

static void
check_pieces(enum lmtp_dialect dialect, struct span input)
{
	struct owner whole = owner_new(dialect, SIZE_MAX);

	owner_push(&whole, input);
	for (size_t at = 1; at < input.size; at++) {
		struct owner cut = owner_new(dialect, SIZE_MAX);
		owner_push(&cut, span_head(input, at));
		owner_push(&cut, span_skip(input, at));
		check_same(&whole, &cut);
	}
	for (size_t drain = 1; drain < 4; drain++) {
		struct owner cut = owner_new(dialect, drain); /* what is written gets away byte by byte */
		for (size_t at = 0; at < input.size; at++)
			owner_push(&cut, span_of(input.data + at, 1));
		check_same(&whole, &cut);
	}
	owner_free(&whole);
}

static void
test_dialogues_in_any_pieces(void **state)
{
	struct transcripts transcripts;

	(void)state;
	transcripts_load(&transcripts, path);
	for (size_t i = 0; i < transcripts.count; i++)
		check_pieces(dialect_of(transcripts.titles[i]), buffer_span(&transcripts.client[i]));
	transcripts_free(&transcripts);
}

static void
check(enum lmtp_dialect dialect, const char *input, const char *output, const char *notes)
{
	struct owner owner = owner_new(dialect, SIZE_MAX);

	check_pieces(dialect, span_from(input));
	buffer_clear(&owner.output);
	owner_push(&owner, span_from(input));
	if (strstr(buffer_string(&owner.output), output) == NULL)
		fail_msg("\"%s\" does not have \"%s\"", buffer_string(&owner.output), output);
	assert_string_equal(buffer_string(&owner.notes), notes);
	owner_free(&owner);
}

#define LOGIN "MAIL FROM: <secret@Relay1>"
#define GO "354 Enter mail, end with \".\" on a line by itself\r\n"

static void
test_arguments(void **state)
{
	(void)state;
	/* the old way: only \" is undone; the new one: \\ too; in any order of the parameters */
	check(LMTP_DIALECT_DLMTP,
	      "LHLO x\r\n" LOGIN " DSPAMPROCESSMODE=\"a \\\"b\\\" C:\\d\"\r\nRCPT TO: <u>\r\nDATA\r\n", GO,
	      "login Relay1\nuser u\ndata a \"b\" C:\\d\n");
	check(LMTP_DIALECT_DLMTP,
	      "LHLO x\r\n" LOGIN " DSPAMPROCESSMODE=\"\\\"\\\\\\\\\\\"\" DSPAMEXTENDED\r\nRCPT TO: <u>\r\nDATA\r\n", GO,
	      "login Relay1\nuser u\nextended \"\\\\\"\n");
	check(LMTP_DIALECT_DLMTP,
	      "LHLO x\r\n" LOGIN " DSPAMEXTENDED SIZE=5 DSPAMPROCESSMODE=\"\\\\\"\r\nRCPT TO: <u>\r\nDATA\r\n", GO,
	      "login Relay1\nuser u\nextended \\\n");
	check(LMTP_DIALECT_DLMTP, "LHLO x\r\n" LOGIN " DSPAMPROCESSMODE=a\r\n",
	      "501 5.5.4 Write DSPAMPROCESSMODE=", "");
	check(LMTP_DIALECT_DLMTP, "LHLO x\r\n" LOGIN " DSPAMPROCESSMODE=\"a\r\n",
	      "501 5.5.4 Write DSPAMPROCESSMODE=", "");
	check(LMTP_DIALECT_DLMTP, "LHLO x\r\n" LOGIN " DSPAMEXTENDED=1\r\n", "501 5.5.4 DSPAMEXTENDED takes no value",
	      "");
	check(LMTP_DIALECT_DLMTP, "LHLO x\r\n" LOGIN " WHAT=1\r\n", "555 5.5.4 ", "");
	check(LMTP_DIALECT_LMTP, "LHLO Relay1\r\nMAIL FROM:<a@b> DSPAMPROCESSMODE=\"a\"\r\n", "555 5.5.4 ", "");
}

static void
test_who_gets_dlmtp(void **state)
{
	(void)state;
	check(LMTP_DIALECT_AUTO, "LHLO Relay1\r\nMAIL FROM:<secret@Relay1>\r\n", "250-DSPAMEXTENDED\r\n",
	      "login Relay1\n");
	check(LMTP_DIALECT_AUTO, "LHLO relay1\r\nMAIL FROM:<secret@Relay1>\r\n", "250 2.1.0 OK\r\n", "");
	check(LMTP_DIALECT_AUTO, "LHLO\r\nMAIL FROM:<secret@Relay1>\r\n", "250 2.1.0 OK\r\n", "");
	check(LMTP_DIALECT_DLMTP, "LHLO who\r\nMAIL FROM:<secret@Relay1>\r\n", "250-DSPAMEXTENDED\r\n",
	      "login Relay1\n");
	/* and again with another name */
	check(LMTP_DIALECT_AUTO, "LHLO Relay1\r\nLHLO x\r\nMAIL FROM:<a@b>\r\n", "250 2.1.0 OK\r\n", "");
}

static void
test_logins(void **state)
{
	(void)state;
	/* between two messages, after RSET, after LHLO */
	check(LMTP_DIALECT_DLMTP,
	      "LHLO x\r\n" LOGIN "\r\nRCPT TO:<u>\r\nDATA\r\na\r\n.\r\nRCPT TO:<u>\r\n" LOGIN
	      "\r\nRSET\r\nDATA\r\n" LOGIN "\r\nLHLO x\r\nRCPT TO:<u>\r\n",
	      "250 2.6.0 Taken\r\n503 5.5.1 Need MAIL FROM here\r\n",
	      "login Relay1\nuser u\ndata \nmessage a\n\nlogin Relay1\nlogin Relay1\n");
	/* a good one in between forgives nothing */
	check(LMTP_DIALECT_DLMTP,
	      "LHLO x\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n" LOGIN "\r\nRSET\r\nMAIL FROM:<a>\r\nNOOP\r\n",
	      "503 5.1.0 Login\r\n250 2.1.0 Login\r\n250 2.0.0 OK\r\n503 5.1.0 Login\r\n",
	      "login b\nlogin b\nlogin Relay1\nlogin \n");
}

#define ASK(more) "LHLO x\r\n" LOGIN " DSPAMPROCESSMODE=\"--stdout" more "\r\nRCPT TO:<u>\r\nRCPT TO:<v>\r\nDATA\r\n"

static void
test_texts(void **state)
{
	const char *seen = "login Relay1\nuser u\nuser v\ndata --stdout\nmessage a\n.\n..\n\n";
	const char *half = "login Relay1\nuser u\nuser v\ndata --stdout --half\nmessage a\n.\n..\n\n";
	const char *more = "login Relay1\nuser u\nuser v\nextended --stdout --half\nmessage a\n.\n..\n\n";

	(void)state;
	check(LMTP_DIALECT_DLMTP, ASK("\"") "a\r\n..\r\n...\r\n.\r\nNOOP\r\n", GO "a\n. \n..\n.\r\n250 2.0.0 OK\r\n",
	      seen);
	check(LMTP_DIALECT_DLMTP, ASK(" --half\"") "a\r\n..\r\n...\r\n.\r\nNOOP\r\n", GO "a\n. \n..\n", half);
	check(LMTP_DIALECT_DLMTP, ASK(" --half\" DSPAMEXTENDED") "a\r\n..\r\n...\r\n.\r\nNOOP\r\n",
	      GO "a\r\n..\r\n...\r\n.\r\n250 2.6.0 Taken\r\n250 2.6.0 Taken\r\n250 2.0.0 OK\r\n", more);
}

static void
check_answer(enum answer_style style, struct span text, struct span expected)
{
	for (size_t at = 0; at <= text.size; at++) {
		struct buffer out = BUFFER_INIT(1000);
		struct span pieces[] = {span_head(text, at), span_skip(text, at)};

		answer_append(style, pieces, 2, &out);
		assert_true(span_equal(buffer_span(&out), expected));
		buffer_free(&out);
	}
}

static void
test_answers(void **state)
{
	(void)state;
	check_answer(ANSWER_PLAIN, SPAN(""), SPAN(""));
	check_answer(ANSWER_PLAIN, SPAN("a"), SPAN("a\n"));
	check_answer(ANSWER_PLAIN, SPAN("."), SPAN(". \n"));
	check_answer(ANSWER_PLAIN, SPAN(".\n.\r\n..\n.a\n.\r.\na.\n"), SPAN(". \n. \r\n..\n.a\n.\r.\na.\n"));
	check_answer(ANSWER_PLAIN, SPAN("\0.\0\nb\0c\n"), SPAN(". \nbc\n"));
	check_answer(ANSWER_STUFFED, SPAN(".\nb\0\n.x"), SPAN("..\r\nb\0\r\n..x\r\n"));
	check_answer(ANSWER_STUFFED, SPAN(""), SPAN(""));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues_in_any_pieces),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_who_gets_dlmtp),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_answers),
	};

	path = argc > 1 ? argv[1] : "";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
