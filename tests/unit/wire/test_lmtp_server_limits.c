/* Limits of the LMTP server: messages, commands, replies, and what waits. */
#include "lmtp_owner.h"

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
		cmocka_unit_test(test_message_limit),
		cmocka_unit_test(test_message_far_too_large),
		cmocka_unit_test(test_command_limit),
		cmocka_unit_test(test_endless_command_line),
		cmocka_unit_test(test_reply_text_is_cleaned_and_cut),
		cmocka_unit_test(test_pushing_while_replies_are_owed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
