/* Texts of factors: for people as they are read, for headers and logs in ASCII. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "feature/feature.h"
#include "filter/factor_text.h"

static const struct {
	const char *text, *shown, *ascii;
} rows[] = {
	{"plain~!", "plain~!", "plain~!"},
	{"100%", "100%25", "100%25"},
	{"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F", "gr%c3%bc%c3%9f"},
	{"\xE4\xBD\xA0\xF0\x9F\x8E\x81", "\xE4\xBD\xA0\xF0\x9F\x8E\x81", "%e4%bd%a0%f0%9f%8e%81"},
	{"a\nb\x1B[2J\x7F", "a%0ab%1b[2J%7f", "a%0ab%1b[2J%7f"},
	{"gr\xFC\xDF", "gr%fc%df", "gr%fc%df"},                         /* no UTF-8, */
	{"\xC3", "%c3", "%c3"},                                         /* half a character, */
	{"\xC0\xAF\xED\xA0\x80", "%c0%af%ed%a0%80", "%c0%af%ed%a0%80"}, /* too long, a surrogate, */
	{"\xC2\x9B"
	 "2J",
	 "%c2%9b2J", "%c2%9b2J"}, /* control characters, */
	{"\xE2\x80\xAE"
	 "fdp",
	 "%e2%80%aefdp", "%e2%80%aefdp"}, /* and what turns a line around, */
	{"a\xE2\x80\x8B"
	 "b\xE2\x80\xA8",
	 "a%e2%80%8bb%e2%80%a8", "a%e2%80%8bb%e2%80%a8"}, /* is not seen, ends it */
};

static void
test_texts(void **state)
{
	char text[FACTOR_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct factor factor = {.text = rows[i].text};
		factor_text(&factor, text);
		assert_string_equal(text, rows[i].shown);
		factor_text_ascii(&factor, text);
		assert_string_equal(text, rows[i].ascii);
	}
}

static void
test_features(void **state)
{
	const struct feature feature = {.of = SPAN("subject"), .text = SPAN("\xC3\xA4"), .more = SPAN("\xC3\xB6")};
	const struct factor factor = {.feature = &feature};
	char text[FACTOR_TEXT_SIZE];

	(void)state;
	factor_text(&factor, text);
	assert_string_equal(text, "subject*\xC3\xA4+\xC3\xB6");
	factor_text_ascii(&factor, text);
	assert_string_equal(text, "subject*%c3%a4+%c3%b6");
}

/* What is cut is cut between characters. */
static void
test_long_texts(void **state)
{
	char given[4 * FACTOR_TEXT_MAX + 1], text[FACTOR_TEXT_SIZE];

	(void)state;
	for (size_t before = 0; before < 8; before++) {
		const struct factor factor = {.text = given};
		memset(given, 'x', before);
		for (size_t i = before; i + 4 < sizeof given; i += 4)
			memcpy(given + i, "\xF0\x9F\x8E\x81", 5);
		factor_text(&factor, text);
		size_t size = strlen(text);
		assert_in_range(size, FACTOR_TEXT_MAX, FACTOR_TEXT_SIZE - 1);
		assert_int_equal((size - before) % 4, 0);
		assert_memory_equal(text, given, size);
		factor_text_ascii(&factor, text);
		assert_in_range(strlen(text), FACTOR_TEXT_MAX, FACTOR_TEXT_SIZE - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
