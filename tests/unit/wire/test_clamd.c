/* What clamd says, in one piece, byte by byte, cut off, and without end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/clamd.h"

#define REPLY(literal)                                                                                                 \
	{                                                                                                              \
		("" literal), sizeof(literal)                                                                          \
	} /* with its NUL */

static const struct {
	struct span reply;
	enum clamd_verdict verdict;
	const char *text;
} replies[] = {
	{REPLY("stream: OK"), CLAMD_CLEAN, "OK"},
	{{"stream: OK\n", 11}, CLAMD_CLEAN, "OK"},
	{REPLY("stream: Test.Eicar.UNOFFICIAL FOUND"), CLAMD_VIRUS, "Test.Eicar.UNOFFICIAL"},
	{REPLY("stream: OK FOUND"), CLAMD_VIRUS, "OK"},
	{REPLY("stream: Two Words FOUND"), CLAMD_VIRUS, "Two Words"},
	{REPLY("stream: Bad\r\x1b[2J\xff FOUND"), CLAMD_VIRUS,
	 "Bad?"
	 "?[2J?"},
	{REPLY("stream:  FOUND"), CLAMD_VIRUS, "without a name"},
	{REPLY("INSTREAM size limit exceeded. ERROR"), CLAMD_TOO_LARGE, "INSTREAM size limit exceeded. ERROR"},
	{REPLY("stream: Can't allocate memory ERROR"), CLAMD_FAILED, "Can't allocate memory ERROR"},
	{REPLY("UNKNOWN COMMAND"), CLAMD_FAILED, "UNKNOWN COMMAND"},
	{REPLY("OK"), CLAMD_FAILED, "OK"},
	{REPLY("stream: OKAY"), CLAMD_FAILED, "OKAY"},
	{REPLY("stream: FOUND OK"), CLAMD_FAILED, "FOUND OK"},
	{REPLY(""), CLAMD_FAILED, "it closed the connection without a reply"},
};

static void
check(const struct clamd_reply *reply, size_t number)
{
	assert_true(reply->complete);
	assert_int_equal(reply->verdict, replies[number].verdict);
	assert_string_equal(reply->text, replies[number].text);
}

static void
reads_each_reply_in_any_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		struct span text = replies[i].reply;
		struct clamd_reply whole = {.size = 0}, bytes = {.size = 0}, ended = {.size = 0};

		assert_true(clamd_reply_push(&whole, text));
		check(&whole, i);
		for (size_t at = 0; at < text.size; at++)
			assert_int_equal(clamd_reply_push(&bytes, span_of(text.data + at, 1)), at + 1 == text.size);
		check(&bytes, i);
		/* the connection ends in place of the NUL */
		assert_false(clamd_reply_push(&ended, span_head(text, text.size - 1)));
		clamd_reply_end(&ended);
		check(&ended, i);
	}
}

static void
a_reply_without_end_is_none(void **state)
{
	static char long_reply[CLAMD_REPLY_MAX + 1];
	struct clamd_reply reply = {.size = 0};

	(void)state;
	memset(long_reply, 'x', sizeof long_reply);
	memcpy(long_reply, "stream: ", 8);
	assert_false(clamd_reply_push(&reply, span_of(long_reply, CLAMD_REPLY_MAX)));
	assert_true(clamd_reply_push(&reply, SPAN(" FOUND")));
	assert_int_equal(reply.verdict, CLAMD_FAILED);
	assert_string_equal(reply.text, "its reply is too long");
}

static void
a_long_name_is_cut(void **state)
{
	char text[400];
	struct clamd_reply reply = {.size = 0};

	(void)state;
	memset(text, 'n', sizeof text);
	memcpy(text, "stream: ", 8);
	memcpy(text + sizeof text - 7, " FOUND", 7);
	assert_true(clamd_reply_push(&reply, span_of(text, sizeof text)));
	assert_int_equal(reply.verdict, CLAMD_VIRUS);
	assert_int_equal(strlen(reply.text), CLAMD_NAME_MAX);
}

static void
what_follows_a_reply_is_nothing(void **state)
{
	struct clamd_reply reply = {.size = 0};

	(void)state;
	assert_true(clamd_reply_push(&reply, span_of("stream: X FOUND\0stream: OK", 27)));
	assert_int_equal(reply.verdict, CLAMD_VIRUS);
	clamd_reply_end(&reply);
	assert_string_equal(reply.text, "X");
}

static void
sizes_are_in_network_order(void **state)
{
	char out[CLAMD_CHUNK_SIZE];

	(void)state;
	clamd_chunk(0x01020304, out);
	assert_memory_equal(out, "\1\2\3\4", 4);
	clamd_chunk(0, out);
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_memory_equal(CLAMD_COMMAND.data, "zINSTREAM", CLAMD_COMMAND.size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_reply_in_any_pieces),
		cmocka_unit_test(a_reply_without_end_is_none),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(what_follows_a_reply_is_nothing),
		cmocka_unit_test(sizes_are_in_network_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
