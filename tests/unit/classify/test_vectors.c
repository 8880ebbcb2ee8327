/* The 24 recorded cases of token-values.json: every value, selection and intermediate result. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vectors.h"

static const struct totals totals = {
	.spam_learned = 8, .innocent_learned = 8, .spam_corpusfed = 8, .innocent_corpusfed = 8};

struct recorded {
	const json_t *json;
	char name[100];
	struct method method;
	struct sheet sheet;
	const double *values;
	struct selection selection;
	struct sample sample;
	struct member *members;
	size_t count;
};

static uint32_t
frequency_of(const json_t *json, const char *text)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(json, "burton_selection"), i,
			   row) if (strcmp(json_string_value(json_array_get(row, 0)), text) ==
				    0) return (uint32_t)json_integer_value(json_array_get(row, 2));
	return 1;
}

static void
open_case(struct recorded *recorded, const json_t *json)
{
	*recorded = (struct recorded){.json = json};
	snprintf(recorded->name, sizeof(recorded->name), "%s %s bias %s", vectors_string(json, "tokenizer"),
		 vectors_string(json, "pvalue"), vectors_string(json, "processorBias"));
	struct method *method = &recorded->method;
	assert_true(pvalue_named(span_from(vectors_string(json, "pvalue")), &method->pvalue));
	method->bias = strcmp(vectors_string(json, "processorBias"), "on") == 0;
	method->algorithms = ALGORITHM_GRAHAM | ALGORITHM_BURTON | ALGORITHM_ROBINSON | ALGORITHM_CHI_SQUARE;

	const json_t *rows = json_object_get(json, "token_values");
	sheet_open(&recorded->sheet, json_array_size(rows));
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
	{
		const char *text = json_string_value(json_array_get(row, 0));
		struct hits hits = {(uint32_t)json_integer_value(json_array_get(row, 1)),
				    (uint32_t)json_integer_value(json_array_get(row, 2))};
		sheet_add(&recorded->sheet, text, hits, frequency_of(json, text));
	}
	struct value_rule rule = value_rule(&totals, method);
	recorded->values = evidence_values(&recorded->sheet.evidence, &rule);
	selection_make(&recorded->selection, &recorded->sheet.evidence, recorded->values, method->algorithms);
	recorded->sample =
		(struct sample){&recorded->sheet.evidence, recorded->values, &recorded->selection, method->pvalue};
	recorded->members = arena_calloc(recorded->sheet.arena, algorithm_room(recorded->sheet.set.count),
					 sizeof(*recorded->members));
}

typedef void case_check(struct recorded *recorded);

static void
each_case(case_check *check)
{
	json_t *root = vectors_load("token-values.json");
	const json_t *cases = json_object_get(root, "cases");
	assert_int_equal(json_array_size(cases), 24);
	size_t i;
	json_t *json;
	json_array_foreach(cases, i, json)
	{
		struct recorded recorded;
		open_case(&recorded, json);
		check(&recorded);
		sheet_close(&recorded.sheet);
	}
	json_decref(root);
}

static void
check_digits(const struct recorded *recorded, const char *what, const char *expected, double value)
{
	char printed[40];
	snprintf(printed, sizeof(printed), "%.6f", value);
	if (strcmp(printed, expected) != 0)
		fail_msg("%s: %s: %s instead of %s", recorded->name, what, printed, expected);
}

static void
check_values(struct recorded *recorded)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(recorded->json, "token_values"), i, row)
		check_digits(recorded, json_string_value(json_array_get(row, 0)),
			     json_string_value(json_array_get(row, 3)), recorded->values[i]);
}

static void
check_members(struct recorded *recorded, const char *key)
{
	const json_t *rows = json_object_get(recorded->json, key);
	if (json_array_size(rows) != recorded->count)
		fail_msg("%s: %s: %zu members instead of %zu", recorded->name, key, recorded->count,
			 json_array_size(rows));
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
	{
		const struct member *member = &recorded->members[i];
		const char *text = recorded->sheet.set.tokens[member->token].text;
		const char *expected = json_string_value(json_array_get(row, 0));
		if (strcmp(text, expected) != 0)
			fail_msg("%s: %s: member %zu is %s instead of %s", recorded->name, key, i, text, expected);
		check_digits(recorded, text, json_string_value(json_array_get(row, 1)), member->value);
	}
}

static void
check_line(struct recorded *recorded, size_t at, const char *printed)
{
	const char *expected = json_string_value(json_array_get(json_object_get(recorded->json, "intermediate"), at));
	if (strcmp(printed, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", recorded->name, printed, expected);
}

static void
check_graham(struct recorded *recorded)
{
	char line[200];
	recorded->count = graham_choose(&recorded->sample, recorded->members);
	check_members(recorded, "graham_selection");
	snprintf(line, sizeof(line), "Graham-Bayesian Probability: %f Samples: %zu",
		 graham_probability(recorded->members, recorded->count), recorded->count);
	check_line(recorded, 0, line);
}

static void
check_burton(struct recorded *recorded)
{
	char line[200];
	recorded->count = burton_choose(&recorded->sample, recorded->members);
	check_members(recorded, "burton_selection");
	snprintf(line, sizeof(line), "Burton-Bayesian Probability: %f Samples: %zu",
		 burton_probability(recorded->members, recorded->count), recorded->count);
	check_line(recorded, 1, line);
}

/* Between the two the recorded line has A and B, which the result is made of. */
static void
check_robinson(struct recorded *recorded)
{
	char start[100], end[100];
	recorded->count = robinson_choose(&recorded->sample, recorded->members);
	snprintf(start, sizeof(start), "Robinson's Geometric Confidence: %f (",
		 robinson_probability(recorded->members, recorded->count));
	snprintf(end, sizeof(end), ", Samples: %zu)", recorded->count);
	const char *expected = json_string_value(json_array_get(json_object_get(recorded->json, "intermediate"), 2));
	if (!span_starts(span_from(expected), span_from(start)) || !strstr(expected, end))
		fail_msg("%s: \"%s...%s\" instead of \"%s\"", recorded->name, start, end, expected);
}

