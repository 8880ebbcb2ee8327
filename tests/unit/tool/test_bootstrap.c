/* Intervals, learning curve and calibration, against cases that can be computed by hand. */
#include "help.h"

#include <math.h>
#include <string.h>

#include "tool/bootstrap.h"
#include "tool/calibration.h"
#include "tool/chance.h"
#include "tool/learning_curve.h"

/* `count` messages, every third spam; every `wrong`th (0: none) is an error. */
static struct figures_list
list_of(size_t count, size_t wrong)
{
	struct figures_list list = {.messages = NULL};
	struct chance chance = {count};

	for (size_t i = 0; i < count; i++) {
		bool spam = i % 3 == 0, called = spam != (wrong > 0 && i % wrong == 0);
		double score = (double)chance_below(&chance, 1000) / 1000.0 + (called ? 0.5 : -0.5);
		figures_add(&list, (struct figures_message){
					   .score = score, .is_spam = spam, .called_spam = called, .probability = 0.5});
	}
	return list;
}

/* The number of errors is binomial: 100 in 1,000 lie in 95 % between 82 and 119, by its deviation of 9.5. */
static void
test_interval_of_errors(void **state)
{
	(void)state;
	struct figures_list list = list_of(1000, 10);
	const struct figures_list *lists[] = {&list};
	struct bootstrap result;

	bootstrap_run(lists, 1, BOOTSTRAP_ROUNDS, 1, &result);
	assert_in_range((long)result.errors.low, 78, 86);
	assert_in_range((long)result.errors.high, 114, 123);
	double area = figures_of(&list).roca;
	assert_true(result.roca.low < area && area < result.roca.high);
	assert_true(result.more_errors.low == 0.0 && result.more_errors.high == 0.0);
	figures_free(&list);
}

static void
test_seeds(void **state)
{
	(void)state;
	struct figures_list list = list_of(500, 7);
	const struct figures_list *lists[] = {&list};
	struct bootstrap first, second, other;

	bootstrap_run(lists, 1, 200, 5, &first);
	bootstrap_run(lists, 1, 200, 5, &second);
	bootstrap_run(lists, 1, 200, 6, &other);
	assert_memory_equal(&first, &second, sizeof first);
	assert_true(first.roca.low != other.roca.low);
	figures_free(&list);
}

/* Both err together but for ten messages: each may be luck, their difference is not. */
static void
test_differences_are_paired(void **state)
{
	(void)state;
	struct figures_list first = list_of(1000, 10), second = list_of(1000, 10);
	const struct figures_list *lists[] = {&first, &second};
	struct bootstrap results[2];

	for (size_t i = 1; i < 101; i += 10)
		second.messages[i].called_spam = !second.messages[i].called_spam;
	bootstrap_run(lists, 2, BOOTSTRAP_ROUNDS, 1, results);
	assert_true(results[0].errors.high > results[1].errors.low);
	assert_true(results[1].more_errors.low >= 3 && results[1].more_errors.high <= 18);
	figures_free(&first);
	figures_free(&second);
}

static void
test_nothing_to_draw(void **state)
{
	(void)state;
	struct figures_list empty = {.messages = NULL}, ham = {.messages = NULL};
	const struct figures_list *lists[] = {&empty};
	struct bootstrap result;

	bootstrap_run(lists, 1, BOOTSTRAP_ROUNDS, 1, &result);
	assert_true(isnan(result.errors.low) && isnan(result.roca.high));
	figures_add(&ham, (struct figures_message){.score = -1.0});
	lists[0] = &ham;
	bootstrap_run(lists, 1, BOOTSTRAP_ROUNDS, 1, &result);
	assert_true(result.errors.low == 0.0 && result.errors.high == 0.0);
	assert_true(isnan(result.roca.low) && isnan(result.roca.high));
	figures_free(&ham);
}

/* A message that counts twice is the same as two alike. */
static void
test_area_of_a_sample(void **state)
{
	(void)state;
	struct figures_list list = {.messages = NULL}, written = {.messages = NULL};
	static const struct figures_message rows[] = {
		{.score = 3, .is_spam = true}, {.score = 1}, {.score = 2}, {.score = 1, .is_spam = true}};
	static const unsigned times[] = {1, 0, 3, 2};

	for (size_t i = 0; i < 4; i++) {
		figures_add(&list, rows[i]);
		for (unsigned j = 0; j < times[i]; j++)
			figures_add(&written, rows[i]);
	}
	size_t *ranking = figures_ranking(&list);
	assert_true(ranking[0] == 0 && ranking[1] == 2 && ranking[2] == 1 && ranking[3] == 3);
	assert_true(fabs(figures_roca(&list, ranking, times) - figures_of(&written).roca) < 1e-9);
	assert_true(fabs(figures_of(&written).roca - 100.0 * 2 / 3) < 1e-9);
	free(ranking);
	figures_free(&list);
	figures_free(&written);
}

static void
test_learning(void **state)
{
	(void)state;
	struct figures_list list = list_of(2500, 100);

	assert_int_equal(learning_errors(&list, 0, 100), 1);
	assert_int_equal(learning_errors(&list, 0, 101), 2);
	assert_int_equal(learning_errors(&list, 0, 99999), 25);
	assert_int_equal(learning_errors(&list, 3000, 4000), 0);
	assert_int_equal(learning_blocks(&list), 3);
	assert_int_equal(learning_block(&list, 0), 10);
	assert_int_equal(learning_block(&list, 2), 5);
	figures_free(&list);
}

static void
add_said(struct figures_list *list, double probability, size_t spam, size_t ham)
{
	for (size_t i = 0; i < spam + ham; i++)
		figures_add(list, (struct figures_message){.is_spam = i < spam, .probability = probability});
}

/* 0.9 ten times with nine spam is right; 0.25 four times with three spam is wrong by a half. */
static void
test_calibration(void **state)
{
	(void)state;
	struct figures_list list = {.messages = NULL};

	assert_true(isnan(calibration_of(&list).error));
	add_said(&list, 0.9, 9, 1);
	struct calibration calibration = calibration_of(&list);
	assert_true(calibration.error < 1e-9);
	add_said(&list, 0.25, 3, 1);
	add_said(&list, NAN, 1, 0); /* not judged */
	add_said(&list, 1.0, 1, 0);
	add_said(&list, 0.0, 0, 1);
	calibration = calibration_of(&list);
	assert_true(fabs(calibration.error - 4 * 0.5 / 16) < 1e-9);
	assert_int_equal(calibration.bins[2].count, 4);
	assert_int_equal(calibration.bins[2].spam, 3);
	assert_int_equal(calibration.bins[9].count, 11);
	assert_int_equal(calibration.bins[0].count, 1);
	assert_true(isnan(calibration.bins[5].mean));
	assert_true(fabs(calibration.bins[9].mean - 10.0 / 11) < 1e-9);
	figures_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval_of_errors),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_differences_are_paired),
		cmocka_unit_test(test_nothing_to_draw),
		cmocka_unit_test(test_area_of_a_sample),
		cmocka_unit_test(test_learning),
		cmocka_unit_test(test_calibration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
