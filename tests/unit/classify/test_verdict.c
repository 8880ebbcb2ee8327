/* Verdicts on messages made by hand: who decides, whitelisting, what cannot be judged. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vectors.h"

static const struct totals trained = {.spam_learned = 100, .innocent_learned = 100};
static const struct hits spammy = {50, 0}, hammy = {0, 50}, unknown = {0, 0};

static void
add_many(struct sheet *sheet, const char *stem, struct hits hits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[40];
		snprintf(text, sizeof(text), "%s%zu", stem, i);
		sheet_add(sheet, text, hits, 1);
	}
}

static struct verdict
reach(const struct sheet *sheet, const struct totals *totals, const struct method *method)
{
	struct verdict verdict;
	struct error error;
	assert_true(verdict_reach(&sheet->evidence, totals, method, &verdict, &error));
	return verdict;
}

static void
check_printed(double value, const char *format, const char *expected)
{
	char printed[40];
	snprintf(printed, sizeof(printed), strcmp(format, "4") == 0 ? "%.4f" : "%.2f", value);
	assert_string_equal(printed, expected);
}

static void
test_empty_store(void **state)
{
	(void)state;
	struct sheet sheet;
	sheet_open(&sheet, 100);
	add_many(&sheet, "word", unknown, 40);
	struct verdict verdict = reach(&sheet, &(struct totals){0}, &(struct method){.algorithms = ALGORITHM_GRAHAM});
	assert_false(verdict.spam);
	check_printed(verdict.probability, "4", "0.0023");
	check_printed(verdict.confidence, "2", "1.00");
	assert_int_equal(verdict.factor_count, 15);
	sheet_close(&sheet);
}

static void
test_no_tokens(void **state)
{
	(void)state;
	struct sheet sheet;
	struct verdict verdict;
	struct error error = {0};
	sheet_open(&sheet, 1);
	assert_false(verdict_reach(&sheet.evidence, &trained, &(struct method){.algorithms = ALGORITHM_GRAHAM},
				   &verdict, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.text, "no tokens"));
	sheet_close(&sheet);
}

static void
test_arena_full(void **state)
{
	(void)state;
	struct sheet sheet;
	struct verdict verdict;
	struct error error = {0};
	sheet_open(&sheet, 20000);
	add_many(&sheet, "word", spammy, 20000);
	arena_limit(sheet.arena, arena_size(sheet.arena));
	assert_false(verdict_reach(&sheet.evidence, &trained, &(struct method){.algorithms = ALGORITHM_GRAHAM},
				   &verdict, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.text, "20000"));
	sheet_close(&sheet);
}

/* 15 spammy tokens convince graham; the 12 hammy ones behind them turn burton back only without a majority. */
static void
test_who_decides(void **state)
{
	(void)state;
	struct sheet sheet;
	sheet_open(&sheet, 100);
	add_many(&sheet, "ham", hammy, 13);
	add_many(&sheet, "spam", (struct hits){100, 0}, 14);
	struct method method = {.algorithms = ALGORITHM_GRAHAM | ALGORITHM_BURTON};
	struct verdict verdict = reach(&sheet, &trained, &method);
	assert_true(verdict.spam);
	assert_int_equal(verdict.decided, ALGORITHM_BURTON);
	assert_int_equal(verdict.factor_count, 15); /* graham explains before burton */
	assert_true(verdict.score > 0);

	method.algorithms = ALGORITHM_BURTON | ALGORITHM_NAIVE | ALGORITHM_ROBINSON | ALGORITHM_CHI_SQUARE;
	assert_int_equal(reach(&sheet, &trained, &method).decided, ALGORITHM_BURTON);
	method.algorithms = ALGORITHM_ROBINSON | ALGORITHM_CHI_SQUARE;
	assert_int_equal(reach(&sheet, &trained, &method).decided, ALGORITHM_ROBINSON);
	sheet_close(&sheet);

	sheet_open(&sheet, 100);
	add_many(&sheet, "ham", hammy, 30);
	verdict = reach(&sheet, &trained, &method);
	assert_false(verdict.spam);
	assert_int_equal(verdict.decided, ALGORITHM_ROBINSON);
	assert_int_equal(verdict.factor_count, 30); /* those of chi-square, which comes last */
	assert_true(verdict.score < 0);
	sheet_close(&sheet);
}

