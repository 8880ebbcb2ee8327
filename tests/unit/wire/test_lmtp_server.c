#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/lmtp_server.h"

/* An owner that takes every recipient but those that begin with "no", and notes what it was asked. */
struct owner {
	struct lmtp_server *session;
	struct buffer output;
	struct buffer notes;
	size_t writes; /* pieces that the output came in */
	bool closed;
};

static void
owner_open(struct owner *owner, const struct lmtp_server_settings *settings)
{
	*owner = (struct owner){
		.session = lmtp_server_new(settings), .output = BUFFER_INIT(1 << 22), .notes = BUFFER_INIT(1 << 22)};
	lmtp_server_greet(owner->session);
}

static void
owner_close(struct owner *owner)
{
	lmtp_server_free(owner->session);
	buffer_free(&owner->output);
	buffer_free(&owner->notes);
}

static void
owner_recipient(struct owner *owner)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);

	buffer_append_string(&owner->notes, "rcpt ");
	buffer_append_span(&owner->notes, envelope->candidate);
	buffer_append_string(&owner->notes, "\n");
	if (span_starts(envelope->candidate, SPAN("no")))
		lmtp_server_reply(owner->session, 550, "5.1.1", "Unknown");
	else
		lmtp_server_reply(owner->session, 250, "2.1.5", "OK");
}

static void
owner_message(struct owner *owner)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);
	size_t count = envelope->count;
	struct buffer message;

	lmtp_server_take(owner->session, &message);
	buffer_printf(&owner->notes, "message from=%.*s body=%d utf8=%d client=%.*s\n", (int)envelope->sender.size,
		      envelope->sender.data, (int)envelope->body, (int)envelope->international,
		      (int)envelope->client.size, envelope->client.data);
	buffer_append_span(&owner->notes, buffer_span(&message));
	buffer_free(&message);
	buffer_append_string(&owner->notes, "|\n");
	for (size_t i = 0; i < count; i++) {
		char text[100];
		assert_int_equal(lmtp_server_next(owner->session), LMTP_SERVER_WAIT);
		snprintf(text, sizeof text, "<%.*s> accepted", (int)envelope->recipients[i].size,
			 envelope->recipients[i].data);
		lmtp_server_reply(owner->session, 250, "2.6.0", text);
	}
}

static void
owner_run(struct owner *owner)
{
	enum lmtp_server_event event;

	while ((event = lmtp_server_next(owner->session)) != LMTP_SERVER_MORE && event != LMTP_SERVER_CLOSE) {
		assert_int_not_equal(event, LMTP_SERVER_WAIT);
		if (event == LMTP_SERVER_RECIPIENT)
			owner_recipient(owner);
		else
			owner_message(owner);
	}
	owner->closed = event == LMTP_SERVER_CLOSE;
	struct span output = lmtp_server_output(owner->session);
	owner->writes += output.size > 0;
	buffer_append_span(&owner->output, output);
	lmtp_server_written(owner->session, output.size);
}

static void
owner_push(struct owner *owner, struct span bytes)
{
	owner_run(owner);
	while (bytes.size > 0 && !owner->closed) {
		size_t taken = lmtp_server_push(owner->session, bytes);
		assert_true(taken > 0);
		bytes = span_skip(bytes, taken);
		owner_run(owner);
	}
}

static void
owner_expect(struct owner *owner, const char *output, const char *notes)
{
	assert_string_equal(buffer_string(&owner->output), output);
	if (notes != NULL)
		assert_string_equal(buffer_string(&owner->notes), notes);
}

#define GREETING "220 DSPAM LMTP " DSPAM_VERSION " Ready\r\n"
#define HELLO                                                                                                          \
	"250-mx.example\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"              \
	"250 SIZE 1000\r\n"
#define SENDER_OK "250 2.1.0 OK\r\n"
#define RECIPIENT_OK "250 2.1.5 OK\r\n"
#define GO_AHEAD "354 Enter mail, end with \".\" on a line by itself\r\n"
#define BYE "221 2.0.0 OK\r\n"

static struct lmtp_server_settings
small(void)
{
	struct lmtp_server_settings settings = LMTP_SERVER_DEFAULTS;

	settings.ident = "mx.example";
	settings.command = 100;
	settings.recipients = 3;
	settings.message = 1000;
	settings.errors = 5;
	return settings;
}

