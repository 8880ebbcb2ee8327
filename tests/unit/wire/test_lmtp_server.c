/* Sessions of the LMTP server: every command, in any order, in pieces of any size. */
#include "lmtp_owner.h"

#define HELLO                                                                                                          \
	"250-mx.example\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"              \
	"250 SIZE 1000\r\n"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_at_every_split),
		cmocka_unit_test(test_sessions_byte_by_byte),
		cmocka_unit_test(test_batch_is_one_write),
		cmocka_unit_test(test_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
