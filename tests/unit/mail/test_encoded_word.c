/* Header values with encoded words (tokenizer 2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/encoded_word.h"

static void
test_rows(void **state)
{
	static const struct {
		const char *in, *wanted;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"folded\n value", "folded\n value"},
		{"=?UTF-8?Q?J=C3=BCrgen_Sample?= <juergen@example.net>", "J\xC3\xBCrgen_Sample"},
		{"=?utf-8?B?UsOpdW5pb24gZGVtYWlu?= and more", "R\xC3\xA9union demain\n"},
		{"before =?a?q?word?= behind =?a?q?second?=", "before word"},
		{"=?a?b?d29yZA==?=", "word\n"},
		{"=?a?Q?x\n =41?=", "xA"},
		{"one\n  two\n\t=?a?q?x?=", "onetwox"},
		{"one\r\n two =?a?q?x?=", "one\rtwo x"},
		{"=?a?q?no end", "no end"},
		{"=?a?q?=41=42", "AB"},
		{"=?a?q?x=00y?=z", "x"},
		{"=?a?b?eAB5?=z", "x\n"},
		/* no encoded word: as received, folds and all */
		{"=?", "=?"},
		{"=?a", "=?a"},
		{"=?a?", "=?a?"},
		{"=?a?q", "=?a?q"},
		{"=?a?q?", "=?a?q?"},
		{"=?a?x?word?=\n fold", "=?a?x?word?=\n fold"},
		{"why=?\n because", "why=?\n because"},
	};
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool full = false;
		struct span out = encoded_word_flatten(arena, span_from(rows[i].in), &full);
		assert_false(full);
		if (!span_equal(out, span_from(rows[i].wanted)))
			fail_msg("\"%s\" gives \"%.*s\", wanted \"%s\"", rows[i].in, (int)out.size, out.data,
				 rows[i].wanted);
	}
	arena_free(arena);
}

/* Without room it says so; a value without encoded words needs none. */
static void
test_full(void **state)
{
	struct arena *arena = arena_new(0);
	bool full = false;

	(void)state;
	encoded_word_flatten(arena, SPAN("plain"), &full);
	assert_false(full);
	encoded_word_flatten(arena, SPAN("=?a?q?x?="), &full);
	assert_true(full);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_full)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
