/* The arithmetic of the adaptive classifier. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classify/adaptive.h"

enum { ROWS = 60 };

static void
make_rows(struct adaptive_row *rows)
{
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct adaptive_row){.view = (uint8_t)(i % ADAPTIVE_VIEWS)};
}

/* Nothing is known: no opinion, and it says so. */
static void
test_empty(void **state)
{
	struct adaptive_row rows[ROWS];
	struct adaptive_lessons lessons = {0};

	(void)state;
	make_rows(rows);
	struct adaptive_score score = adaptive_judge(rows, ROWS, &lessons);
	assert_true(score.shown == 0 && score.learning == 0);
	assert_true(score.probability > 0.35 && score.probability < 0.5);
	score = adaptive_judge(rows, 0, &lessons);
	assert_true(score.shown == 0 && isfinite(score.probability));
	assert_true(adaptive_learn(rows, 0, &lessons, &score, true, false));
}

/* The same message again and again: each lesson moves it, none beyond the limit, and then there is no more to learn. */
static void
test_lessons(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct adaptive_row rows[ROWS];
		struct adaptive_lessons lessons = {0};
		unsigned count = 0;
		double last = 0;
		make_rows(rows);
		for (;; count++) {
			struct adaptive_score score = adaptive_judge(rows, ROWS, &lessons);
			double toward = spam ? score.learning : -score.learning;
			assert_true(count == 0 || toward > last);
			last = toward;
			if (!adaptive_learn(rows, ROWS, &lessons, &score, spam, false))
				break;
			assert_true(count < 100);
		}
		assert_true(last > 3 && last < 4.5);
		assert_int_equal(spam ? lessons.spam : lessons.innocent, count);
		assert_int_equal(spam ? lessons.innocent : lessons.spam, 0);
	}
}

/* A label against a certain score moves little and is not counted, but of the user's own word it is. */
static void
test_odd_labels(void **state)
{
	struct adaptive_row rows[ROWS], taught[ROWS];
	struct adaptive_lessons lessons = {0};

	(void)state;
	make_rows(rows);
	for (struct adaptive_score score = adaptive_judge(rows, ROWS, &lessons);
	     adaptive_learn(rows, ROWS, &lessons, &score, true, false); score = adaptive_judge(rows, ROWS, &lessons))
		continue;
	struct adaptive_score before = adaptive_judge(rows, ROWS, &lessons);
	for (int certain = 0; certain < 2; certain++) {
		struct adaptive_lessons copy = lessons;
		for (size_t i = 0; i < ROWS; i++)
			taught[i] = rows[i];
		assert_true(adaptive_learn(taught, ROWS, &copy, &before, false, certain));
		assert_int_equal(copy.innocent, certain);
		assert_int_equal(taught[0].innocent, certain);
		double moved = before.learning - adaptive_judge(taught, ROWS, &copy).learning;
		assert_true(certain ? moved > 0.5 : moved > 0 && moved < 1.5);
	}
}

/* What is explained adds up, also where innocent content reaches its limit. */
static void
test_shares(void **state)
{
	(void)state;
	for (int innocent = 0; innocent < 2; innocent++) {
		struct adaptive_row rows[ROWS];
		struct adaptive_lessons lessons = {20, 20};
		double sum = 0;
		make_rows(rows);
		for (size_t i = 0; i < ROWS; i++) {
			rows[i].weight = (innocent ? -1 : 1) * (0.1 + 0.02 * (double)i);
			rows[i].spam = (uint32_t)(i % 7);
			rows[i].innocent = (uint32_t)(i % 5);
		}
		struct adaptive_score score = adaptive_judge(rows, ROWS, &lessons);
		for (size_t i = 0; i < ROWS; i++)
			sum += adaptive_share(&rows[i], &lessons, &score);
		assert_true(fabs(sum - score.shown) < 1e-9);
		assert_true(innocent ? score.shown > score.learning : score.shown == score.learning);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_lessons),
		cmocka_unit_test(test_odd_labels),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
