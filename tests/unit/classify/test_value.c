/* Token values by hand: the worked examples of the original's description, sedation, markov, names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "classify/value.h"

static const struct totals eight = {.spam_learned = 8, .innocent_learned = 8};

static void
expect(double value, double expected)
{
	if (fabs(value - expected) > 1e-12)
		fail_msg("%.15g instead of %.15g", value, expected);
}

static double
value(const struct totals *totals, const struct method *method, uint32_t spam, uint32_t innocent, const char *text)
{
	struct value_rule rule = value_rule(totals, method);
	return value_of(&rule, (struct hits){spam, innocent}, text);
}

static void
test_bcr(void **state)
{
	(void)state;
	const struct method method = {.pvalue = PVALUE_BCR, .bias = true};
	expect(value(&eight, &method, 4, 8, "x"), 0.2);
	expect(value(&eight, &method, 0, 8, "x"), 0.01);
	expect(value(&eight, &method, 8, 0, "x"), 0.99);
	expect(value(&eight, &method, 4, 0, "x"), 0.4);
	expect(value(&eight, &method, 0, 0, "x"), 0.4);
	/* three hits in ham weigh six */
	expect(value(&eight, &method, 0, 3, "x"), 0.01);
	expect(value(&eight, &(struct method){.pvalue = PVALUE_BCR}, 0, 3, "x"), 0.4);
}

/* In a large store tokens of one kind of mail go beyond 0.01 and 0.99, down to the clamp. */
static void
test_bcr_large(void **state)
{
	(void)state;
	const struct totals totals = {.spam_learned = 1000, .innocent_learned = 1000};
	const struct method method = {.pvalue = PVALUE_BCR};
	expect(value(&totals, &method, 0, 500, "x"), 1.0 / 501);
	expect(value(&totals, &method, 500, 0, "x"), 500.0 / 501);
	const struct totals huge = {.spam_learned = 1000000, .innocent_learned = 1000000};
	expect(value(&huge, &method, 0, 1000000, "x"), 0.0001);
	expect(value(&huge, &method, 1000000, 0, "x"), 0.9999);
}

static void
test_untrained(void **state)
{
	(void)state;
	const struct totals spam_only = {.spam_learned = 50};
	const struct method method = {.pvalue = PVALUE_BCR};
	expect(value(&spam_only, &method, 50, 0, "x"), 0.99);
	expect(value(&spam_only, &method, 0, 50, "x"), 0.01);
	expect(value(&spam_only, &method, 50, 50, "x"), 0.4);
}

static void
test_robinson(void **state)
{
	(void)state;
	const struct method method = {.pvalue = PVALUE_ROBINSON, .bias = true};
	expect(value(&eight, &method, 0, 0, "x"), 0.5);
	expect(value(&eight, &method, 0, 8, "x"), (0.05 + 8 * 0.01) / 8.1);
	expect(value(&eight, &method, 4, 0, "x"), (0.05 + 4 * 0.4) / 4.1);
}

static void
test_markov(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double weight;
	} rows[] = {
		{"a", 1},         {"a+b", 4},           {"a+b+c", 16},      {"a+#+c", 4},      {"a+b+c+d", 64},
		{"a+#+c+d", 16},  {"a+#+#+d", 4},       {"a+b+c+d+e", 256}, {"a+b+#+d+e", 64}, {"a+#+c+#+e", 16},
		{"a+#+#+#+e", 4}, {"Subject*a+#+c", 4}, {"a+b+c+d+e+f", 1}, {"#+#", 1},        {"a++b", 4},
	};
	const struct method plain = {.pvalue = PVALUE_MARKOV}, bias = {.pvalue = PVALUE_MARKOV, .bias = true};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect(value(&eight, &plain, 7, 2, rows[i].text), 0.5 + rows[i].weight * 5 / (16.0 * 10 * 256));
		expect(value(&eight, &bias, 7, 2, rows[i].text), 0.49 + rows[i].weight * 3 / (16.0 * 12 * 256));
	}
	expect(value(&eight, &bias, 0, 0, "a+b"), 0.49);
	expect(value(&eight, &bias, 9, 0, "From*a+b"), 0.5);
	expect(value(&eight, &bias, 9, 0, "bnr.s|0.00_0.00_0.40_"), 0.5);
	expect(value(&eight, &bias, 9, 0, ""), 0.5);
}

/* How many hits a token needs, found by trying. */
static uint32_t
hits_needed(const struct totals *totals, unsigned sedation, bool tum)
{
	const struct method method = {.pvalue = PVALUE_BCR, .sedation = sedation, .tum = tum};
	uint32_t hits = 1;
	while (hits < 1000 && value(totals, &method, hits, 0, "x") < 0.5)
		hits++;
	return hits;
}

static void
test_sedation(void **state)
{
	(void)state;
	const struct totals young = {
		.spam_learned = 800, .spam_classified = 100, .innocent_learned = 400, .innocent_classified = 50};
	assert_int_equal(hits_needed(&young, 0, false), 5);
	assert_int_equal(hits_needed(&young, 5, false), 5 + 2 + 5 * 2); /* (900 - 450) / 200 = 2 */
	assert_int_equal(hits_needed(&young, 10, false), 5 + 5 + 10 * 2);
	assert_int_equal(hits_needed(&young, 10, true), 20);
	const struct totals middle = {.spam_learned = 3000, .innocent_learned = 1000};
	assert_int_equal(hits_needed(&middle, 5, false), 5 + 2 + 18); /* 5 * 75 / 20 = 18.75 */
	const struct totals ham = {.spam_learned = 400, .innocent_learned = 800};
	assert_int_equal(hits_needed(&ham, 10, false), 5);
	const struct totals old = {.spam_learned = 9000, .innocent_learned = 2500};
	assert_int_equal(hits_needed(&old, 10, false), 5);
}

static void
test_names(void **state)
{
	(void)state;
	enum pvalue pvalue;
	enum algorithm_bit algorithm;
	assert_true(pvalue_named(SPAN("Graham"), &pvalue));
	assert_int_equal(pvalue, PVALUE_BCR);
	assert_true(pvalue_named(SPAN("markov"), &pvalue));
	assert_string_equal(pvalue_name(pvalue), "markov");
	assert_string_equal(pvalue_name(PVALUE_BCR), "bcr");
	assert_false(pvalue_named(SPAN("chi-square"), &pvalue));
	assert_true(algorithm_named(SPAN("CHI-SQUARE"), &algorithm));
	assert_string_equal(algorithm_name(algorithm), "chi-square");
	assert_false(algorithm_named(SPAN("graham burton"), &algorithm));
	assert_false(algorithm_named(SPAN(""), &algorithm));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bcr),      cmocka_unit_test(test_bcr_large), cmocka_unit_test(test_untrained),
		cmocka_unit_test(test_robinson), cmocka_unit_test(test_markov),    cmocka_unit_test(test_sedation),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