struct session {
	const char *input;
	const char *output;
	const char *notes;
};

static const struct session sessions[] = {
	{"LHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: "
	 "x\r\n\r\n..dot\r\n"
	 ".\r\nQUIT\r\n",
	 GREETING HELLO SENDER_OK RECIPIENT_OK GO_AHEAD "250 2.6.0 <c@d.example> accepted\r\n" BYE,
	 "rcpt c@d.example\nmessage from=a@b.example body=0 utf8=0 client=client.example\nSubject: x\n\n.dot\n|\n"},
	{"lhlo c\nmail from: <> size=1000 body=8bitmime smtputf8\nrcpt to: <\xC3\xA4@d>\ndata\r\n.\r\nquit\n",
	 GREETING HELLO SENDER_OK RECIPIENT_OK GO_AHEAD "250 2.6.0 <\xC3\xA4@d> accepted\r\n" BYE,
	 "rcpt \xC3\xA4@d\nmessage from= body=1 utf8=1 client=c\n|\n"},
	/* replies in the order of the accepted recipients, duplicates included; a second message follows */
	{"LHLO c\r\nMAIL FROM:<s>\r\nRCPT TO:<b>\r\nRCPT TO:<no>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT "
	 "TO:<d>\r\nDATA\r\n"
	 "1\r\n.\r\nMAIL FROM:<t>\r\nRCPT TO:<e>\r\nDATA\r\n2\r\n.\r\n",
	 GREETING HELLO SENDER_OK RECIPIENT_OK
	 "550 5.1.1 Unknown\r\n" RECIPIENT_OK RECIPIENT_OK "452 4.5.3 Too many recipients\r\n" GO_AHEAD
	 "250 2.6.0 <b> accepted\r\n250 2.6.0 <a> accepted\r\n250 2.6.0 <b> accepted\r\n" SENDER_OK RECIPIENT_OK
		 GO_AHEAD "250 2.6.0 <e> accepted\r\n",
	 "rcpt b\nrcpt no\nrcpt a\nrcpt b\nmessage from=s body=0 utf8=0 client=c\n1\n|\n"
	 "rcpt e\nmessage from=t body=0 utf8=0 client=c\n2\n|\n"},
	/* order of commands */
	{"MAIL FROM:<a>\r\nNOOP x\r\nLHLO\r\nRCPT TO:<a>\r\nDATA\r\nMAIL FROM:<a>\r\nMAIL FROM:<a>\r\nDATA\r\n",
	 GREETING "503 5.5.1 Need LHLO here\r\n250 2.0.0 OK\r\n" HELLO
		  "503 5.5.1 Need MAIL FROM here\r\n503 5.5.1 Need MAIL FROM here\r\n" SENDER_OK
		  "503 5.5.1 Need RCPT TO here\r\n503 5.5.1 Need RCPT TO here\r\n",
	 ""},
	{"LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<no>\r\nDATA\r\nRCPT TO:<b>\r\nMAIL FROM:<x>\r\nRSET\r\nDATA\r\n",
	 GREETING HELLO SENDER_OK "550 5.1.1 Unknown\r\n503 5.5.1 Need RCPT TO here\r\n" RECIPIENT_OK
				  "503 5.5.1 A message is already begun, end it or say RSET\r\n250 2.0.0 OK\r\n"
				  "503 5.5.1 Need MAIL FROM here\r\n",
	 "rcpt no\nrcpt b\n"},
	{"HELO x\r\nEHLO x\r\nFOO\r\n\r\nHELP\r\n",
	 GREETING "500 5.5.1 This is LMTP, begin with LHLO\r\n500 5.5.1 This is LMTP, begin with LHLO\r\n"
		  "500 5.5.2 Command unknown\r\n500 5.5.2 Command unknown\r\n"
		  "214 2.0.0 LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT\r\n",
	 ""},
	{"VRFY a\r\nVRFY\r\nRSET now\r\nQUIT now\r\nQUIT\r\nNOOP\r\n",
	 GREETING "252 2.5.0 Cannot verify, but will take mail and try\r\n501 5.5.4 VRFY needs an address\r\n"
		  "501 5.5.4 This command takes no argument\r\n501 5.5.4 This command takes no argument\r\n" BYE,
	 ""},
	/* parameters */
	{"LHLO c\r\nMAIL FROM:<a> SIZE=x\r\nMAIL FROM:<a> BODY=BINARYMIME\r\nMAIL FROM:<a> SMTPUTF8=1\r\n"
	 "MAIL FROM:<a> SIZE=1 SIZE=1\r\nMAIL FROM:<a> AUTH=<>\r\n",
	 GREETING HELLO
	 "501 5.5.4 SIZE needs a number\r\n501 5.5.4 BODY must be 7BIT or 8BITMIME\r\n"
	 "501 5.5.4 SMTPUTF8 takes no value\r\n501 5.5.4 Parameter given twice\r\n555 5.5.4 Parameter unknown\r\n",
	 ""},
	{"LHLO c\r\nMAIL FROM:<a> SIZE=1001\r\nMAIL FROM:<a> SIZE=1000\r\nRCPT TO:<b> HOLDFOR=1\r\nRCPT TO:<b> "
	 "SIZE=1\r\n",
	 GREETING HELLO "552 5.3.4 Message is larger than the SIZE that was announced\r\n" SENDER_OK
			"555 5.5.4 Parameter unknown\r\n555 5.5.4 Parameter unknown\r\n",
	 ""},
	/* addresses */
	{"LHLO c\r\nMAIL FROM:\r\nMAIL TO:<a>\r\nMAIL FROM:<\xC3\xA4@b>\r\nMAIL FROM:<a>\r\nRCPT TO:<\xC3\xA4@b>\r\n",
	 GREETING HELLO
	 "501 5.1.7 Invalid sender. Use MAIL FROM:<address>\r\n501 5.1.7 Invalid sender. Use MAIL FROM:<address>\r\n"
	 "553 5.6.7 Address is not ASCII, which needs SMTPUTF8\r\n" SENDER_OK
	 "553 5.6.7 Address is not ASCII, which needs SMTPUTF8\r\n",
	 ""},
	{"LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<>\r\nRCPT TO:<-x>\r\nRCPT TO:<@x>\r\nRCPT TO:b\r\nRCPT TO:<@x:b@c>\r\n",
	 GREETING HELLO SENDER_OK
	 "501 5.1.3 Invalid recipient. Use RCPT TO:<address>\r\n501 5.1.3 Invalid recipient. Use RCPT TO:<address>\r\n"
	 "501 5.1.3 Invalid recipient. Use RCPT TO:<address>\r\n501 5.1.3 Invalid recipient. Use "
	 "RCPT TO:<address>\r\n" RECIPIENT_OK,
	 "rcpt b@c\n"},
	{"NO\rOP\r\nNOOP \x7f\r\nNOOP\r\r\nNOOP\ta\r\n",
	 GREETING "500 5.5.2 Control byte in the command line\r\n500 5.5.2 Control byte in the command line\r\n"
		  "500 5.5.2 Control byte in the command line\r\n250 2.0.0 OK\r\n",
	 ""},
	/* what another program might take for the end of the message stays inside it */
	{"LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\n.\nMAIL FROM:<e>\n.\r\nRCPT "
	 "TO:<e>\r.\r\nDATA\r\n.\rQ\r\n.\r\n",
	 GREETING HELLO SENDER_OK RECIPIENT_OK GO_AHEAD "250 2.6.0 <b> accepted\r\n",
	 "rcpt b\nmessage from=a body=0 utf8=0 client=c\nx\n.\nMAIL FROM:<e>\n.\nRCPT TO:<e>\r.\nDATA\n\rQ\n|\n"},
	/* one wrong command too many */
	{"A\r\nB\r\nC\r\nD\r\nE\r\nF\r\nG\r\n",
	 GREETING "500 5.5.2 Command unknown\r\n500 5.5.2 Command unknown\r\n500 5.5.2 Command unknown\r\n"
		  "500 5.5.2 Command unknown\r\n500 5.5.2 Command unknown\r\n"
		  "421 4.7.0 Too many wrong commands, closing the connection\r\n",
	 ""},
	/* LHLO starts anew */
	{"LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nLHLO d\r\nRCPT TO:<b>\r\n",
	 GREETING HELLO SENDER_OK RECIPIENT_OK HELLO "503 5.5.1 Need MAIL FROM here\r\n", "rcpt b\n"},
};

