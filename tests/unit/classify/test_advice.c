/* An advice: its kinds, what each is worth at first, and how that is learned, undone and lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "classify/adaptive.h"
#include "classify/advice.h"

enum { ADVICE_VIEW = 3, ROWS = 31 };

static unsigned
kind_of(bool spam, double confidence)
{
	const struct verdict verdict = {.spam = spam, .confidence = confidence};

	return advice_kind(&verdict);
}

static struct adaptive_row
advice(unsigned kind)
{
	return (struct adaptive_row){.id = 1 + kind, .view = ADVICE_VIEW, .start = advice_start(kind)};
}

static struct adaptive_score
judge(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons)
{
	return adaptive_judge(rows, count, lessons);
}

static void
test_kinds(void **state)
{
	(void)state;
	assert_int_equal(kind_of(false, 0), 0);
	assert_int_equal(kind_of(false, 0.59), 0);
	assert_int_equal(kind_of(false, 0.6), 1);
	assert_int_equal(kind_of(false, 0.8), 2);
	assert_int_equal(kind_of(false, 1), 3);
	assert_int_equal(kind_of(true, 0.2), 4);
	assert_int_equal(kind_of(true, 0.75), 6);
	assert_int_equal(kind_of(true, 0.95), 7);
	assert_int_equal(kind_of(true, (double)NAN), 4);
	for (unsigned a = 0; a < ADVICE_KINDS; a++)
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(advice_name(a), advice_name(b));
}

/* On the first day all is as it was: who called it spam has it called spam, and nothing else is. */
static void
test_first_day(void **state)
{
	const struct adaptive_lessons none = {0};

	(void)state;
	for (unsigned kind = 0; kind < ADVICE_KINDS; kind++) {
		struct adaptive_row row = advice(kind);
		struct adaptive_score score = judge(&row, 1, &none);
		double before = kind % 4 == 0 ? 0 : fabs((double)advice_start(kind - 1));
		assert_true(kind < 4 ? score.shown <= 0 : score.probability > 0.874);
		assert_true(fabs((double)row.start) >= before);
		assert_true(fabs(adaptive_share(&row, &none, &score) - score.shown) < 1e-9);
		/* sure of what it says, but not so that the user's word would not be believed */
		assert_true(fabs(score.learning) < 2.5);
	}
}

/* A row that was never learned says what these odds are, and its view has no error then. */
static void
test_start(void **state)
{
	const struct adaptive_lessons none = {0};

	(void)state;
	for (double odds = -4.5; odds <= 4.5; odds += 0.5) {
		struct adaptive_row row = {.id = 1, .view = ADVICE_VIEW, .start = adaptive_start(odds)};
		struct adaptive_score score = judge(&row, 1, &none);
		assert_true(fabs(1.25 * score.view[ADVICE_VIEW] - odds) < 2e-3);
		assert_true(fabs(2.3 * score.shown - odds) < 2e-3);
	}
	assert_true(adaptive_start(INFINITY) > 0 && adaptive_start(-INFINITY) < 0);
}

/* What is remembered is the difference: nothing, when a lesson has been taken back. */
static void
test_difference(void **state)
{
	struct adaptive_lessons lessons = {0};
	struct adaptive_row row = advice(7);
	struct adaptive_score score = judge(&row, 1, &lessons);
	struct adaptive_change change;
	struct adaptive_lessons_change lesson;

	(void)state;
	assert_true(adaptive_learn(&row, 1, &lessons, &score, false, &change, &lesson));
	assert_true(change.weight < 0);
	adaptive_row_add(&row, &change);
	assert_true(judge(&row, 1, &lessons).shown < score.shown);
	adaptive_row_take(&row, &change);
	assert_true(row.weight == 0 && row.gradient == 0 && row.start == advice_start(7));
	assert_true(judge(&row, 1, &lessons).shown == score.shown);
}

/* Who is always wrong is not listened to for long, while the message says what it is. */
static void
test_bad_advice(void **state)
{
	struct adaptive_lessons lessons = {0};
	struct adaptive_row rows[2][ROWS];
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		for (unsigned spam = 0; spam < 2; spam++)
			rows[spam][i] = (struct adaptive_row){.id = 100 * spam + i, .view = (uint8_t)(i % 3)};
	rows[0][ROWS - 1] = advice(7);
	rows[1][ROWS - 1] = advice(3);
	for (unsigned round = 0; round < 60; round++) {
		unsigned spam = round % 2;
		struct adaptive_change changes[ROWS];
		struct adaptive_lessons_change lesson;
		struct adaptive_score score = judge(rows[spam], ROWS, &lessons);
		wrong += (score.shown > 0) != (spam == 1);
		if (!adaptive_learn(rows[spam], ROWS, &lessons, &score, spam == 1, changes, &lesson))
			continue;
		adaptive_lessons_add(&lessons, &lesson);
		for (size_t i = 0; i < ROWS; i++)
			adaptive_row_add(&rows[spam][i], &changes[i]);
	}
	assert_in_range(wrong, 1, 6);
	for (unsigned spam = 0; spam < 2; spam++) {
		struct adaptive_score score = judge(rows[spam], ROWS, &lessons);
		const struct adaptive_row *last = &rows[spam][ROWS - 1];
		double first = last->start / 1024.0 * 1.25 / 2.3;
		assert_true((score.shown > 0) == (spam == 1));
		assert_true(fabs(adaptive_share(last, &lessons, &score)) < fabs(first) / 2);
	}
}

/* The user's own lessons outgrow those that the advisor had, and explanations add up on the way. */
static void
test_fading(void **state)
{
	double before = INFINITY;

	(void)state;
	for (uint32_t own = 0; own <= 4000; own += 500) {
		const struct adaptive_lessons lessons = {.spam = own / 2, .innocent = own / 2, .advisor = 1000};
		struct adaptive_row rows[2] = {{.id = 1, .weight = -30000, .view = 1}, advice(7)};
		struct adaptive_score score = judge(rows, 2, &lessons);
		double share = adaptive_share(&rows[1], &lessons, &score);
		double expected = advice_start(7) / 1024.0 * 1.25 / 2.3 * 1000 / (1000.0 + own);
		assert_true(share < before && fabs(share - expected) < 1e-9);
		assert_true(fabs(share + adaptive_share(&rows[0], &lessons, &score) - score.shown) < 1e-9);
		before = share;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),      cmocka_unit_test(test_first_day),  cmocka_unit_test(test_start),
		cmocka_unit_test(test_difference), cmocka_unit_test(test_bad_advice), cmocka_unit_test(test_fading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
