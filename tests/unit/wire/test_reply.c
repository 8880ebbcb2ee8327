#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/reply.h"

static const struct {
	const char *input;
	enum reply_status status;
	unsigned int code;
	const char *text;
	size_t rest;
} replies[] = {
	{"250 OK\r\n", REPLY_COMPLETE, 250, "OK\n", 0},
	{"250 OK\n220 x", REPLY_COMPLETE, 250, "OK\n", 5},
	{"250\r\n", REPLY_COMPLETE, 250, "\n", 0},
	{"250-a\r\n250-b\r\n250 c\r\n", REPLY_COMPLETE, 250, "a\nb\nc\n", 0},
	{"250-a\r\n550 c\r\n", REPLY_COMPLETE, 550, "a\nc\n", 0},
	{"250-a\r\n", REPLY_MORE, 250, "a\n", 0},
	{"250 OK", REPLY_MORE, 0, "", 0},
	{"OK\r\n", REPLY_BAD, 0, "", 0},
	{"\r\n", REPLY_BAD, 0, "", 0},
	{"199 x\r\n", REPLY_BAD, 0, "", 0},
	{"600 x\r\n", REPLY_BAD, 0, "", 0},
	{"25x x\r\n", REPLY_BAD, 0, "", 0},
	{"+25 x\r\n", REPLY_BAD, 0, "", 0},
	{"2500 x\r\n", REPLY_BAD, 0, "", 0},
};

static void
check_reply(size_t number, size_t first, size_t step)
{
	struct reply reply = reply_new();
	struct span all = span_from(replies[number].input);
	enum reply_status status = REPLY_MORE;
	size_t used = 0;

	for (size_t take = first; status == REPLY_MORE && used < all.size; take = step) {
		struct span piece = span_head(span_skip(all, used), take);
		size_t before = piece.size;
		status = reply_push(&reply, &piece);
		used += before - piece.size;
	}
	assert_int_equal(status, replies[number].status);
	if (status != REPLY_BAD) {
		assert_int_equal(reply.code, replies[number].code);
		assert_string_equal(buffer_string(&reply.text), replies[number].text);
		assert_int_equal(all.size - used, replies[number].rest);
	}
	reply_free(&reply);
}

static void
test_replies_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		check_reply(i, 1, 1);
		for (size_t split = 1; split <= strlen(replies[i].input); split++)
			check_reply(i, split, SIZE_MAX);
	}
}

static void
test_endless_reply(void **state)
{
	struct reply reply = reply_new();
	enum reply_status status = REPLY_MORE;
	size_t rounds = 0;

	(void)state;
	while (status == REPLY_MORE && rounds++ < 10000) {
		struct span line = rounds % 2 ? SPAN("250-xxxxxxxxxxxxxxxxxxxxx\r\n") : SPAN("250-yyyyyyy\r\n");
		status = reply_push(&reply, &line);
	}
	assert_int_equal(status, REPLY_BAD);
	assert_true(rounds < 10000);
	reply_clear(&reply);
	for (status = REPLY_MORE, rounds = 0; status == REPLY_MORE && rounds < 10000; rounds++) {
		struct span piece = SPAN("250 no end of the line ");
		status = reply_push(&reply, &piece);
	}
	assert_int_equal(status, REPLY_BAD);
	assert_true(reply.line.size <= 4096);
	reply_free(&reply);
}

static void
test_enhanced_codes(void **state)
{
	static const struct {
		unsigned int code;
		const char *text;
		size_t size;
	} table[] = {
		{550, "5.1.1 x", 5},     {550, "5.1.100", 7}, {550, "4.1.1 x", 0}, {550, "5.1 x", 0},
		{550, "5.1.1234 x", 0},  {550, "5..1 x", 0},  {550, "5.1.1x", 0},  {550, "", 0},
		{250, "2.0.0\nmore", 5}, {250, "2.a.0", 0},   {450, "no code", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_int_equal(reply_enhanced(table[i].code, span_from(table[i].text)).size, table[i].size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies_at_every_split),
		cmocka_unit_test(test_endless_reply),
		cmocka_unit_test(test_enhanced_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