#define SESSIONS (sizeof sessions / sizeof sessions[0])

static void
test_sessions_at_every_split(void **state)
{
	struct lmtp_server_settings settings = small();

	(void)state;
	for (size_t i = 0; i < SESSIONS; i++) {
		struct span input = span_from(sessions[i].input);
		for (size_t split = 0; split <= input.size; split++) {
			struct owner owner;
			owner_open(&owner, &settings);
			owner_push(&owner, span_head(input, split));
			owner_push(&owner, span_skip(input, split));
			owner_expect(&owner, sessions[i].output, sessions[i].notes);
			owner_close(&owner);
		}
	}
}

static void
test_sessions_byte_by_byte(void **state)
{
	struct lmtp_server_settings settings = small();

	(void)state;
	for (size_t i = 0; i < SESSIONS; i++) {
		struct owner owner;
		owner_open(&owner, &settings);
		for (const char *c = sessions[i].input; *c != '\0'; c++)
			owner_push(&owner, span_of(c, 1));
		owner_expect(&owner, sessions[i].output, sessions[i].notes);
		owner_close(&owner);
	}
}

static void
test_batch_is_one_write(void **state)
{
	struct lmtp_server_settings settings = small();
	struct owner owner;

	(void)state;
	owner_open(&owner, &settings);
	owner_push(&owner, SPAN("LHLO c\r\n"));
	owner.writes = 0;
	owner_push(&owner, SPAN("MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\n"));
	assert_int_equal(owner.writes, 1);
	owner_push(&owner, SPAN("x\r\n.\r\nMAIL FROM:<a>\r\nRSET\r\nQUIT\r\n"));
	assert_int_equal(owner.writes, 2);
	assert_true(owner.closed);
	owner_close(&owner);
}

