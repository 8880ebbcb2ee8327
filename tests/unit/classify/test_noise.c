/* Noise reduction by hand: patterns of a text, and what they take out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/crc64.h"
#include "classify/noise.h"
#include "vectors.h"

static const struct totals mature = {.spam_learned = 3000, .innocent_learned = 3000};
static const struct method bcr = {.pvalue = PVALUE_BCR};

/* Three words, "good bad new bad", and the pair "good+bad" twice. */
struct text {
	struct sheet sheet;
	struct noise noise;
	double values[4];
};

enum { GOOD, BAD, NEW, PAIR };

static uint32_t words[] = {GOOD, BAD, NEW, BAD};
static uint32_t pairs[] = {PAIR, PAIR};

static void
open_text(struct text *text)
{
	sheet_open(&text->sheet, 4);
	sheet_add(&text->sheet, "good", (struct hits){0, 0}, 1);
	sheet_add(&text->sheet, "bad", (struct hits){0, 0}, 2);
	sheet_add(&text->sheet, "new", (struct hits){0, 0}, 1);
	sheet_add(&text->sheet, "good+bad", (struct hits){0, 0}, 2);
	memcpy(text->values, (double[]){0.01, 0.9999, 0.4, 0.26}, sizeof(text->values));
	struct token_set *set = &text->sheet.set;
	set->words = words;
	set->word_count = 4;
	set->pairs = pairs;
	set->pair_count = 2;
	assert_true(noise_list(&text->noise, set, text->values));
}

static void
test_patterns(void **state)
{
	(void)state;
	static const char *const expected[] = {
		"bnr.t|",
		"bnr.s|0.00_0.00_0.05_",
		"bnr.s|0.00_0.05_1.00_",
		"bnr.s|0.05_1.00_0.40_",
		"bnr.s|1.00_0.40_1.00_",
		"bnr.c|0.00_0.00_0.30_",
		"bnr.c|0.00_0.30_0.30_",
	};
	struct text text;
	open_text(&text);
	assert_int_equal(text.noise.count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(text.noise.patterns[i].text, expected[i]);
		assert_int_equal(text.noise.patterns[i].id, crc64(0, span_from(expected[i])));
	}
	sheet_close(&text.sheet);
}

/* A pattern that recurs is listed once. */
static void
test_repetition(void **state)
{
	(void)state;
	struct sheet sheet;
	struct noise noise;
	static uint32_t many[100000];
	const double value = 0.4;
	sheet_open(&sheet, 1);
	sheet_add(&sheet, "word", (struct hits){0, 0}, 100000);
	sheet.set.words = many;
	sheet.set.word_count = 100000;
	assert_true(noise_list(&noise, &sheet.set, &value));
	assert_int_equal(noise.count, 4);
	assert_string_equal(noise.patterns[3].text, "bnr.s|0.40_0.40_0.40_");
	assert_int_equal(noise.word_patterns[99999], 3);
	sheet_close(&sheet);
}

static void
test_elimination(void **state)
{
	(void)state;
	struct text text;
	open_text(&text);
	struct value_rule rule = value_rule(&mature, &bcr);
	struct hits hits[7] = {{1000, 1000}};
	/* "good bad new" is a pattern of spam: good and new do not belong there */
	hits[3] = (struct hits){900, 100};
	const uint32_t *frequency = noise_apply(&text.noise, hits, text.values, &rule);
	assert_non_null(frequency);
	assert_int_equal(frequency[GOOD], 0);
	assert_int_equal(frequency[BAD], 2);
	assert_int_equal(frequency[NEW], 0);
	assert_int_equal(frequency[PAIR], 2);
	/* "bad new bad" is a pattern of ham: bad occurs in it twice; new is near enough */
	hits[3] = (struct hits){0, 0};
	hits[4] = (struct hits){10, 100};
	frequency = noise_apply(&text.noise, hits, text.values, &rule);
	assert_int_equal(frequency[GOOD], 1);
	assert_int_equal(frequency[BAD], 0);
	assert_int_equal(frequency[NEW], 1);
	/* the set itself stays as it was */
	assert_int_equal(text.sheet.set.tokens[BAD].frequency, 2);
	sheet_close(&text.sheet);
}

/* Patterns that say little, and all of them under markov, take nothing out. */
static void
test_no_elimination(void **state)
{
	(void)state;
	struct text text;
	open_text(&text);
	struct hits hits[7] = {{1000, 1000}};
	for (size_t i = 1; i < 7; i++)
		hits[i] = (struct hits){75, 25}; /* exactly 0.25 from the middle */
	struct value_rule rule = value_rule(&mature, &bcr);
	const uint32_t *frequency = noise_apply(&text.noise, hits, text.values, &rule);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(frequency[i], text.sheet.set.tokens[i].frequency);
	for (size_t i = 1; i < 7; i++)
		hits[i] = (struct hits){900, 1};
	rule = value_rule(&mature, &(struct method){.pvalue = PVALUE_MARKOV});
	frequency = noise_apply(&text.noise, hits, text.values, &rule);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(frequency[i], text.sheet.set.tokens[i].frequency);
	sheet_close(&text.sheet);
}

static void
test_pattern_values(void **state)
{
	(void)state;
	const struct hits all = {1000, 500};
	struct value_rule rule = value_rule(&mature, &bcr);
	assert_true(value_of_pattern(&rule, (struct hits){100, 100}, all) == 0.1 / (0.1 + 0.2));
	assert_true(value_of_pattern(&rule, (struct hits){1, 0}, all) == 0.99);
	assert_true(value_of_pattern(&rule, (struct hits){0, 1}, all) == 0.01);
	assert_true(value_of_pattern(&rule, (struct hits){0, 0}, all) == 0.4);
	rule = value_rule(&mature, &(struct method){.pvalue = PVALUE_BCR, .sedation = 4});
	assert_true(value_of_pattern(&rule, (struct hits){3, 0}, all) == 0.4);
	assert_true(value_of_pattern(&rule, (struct hits){4, 0}, all) == 0.99);
}

static void
test_maturity(void **state)
{
	(void)state;
	static const struct {
		int64_t innocent;
		bool written, kept, applied;
	} rows[] = {
		{0, false, false, false},   {500, false, false, false}, {501, true, false, false},
		{1000, true, false, false}, {1001, true, true, false},  {2500, true, true, false},
		{2501, true, true, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct totals totals = {.spam_learned = 9000,
					.innocent_learned = rows[i].innocent / 2,
					.innocent_classified = rows[i].innocent - rows[i].innocent / 2};
		assert_int_equal(noise_is_written(&totals), rows[i].written);
		assert_int_equal(noise_is_kept(&totals), rows[i].kept);
		assert_int_equal(noise_is_applied(&totals), rows[i].applied);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),       cmocka_unit_test(test_repetition),
		cmocka_unit_test(test_elimination),    cmocka_unit_test(test_no_elimination),
		cmocka_unit_test(test_pattern_values), cmocka_unit_test(test_maturity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
