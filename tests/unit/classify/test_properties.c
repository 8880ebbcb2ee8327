/* What must hold for whatever hits, totals and settings: finite, within bounds, the same again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vectors.h"

static uint64_t seed;

static uint32_t
random_below(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % limit);
}

/* Small numbers, large ones and the ends of the range. */
static uint32_t
random_count(void)
{
	static const uint32_t extremes[] = {0, 1, 4, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
	switch (random_below(4)) {
	case 0:
		return extremes[random_below(7)];
	case 1:
		return random_below(1000000);
	}
	return random_below(30);
}

static struct totals
random_totals(void)
{
	struct totals totals = {.spam_learned = random_count(),
				.innocent_learned = random_count(),
				.spam_classified = random_count(),
				.innocent_classified = random_count()};
	if (random_below(10) == 0)
		totals.spam_learned = INT64_C(1) << 62;
	return totals;
}

static struct method
random_method(void)
{
	return (struct method){
		.pvalue = (enum pvalue)random_below(3),
		.algorithms = 1 + random_below(31),
		.bias = random_below(2) == 0,
		.tum = random_below(2) == 0,
		.sedation = random_below(SEDATION_MAXIMUM + 1),
	};
}

static void
fill(struct sheet *sheet, size_t count, bool one_sided)
{
	static const char *const shapes[] = {"w", "a+w", "Subject*a+#+w", "From*w", "#+w+++#+"};
	for (size_t i = 0; i < count; i++) {
		char text[60];
		snprintf(text, sizeof(text), "%s%zu", shapes[random_below(5)], i);
		struct hits hits = {random_count(), one_sided ? 0 : random_count()};
		sheet_add(sheet, text, hits, 1 + random_below(3));
	}
}

static bool
is_share(double value)
{
	return isfinite(value) && value >= 0 && value <= 1;
}

static void
check_verdict(const struct sheet *sheet, const struct totals *totals, const struct method *method, uint64_t start)
{
	struct verdict verdict;
	struct error error;
	assert_true(verdict_reach(&sheet->evidence, totals, method, &verdict, &error));
	bool sound = is_share(verdict.probability) && is_share(verdict.confidence) && isfinite(verdict.score);
	for (size_t i = 0; i < verdict.factor_count; i++)
		sound = sound && is_share(verdict.factors[i].value) && verdict.factors[i].token < sheet->set.count;
	if (!sound || (method->algorithms & (unsigned)verdict.decided) == 0)
		fail_msg("seed %llu: probability %g confidence %g score %g, decided by %s", (unsigned long long)start,
			 verdict.probability, verdict.confidence, verdict.score, algorithm_name(verdict.decided));
}

static void
test_bounds(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 3000; round++) {
		seed = round * 0x9E3779B97F4A7C15u;
		struct sheet sheet;
		size_t count = 1 + random_below(round % 100 == 0 ? 20000 : 60);
		sheet_open(&sheet, count);
		fill(&sheet, count, random_below(4) == 0);
		struct totals totals = random_totals();
		struct method method = random_method();
		check_verdict(&sheet, &totals, &method, round);
		sheet_close(&sheet);
	}
}

/* Every value is what it should be for all pairs of extremes. */
static void
test_values(void **state)
{
	(void)state;
	seed = 42;
	for (int round = 0; round < 200000; round++) {
		struct totals totals = random_totals();
		struct method method = random_method();
		struct value_rule rule = value_rule(&totals, &method);
		struct hits hits = {random_count(), random_count()}, all = {random_count(), random_count()};
		double value = value_of(&rule, hits, "a+#+c");
		double pattern = value_of_pattern(&rule, hits, all);
		assert_true(value >= 0.0001 && value <= 0.9999);
		assert_true(pattern >= 0.0001 && pattern <= 0.9999);
	}
}

/* Where all tokens differ, the order in which they come changes nothing. */
static void
test_order_matters_for_ties_only(void **state)
{
	(void)state;
	const struct totals totals = {.spam_learned = 100000, .innocent_learned = 100000};
	const struct method method = {.algorithms = ALGORITHM_BURTON};
	struct value_rule rule = value_rule(&totals, &method);
	struct selection first, again;
	struct sheet sheet;
	sheet_open(&sheet, 500);
	for (uint32_t i = 0; i < 500; i++) {
		char text[20];
		snprintf(text, sizeof(text), "w%u", i);
		sheet_add(&sheet, text, (struct hits){30000 + 10 * i, 20000}, 1);
	}
	const double *values = evidence_values(&sheet.evidence, &rule);
	selection_make(&first, &sheet.evidence, values, method.algorithms);
	assert_int_equal(first.count, 27);
	for (seed = 1; seed < 100; seed++) {
		for (uint32_t i = 499; i > 0; i--) {
			uint32_t other = random_below(i + 1), kept = sheet.set.order[i];
			sheet.set.order[i] = sheet.set.order[other];
			sheet.set.order[other] = kept;
		}
		selection_make(&again, &sheet.evidence, values, method.algorithms);
		assert_int_equal(again.count, 27);
		for (size_t i = 0; i < 27; i++)
			assert_int_equal(again.choices[i].token, first.choices[i].token);
	}
	sheet_close(&sheet);
}

/* Of equal tokens the later one comes first where single precision rounds up, as it does for 0.4. */
static void
test_ties(void **state)
{
	(void)state;
	const struct method method = {.algorithms = ALGORITHM_GRAHAM};
	struct value_rule rule = value_rule(&(struct totals){0}, &method);
	struct selection selection;
	struct sheet sheet;
	sheet_open(&sheet, 20);
	for (uint32_t i = 0; i < 20; i++)
		sheet_add(&sheet, "same", (struct hits){0, 0}, 1);
	selection_make(&selection, &sheet.evidence, evidence_values(&sheet.evidence, &rule), method.algorithms);
	assert_int_equal(selection.count, 15);
	for (uint32_t i = 0; i < 15; i++)
		assert_int_equal(selection.choices[i].token, 19 - i);
	sheet_close(&sheet);
}

/* The odds in logarithms agree with the probability wherever that is not rounded away. */
static void
test_chi_square_odds(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 5000; round++) {
		struct member members[200];
		seed = round * 0x9E3779B97F4A7C15u;
		size_t count = 1 + random_below(200);
		for (size_t i = 0; i < count; i++) {
			double value = 0.0001 + random_below(400) * 0.0001;
			members[i] = (struct member){0, random_below(2) == 0 ? value : 1 - value};
		}
		double p = chi_square_probability(members, count);
		double odds = chi_square_log_odds(members, count);
		if (p > 1e-6 && p < 1 - 1e-6 && fabs(odds - log(p / (1 - p))) > 1e-6 * (1 + fabs(odds)))
			fail_msg("round %llu: %g for %g", (unsigned long long)round, odds, p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_order_matters_for_ties_only),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_chi_square_odds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
