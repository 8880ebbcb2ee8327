/* Spans: comparing, searching, cutting, numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "base/span.h"

static void
test_compare(void **state)
{
	(void)state;
	assert_true(span_equal(SPAN(""), (struct span){NULL, 0}));
	assert_true(span_equal(SPAN("a\0b"), SPAN("a\0b")));
	assert_false(span_equal(SPAN("a\0b"), SPAN("a\0c")));
	assert_true(span_equal_nocase(SPAN("From"), SPAN("fROM")));
	assert_false(span_equal_nocase(SPAN("From"), SPAN("Fro")));
	assert_false(span_equal_nocase(SPAN("\xC4"), SPAN("\xE4"))); /* ASCII letters only */
	assert_false(span_equal_nocase(SPAN("["), SPAN("{")));
	assert_true(span_starts(SPAN("abc"), SPAN("")));
	assert_true(span_starts(SPAN("abc"), SPAN("abc")));
	assert_false(span_starts(SPAN("abc"), SPAN("abcd")));
	assert_true(span_starts_nocase(SPAN("Abc"), SPAN("aB")));
	assert_false(span_starts_nocase((struct span){NULL, 0}, SPAN("a")));
}

static void
test_cut(void **state)
{
	(void)state;
	assert_true(span_equal(span_skip(SPAN("abc"), 1), SPAN("bc")));
	assert_int_equal(span_skip(SPAN("abc"), 3).size, 0);
	assert_int_equal(span_skip(SPAN("abc"), SPAN_NONE).size, 0);
	assert_true(span_equal(span_head(SPAN("abc"), 2), SPAN("ab")));
	assert_true(span_equal(span_head(SPAN("abc"), SPAN_NONE), SPAN("abc")));
	assert_true(span_equal(span_trim(SPAN(" \t\r\na b\v ")), SPAN("a b")));
	assert_int_equal(span_trim(SPAN(" \n ")).size, 0);
	assert_int_equal(span_trim((struct span){NULL, 0}).size, 0);
}

static void
test_find(void **state)
{
	(void)state;
	assert_int_equal(span_find_byte(SPAN("abc"), 'c'), 2);
	assert_int_equal(span_find_byte(SPAN("abc"), 'd'), SPAN_NONE);
	assert_int_equal(span_find_byte((struct span){NULL, 0}, 'd'), SPAN_NONE);
	assert_int_equal(span_find(SPAN("aabaac"), SPAN("aac")), 3);
	assert_int_equal(span_find(SPAN("aa"), SPAN("aac")), SPAN_NONE);
	assert_int_equal(span_find((struct span){NULL, 0}, SPAN("a")), SPAN_NONE);
	assert_int_equal(span_find_nocase(SPAN("xHTTP://"), SPAN("http://")), 1);
	assert_int_equal(span_find_nocase(SPAN("http:/"), SPAN("http://")), SPAN_NONE);
	assert_int_equal(span_find_nocase((struct span){NULL, 0}, SPAN("a")), SPAN_NONE);
}

static void
test_lines(void **state)
{
	struct span rest = SPAN("one\r\n\nlast"), line;

	(void)state;
	assert_true(span_next_line(&rest, &line));
	assert_true(span_equal(line, SPAN("one\r\n")));
	assert_true(span_next_line(&rest, &line));
	assert_true(span_equal(line, SPAN("\n")));
	assert_true(span_next_line(&rest, &line));
	assert_true(span_equal(line, SPAN("last")));
	assert_false(span_next_line(&rest, &line));
	assert_false(span_next_line(&rest, &line));
}

static void
test_words(void **state)
{
	struct span rest = SPAN(" ,one, \0two,"), word;

	(void)state;
	assert_true(span_next_word(&rest, " ,", &word));
	assert_true(span_equal(word, SPAN("one")));
	assert_true(span_next_word(&rest, " ,", &word));
	assert_true(span_equal(word, SPAN("\0two"))); /* NUL is a byte like others */
	assert_false(span_next_word(&rest, " ,", &word));
	assert_false(span_next_word(&rest, " ,", &word));
}

static void
test_fields(void **state)
{
	static const struct {
		struct span text, fields[3];
		size_t count;
	} rows[] = {
		{SPAN(""), {SPAN("")}, 1},
		{SPAN("one"), {SPAN("one")}, 1},
		{SPAN("a,,\0b"), {SPAN("a"), SPAN(""), SPAN("\0b")}, 3},
		{SPAN("a,"), {SPAN("a"), SPAN("")}, 2},
		{SPAN(","), {SPAN(""), SPAN("")}, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span rest = rows[i].text, field;
		for (size_t k = 0; k < rows[i].count; k++) {
			assert_true(span_next_field(&rest, ',', &field));
			assert_true(span_equal(field, rows[i].fields[k]));
		}
		assert_false(span_next_field(&rest, ',', &field));
		assert_false(span_next_field(&rest, ',', &field));
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned long long maximum, number;
		bool right;
	} rows[] = {
		{"0", 0, 0, true},
		{"1", 0, 0, false},
		{"10", 10, 10, true},
		{"11", 10, 0, false},
		{"007", 7, 7, true},
		{"18446744073709551615", 18446744073709551615ULL, 18446744073709551615ULL, true},
		{"18446744073709551616", 18446744073709551615ULL, 0, false},
		{"99999999999999999999999", 18446744073709551615ULL, 0, false},
		{"", 10, 0, false},
		{"-1", 10, 0, false},
		{"+1", 10, 0, false},
		{" 1", 10, 0, false},
		{"1x", 10, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned long long number = 12345;
		print_message("%s\n", rows[i].text);
		assert_int_equal(span_to_number(span_from(rows[i].text), rows[i].maximum, &number), rows[i].right);
		assert_true(number == (rows[i].right ? rows[i].number : 12345));
	}
}

static void
test_ascii(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char byte = (char)c;
		bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
		assert_int_equal(ascii_is_letter(byte), upper || lower);
		assert_int_equal(ascii_is_digit(byte), digit);
		assert_int_equal(ascii_lower(byte), upper ? (char)(c + 32) : byte);
		assert_int_equal(ascii_is_space(byte), c == ' ' || (c >= 9 && c <= 13));
		char text[2] = {byte, '\0'}, *end;
		long value = strtol(text, &end, 16);
		bool hexadecimal = digit || ((c | 32) >= 'a' && (c | 32) <= 'f' && (upper || lower));
		assert_int_equal(ascii_hex(byte), hexadecimal ? value : -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare), cmocka_unit_test(test_cut),   cmocka_unit_test(test_find),
		cmocka_unit_test(test_lines),   cmocka_unit_test(test_words), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