/* The original divided 0 by 0 here, and never looked at more than one token. */
static void
test_naive(void **state)
{
	(void)state;
	const struct method method = {.algorithms = ALGORITHM_NAIVE};
	struct sheet sheet;
	sheet_open(&sheet, 10000);
	add_many(&sheet, "ham", hammy, 4000);
	add_many(&sheet, "spam", spammy, 4001);
	struct verdict verdict = reach(&sheet, &trained, &method);
	/* one more: 0.99 against 0.01 */
	assert_true(verdict.spam);
	assert_true(fabs(verdict.probability - 0.99) < 1e-6);
	assert_int_equal(verdict.factor_count, 15);
	add_many(&sheet, "more", hammy, 1);
	verdict = reach(&sheet, &trained, &method);
	assert_false(verdict.spam);
	assert_true(fabs(verdict.probability - 0.5) < 1e-6);
	sheet_close(&sheet);
}

static struct verdict
from_known(uint32_t spam, uint32_t innocent, bool whitelist)
{
	struct sheet sheet;
	sheet_open(&sheet, 100);
	add_many(&sheet, "spam", spammy, 30);
	uint32_t from = sheet_add(&sheet, "From*dave@example.com", (struct hits){spam, innocent}, 1);
	sheet.set.whitelist = sheet.set.tokens[from].id;
	struct verdict verdict = reach(&sheet, &trained,
				       &(struct method){.algorithms = ALGORITHM_GRAHAM | ALGORITHM_BURTON,
							.whitelist = whitelist,
							.whitelist_threshold = WHITELIST_THRESHOLD_DEFAULT});
	sheet_close(&sheet);
	return verdict;
}

static void
test_whitelist(void **state)
{
	(void)state;
	struct verdict verdict = from_known(0, 11, true);
	assert_true(verdict.whitelisted);
	assert_false(verdict.spam);
	check_printed(verdict.probability, "4", "1.0000");
	assert_false(from_known(0, 10, true).whitelisted);
	assert_false(from_known(1, 14, true).whitelisted);
	assert_true(from_known(1, 15, true).whitelisted);
	assert_true(from_known(2, 30, true).whitelisted);
	assert_false(from_known(3, 30, true).whitelisted);
	assert_false(from_known(0, 11, false).whitelisted);
	assert_true(from_known(0, 11, false).spam);
}

/* What noise reduction took out is neither chosen nor counted by the algorithms over all tokens. */
static void
test_taken_out(void **state)
{
	(void)state;
	uint32_t frequency[30] = {0};
	struct sheet sheet;
	sheet_open(&sheet, 100);
	add_many(&sheet, "spam", spammy, 15);
	add_many(&sheet, "ham", hammy, 15);
	for (size_t i = 0; i < 15; i++)
		frequency[i] = 1;
	sheet.evidence.frequency = frequency;
	for (int row = 0; row < ALGORITHM_COUNT; row++) {
		struct method method = {.algorithms = (unsigned)algorithm_table[row].bit};
		struct verdict verdict = reach(&sheet, &trained, &method);
		assert_true(verdict.spam);
		assert_true(verdict.probability > 0.9);
		assert_int_equal(verdict.factor_count, 15);
	}
	sheet_close(&sheet);
}

/* Each more spammy word ranks a message higher, far beyond where the probability stays 1. */
static void
test_score_is_graded(void **state)
{
	(void)state;
	for (int row = 0; row < ALGORITHM_COUNT; row++) {
		struct method method = {.algorithms = (unsigned)algorithm_table[row].bit};
		double last = -INFINITY;
		for (size_t spam = 0; spam <= 60; spam += 5) {
			struct sheet sheet;
			sheet_open(&sheet, 100);
			add_many(&sheet, "spam", (struct hits){40, 0}, spam);
			add_many(&sheet, "ham", (struct hits){0, 40}, 60 - spam);
			struct verdict verdict = reach(&sheet, &trained, &method);
			assert_true(verdict.score > last);
			last = verdict.score;
			sheet_close(&sheet);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_store), cmocka_unit_test(test_no_tokens),
		cmocka_unit_test(test_arena_full),  cmocka_unit_test(test_who_decides),
		cmocka_unit_test(test_naive),       cmocka_unit_test(test_whitelist),
		cmocka_unit_test(test_taken_out),   cmocka_unit_test(test_score_is_graded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