static void
check_chi_square(struct recorded *recorded)
{
	char line[200];
	recorded->count = chi_square_choose(&recorded->sample, recorded->members);
	check_members(recorded, "chi_square_used");
	snprintf(line, sizeof(line), "Chi-Square Confidence: %f",
		 chi_square_probability(recorded->members, recorded->count));
	check_line(recorded, 3, line);
}

/* Where a probability is neither 0 nor 1, its odds computed in logarithms say the same. */
static void
check_log_odds(struct recorded *recorded)
{
	for (int row = 0; row < ALGORITHM_COUNT; row++) {
		const struct algorithm *algorithm = &algorithm_table[row];
		recorded->count = algorithm->choose(&recorded->sample, recorded->members);
		double p = algorithm->probability(recorded->members, recorded->count);
		double log_odds = algorithm->log_odds(recorded->members, recorded->count);
		if (p > 1e-4 && p < 1 - 1e-4 && fabs(log_odds - log(p / (1 - p))) > 1e-2)
			fail_msg("%s: %s: %g is not the logarithm of the odds of %g", recorded->name,
				 algorithm_name(algorithm->bit), log_odds, p);
		assert_true(isfinite(log_odds));
	}
}

#define TEST_OF(what)                                                                                                  \
	static void test_##what(void **state)                                                                          \
	{                                                                                                              \
		(void)state;                                                                                           \
		each_case(check_##what);                                                                               \
	}
TEST_OF(values)
TEST_OF(graham)
TEST_OF(burton)
TEST_OF(robinson)
TEST_OF(chi_square)
TEST_OF(log_odds)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),   cmocka_unit_test(test_graham),     cmocka_unit_test(test_burton),
		cmocka_unit_test(test_robinson), cmocka_unit_test(test_chi_square), cmocka_unit_test(test_log_odds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
