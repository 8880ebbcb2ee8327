/* Header values as a person reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/header_text.h"

static const struct {
	const char *in, *wanted;
	size_t maximum; /* 0: 255 */
} rows[] = {
	{"", "", 0},
	{"  plain  ", "plain", 0},
	{"folded\r\n value\r\n\tand more\r\n", "folded value and more", 0},
	{"=?UTF-8?Q?J=C3=BCrgen_Sample?= <j@example.net>", "J\xC3\xBCrgen Sample <j@example.net>", 0},
	{"=?utf-8?B?UsOpdW5pb24gZGVtYWlu?= and more", "R\xC3\xA9union demain and more", 0},
	{"=?iso-8859-1?q?caf=E9?= =?ISO-8859-15*fr?Q?_10_=A4?=", "caf\xC3\xA9 10 \xE2\x82\xAC", 0},
	/* one character in two words */
	{"=?utf-8?q?a=C3?=\r\n =?utf-8?q?=BCb?=",
	 "a\xC3\xBC"
	 "b",
	 0},
	{"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", 0},
	{"=?shift_jis?b?k/qWew==?=", "\xE6\x97\xA5\xE6\x9C\xAC", 0},
	/* what is no encoded word stays */
	{"=?utf-8?q?no end", "=?utf-8?q?no end", 0},
	{"=?utf-8?x?odd?= =?", "=?utf-8?x?odd?= =?", 0},
	{"=?../../lib?q?a?=", "=?../../lib?q?a?=", 0},
	{"=?no-such-set?q?a=FFb?=",
	 "a\xC3\xBF"
	 "b",
	 0},
	/* bytes that are no UTF-8, and control bytes */
	{"caf\xE9", "caf\xC3\xA9", 0},
	{"\xC3\xBC\xED\xA0\x80", "\xC3\xBC\xC3\xAD\xC2\xA0", 0},
	{"a\tb\x01"
	 "c\x7F"
	 "d",
	 "a b c d", 0},
	{"=?utf-8?q?a=0Ab=09c=C2=85d?=", "a b c d", 0},
	{"=?us-ascii?q?a=FF?=", "a\xEF\xBF\xBD", 0},
	/* cut between two characters */
	{"abc\xC3\xBC", "abc", 4},
	{"abc\xC3\xBC", "abc\xC3\xBC", 5},
	{"=?utf-8?q?abc=C3=BCd?=", "abc", 4},
};

static void
reads_as_a_person_does(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *out =
			header_text(arena, span_from(rows[i].in), rows[i].maximum > 0 ? rows[i].maximum : 255);
		assert_non_null(out);
		assert_string_equal(out, rows[i].wanted);
	}
	arena_free(arena);
}

static void
a_long_value_has_a_bound(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	char *value = malloc(100000);

	(void)state;
	memset(value, 'x', 100000);
	assert_int_equal(strlen(header_text(arena, span_of(value, 100000), 255)), 255);
	for (size_t i = 0; i + 18 < 100000; i += 18)
		memcpy(value + i, "=?utf-8?q?=C3=BC?= ", 18);
	assert_int_equal(strlen(header_text(arena, span_of(value, 100000), 255)), 254);
	free(value);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_a_person_does),
		cmocka_unit_test(a_long_value_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