static void
push_repeated(struct owner *owner, char byte, size_t count)
{
	for (size_t i = 0; i < count; i++)
		owner_push(owner, span_of(&byte, 1));
}

static void
test_message_limit(void **state)
{
	struct lmtp_server_settings settings = small();
	static const char wanted[3][60] = {"250 2.6.0 <b> accepted\r\n", "250 2.6.0 <b> accepted\r\n",
					   "552 5.3.4 Message is larger than 1000 bytes\r\n"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct owner owner;
		owner_open(&owner, &settings);
		owner_push(&owner, SPAN("LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"));
		buffer_clear(&owner.output);
		push_repeated(&owner, 'x', 997 + i);
		owner_push(&owner, SPAN("\r\n.\r\nNOOP\r\n"));
		char expected[100];
		snprintf(expected, sizeof expected, "%s250 2.0.0 OK\r\n", wanted[i]);
		owner_expect(&owner, expected, NULL);
		owner_close(&owner);
	}
}

/* A message far beyond the limit costs no memory, every recipient gets its reply, and the session goes on. */
static void
test_message_far_too_large(void **state)
{
	struct lmtp_server_settings settings = small();
	struct owner owner;
	char block[4096];

	(void)state;
	memset(block, 'x', sizeof block);
	owner_open(&owner, &settings);
	owner_push(&owner, SPAN("LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\n"));
	buffer_clear(&owner.output);
	for (int i = 0; i < 100; i++)
		owner_push(&owner, span_of(block, sizeof block));
	owner_push(&owner, SPAN("\r\n.\r\nMAIL FROM:<a>\r\nRCPT TO:<d>\r\nDATA\r\nok\r\n.\r\n"));
	owner_expect(&owner,
		     "552 5.3.4 Message is larger than 1000 bytes\r\n552 5.3.4 Message is larger than 1000 "
		     "bytes\r\n" SENDER_OK RECIPIENT_OK GO_AHEAD "250 2.6.0 <d> accepted\r\n",
		     "rcpt b\nrcpt c\nrcpt d\nmessage from=a body=0 utf8=0 client=c\nok\n|\n");
	owner_close(&owner);
}

static void
test_command_limit(void **state)
{
	struct lmtp_server_settings settings = small();

	(void)state;
	for (size_t size = 99; size <= 101; size++) {
		for (size_t step = 1; step <= 2; step++) {
			struct owner owner;
			char line[102];
			owner_open(&owner, &settings);
			buffer_clear(&owner.output);
			memcpy(line, "NOOP ", 5);
			memset(line + 5, 'x', size - 7);
			memcpy(line + size - 2, "\r\n", 2);
			for (size_t i = 0; i < size; i += step)
				owner_push(&owner, span_head(span_of(line + i, size - i), step));
			owner_push(&owner, SPAN("NOOP\r\n"));
			owner_expect(&owner,
				     size <= 100 ? GREETING "250 2.0.0 OK\r\n250 2.0.0 OK\r\n"
						 : GREETING "500 5.5.2 Command line too long\r\n250 2.0.0 OK\r\n",
				     "");
			owner_close(&owner);
		}
	}
}

static void
test_endless_command_line(void **state)
{
	struct lmtp_server_settings settings = small();
	struct owner owner;
	char block[4096];

	(void)state;
	memset(block, 'x', sizeof block);
	owner_open(&owner, &settings);
	for (int i = 0; i < 100; i++)
		owner_push(&owner, span_of(block, sizeof block));
	owner_push(&owner, SPAN("\r\nQUIT\r\n"));
	owner_expect(&owner, GREETING "500 5.5.2 Command line too long\r\n" BYE, "");
	owner_close(&owner);
}

static void
test_stop(void **state)
{
	struct lmtp_server_settings settings = small();
	struct owner owner;

	(void)state;
	owner_open(&owner, &settings);
	owner_push(&owner, SPAN("LHLO c\r\nMAIL FROM:<a>\r\n"));
	buffer_clear(&owner.output);
	lmtp_server_stop(owner.session, "4.3.2", "Shutting down");
	lmtp_server_stop(owner.session, "4.3.2", "Shutting down");
	owner_push(&owner, SPAN("NOOP\r\n"));
	assert_true(owner.closed);
	owner_expect(&owner, "421 4.3.2 Shutting down\r\n", NULL);
	owner_close(&owner);
}

static void
test_reply_text_is_cleaned_and_cut(void **state)
{
	struct lmtp_server_settings settings = small();
	struct lmtp_server *session = lmtp_server_new(&settings);
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "a\r\n250 b\x80", 9);
	text[sizeof text - 1] = '\0';
	lmtp_server_greet(session);
	lmtp_server_push(session, SPAN("LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\n"));
	assert_int_equal(lmtp_server_next(session), LMTP_SERVER_RECIPIENT);
	lmtp_server_written(session, lmtp_server_output(session).size);
	lmtp_server_reply(session, 451, "4.3.0", text);
	struct span output = lmtp_server_output(session);
	assert_int_equal(output.size, 10 + 400 + 2);
	assert_memory_equal(output.data, "451 4.3.0 a  250 b?xxx", 22);
	assert_int_equal(lmtp_server_envelope(session)->count, 0);
	lmtp_server_free(session);
}

/* While the owner is busy with a message, what the peer sends is kept up to a bound and answered afterwards. */
static void
test_pushing_while_replies_are_owed(void **state)
{
	struct lmtp_server_settings settings = small();
	struct lmtp_server *session = lmtp_server_new(&settings);
	char block[4096];
	size_t taken, total = 0;

	(void)state;
	memset(block, '\n', sizeof block);
	lmtp_server_greet(session);
	lmtp_server_push(session, SPAN("LHLO c\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\n"));
	assert_int_equal(lmtp_server_next(session), LMTP_SERVER_RECIPIENT);
	do {
		taken = lmtp_server_push(session, span_of(block, sizeof block));
		total += taken;
		assert_int_equal(lmtp_server_next(session), LMTP_SERVER_WAIT);
	} while (taken > 0);
	assert_true(total < 32768);
	lmtp_server_reply(session, 250, "2.1.5", "OK");
	assert_int_equal(lmtp_server_next(session), LMTP_SERVER_CLOSE); /* all those empty commands */
	lmtp_server_free(session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_at_every_split),
		cmocka_unit_test(test_sessions_byte_by_byte),
		cmocka_unit_test(test_batch_is_one_write),
		cmocka_unit_test(test_message_limit),
		cmocka_unit_test(test_message_far_too_large),
		cmocka_unit_test(test_command_limit),
		cmocka_unit_test(test_endless_command_line),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_reply_text_is_cleaned_and_cut),
		cmocka_unit_test(test_pushing_while_replies_are_owed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
