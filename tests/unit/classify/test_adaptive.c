/* The arithmetic of the adaptive classifier. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adaptive_model.h"

/* The same numbers every time, of any size that matters. */
static uint32_t
random_below(uint32_t limit)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % limit);
}

/* Nothing is known: no opinion, and it says so. */
static void
test_empty(void **state)
{
	struct model model = new_model();

	(void)state;
	struct adaptive_score score = judge(&model);
	assert_true(score.shown == 0 && score.learning == 0);
	assert_true(score.probability > 0.35 && score.probability < 0.5);
	score = adaptive_judge(model.rows, 0, &model.lessons);
	assert_true(score.shown == 0 && isfinite(score.probability));
	assert_true(adaptive_learn(model.rows, 0, &model.lessons, &score, true, model.changes, &model.lesson));
	assert_int_equal(model.lesson.spam, 1);
}

/* The same message again and again: each lesson moves it, none beyond the limit, and then there is no more to learn. */
static void
test_lessons(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct model model = new_model();
		unsigned count = 0;
		double last = 0;
		for (;; count++) {
			struct adaptive_score score = judge(&model);
			double toward = spam ? score.learning : -score.learning;
			assert_true(count == 0 || toward > last);
			last = toward;
			if (!learn(&model, spam))
				break;
			add(&model);
			assert_true(count < 100);
		}
		assert_true(last > 3 && last < 4.5);
		assert_int_equal(spam ? model.lessons.spam : model.lessons.innocent, count);
		assert_int_equal(spam ? model.lessons.innocent : model.lessons.spam, 0);
	}
}

/* The first lesson, worked out by hand: x = 1/2, 20 rows a view, e = 1/2. */
static void
test_first_lesson(void **state)
{
	struct model model = new_model();
	double gradient = 0.5 * 0.5 / sqrt(20 * 0.25);
	/* the score would gain this by a whole step, which is less than the limit */
	double weight = 0.40 * gradient / (gradient + 0.02), gain = 1.5 * weight * 20 * 0.5 / sqrt(20 * 0.25);

	(void)state;
	assert_true(gain < 4);
	assert_true(learn(&model, true));
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(model.changes[i].weight, lrint(weight * 65536));
		assert_int_equal(model.changes[i].gradient, lrint(gradient * gradient * 16777216));
		assert_int_equal(model.changes[i].spam, 1);
		assert_int_equal(model.changes[i].innocent, 0);
	}
}

/* A label against a certain score moves little and is not counted, but of the user's own word it is. */
static void
test_odd_labels(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct model model = certain_model(spam), taught = model;
		double before = judge(&model).learning;
		assert_true(learn(&taught, !spam));
		add(&taught);
		assert_int_equal(taught.lessons.innocent + taught.lessons.spam,
				 model.lessons.innocent + model.lessons.spam);
		double moved = fabs(before - judge(&taught).learning);
		assert_true(moved > 0 && moved < 1.5);
		taught = model;
		assert_true(correct(&taught, NULL, !spam));
		add(&taught);
		assert_int_equal(spam ? taught.lessons.innocent : taught.lessons.spam, 1);
		assert_int_equal(spam ? taught.rows[0].innocent : taught.rows[0].spam, 1);
		double shown = judge(&taught).shown;
		assert_true(spam ? shown <= 0 : shown > 0);
	}
}

/* A correction of what is right but not certain is a lesson; of what is certain it is none. */
static void
test_corrections_of_the_right_side(void **state)
{
	struct model model = new_model(), certain = certain_model(true);

	(void)state;
	assert_true(learn(&model, true));
	add(&model);
	double before = judge(&model).shown;
	assert_true(before > 0);
	assert_true(correct(&model, NULL, true));
	assert_int_equal(model.lesson.spam, 1);
	add(&model);
	assert_true(judge(&model).shown > before);
	assert_false(correct(&certain, NULL, true));
}

/* What is explained adds up, also where innocent content reaches its limit, and with a site. */
static void
test_shares(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		bool innocent = kind & 1, with_site = kind & 2;
		struct model model = new_model(), site = new_model();
		double sum = 0;
		model.lessons = (struct adaptive_lessons){.spam = 20, .innocent = 20};
		site.lessons = (struct adaptive_lessons){.spam = 300, .innocent = 400};
		for (size_t i = 0; i < ROWS; i++) {
			model.rows[i].weight = (innocent ? -1 : 1) * (6554 + 1311 * (int32_t)i);
			model.rows[i].spam = (uint32_t)(i % 7);
			model.rows[i].innocent = (uint32_t)(i % 5);
			site.rows[i].weight = (int32_t)random_below(40000) - 20000;
			site.rows[i].spam = random_below(300);
		}
		struct adaptive_score score = judge(&model), common = judge(&site);
		if (with_site)
			adaptive_add_site(&score, &common);
		for (size_t i = 0; i < ROWS; i++) {
			sum += adaptive_share(&model.rows[i], &model.lessons, &score);
			if (with_site)
				sum += adaptive_site_share(&site.rows[i], &site.lessons, &common, &score);
		}
		assert_true(fabs(sum - score.shown) < 1e-9);
		assert_true(innocent ? score.shown > score.learning : score.shown == score.learning);
		assert_true(score.probability == adaptive_probability(score.shown));
	}
}

static bool
learn_verdict(struct model *model, bool is_spam)
{
	struct adaptive_score score = judge(model);

	return adaptive_learn_verdict(model->rows, ROWS, &model->lessons, &score, is_spam, model->changes,
				      &model->lesson);
}

/* Its own verdict is worth less than what somebody says, and makes no score so sure that a report would surprise. */
static void
test_own_verdict(void **state)
{
	struct model said = new_model(), own = new_model();
	unsigned lessons = 0;

	(void)state;
	assert_true(learn(&said, true) && learn_verdict(&own, true));
	add(&said);
	add(&own);
	assert_true(judge(&own).learning > 0 && judge(&own).learning < judge(&said).learning);
	assert_int_equal(own.lessons.spam, 1);
	while (learn_verdict(&own, true) && ++lessons < 100)
		add(&own);
	assert_true(lessons < 100);
	assert_true(judge(&own).learning < 2.5);
	assert_true(learn(&own, true)); /* a user can make it surer */
	assert_true(correct(&own, NULL, false));
	assert_int_equal(own.lesson.innocent_surprises, 0);
}

/* Who is hardly told of one class learns no more of the other by himself. */
static void
test_own_verdict_is_balanced(void **state)
{
	struct model model = new_model();

	(void)state;
	model.lessons = (struct adaptive_lessons){.spam = 0, .innocent = 30};
	assert_true(learn_verdict(&model, false));
	model.lessons.innocent++;
	assert_false(learn_verdict(&model, false));
	assert_true(learn_verdict(&model, true));
	assert_true(learn(&model, false)); /* but what somebody says */
	model.lessons.spam++;
	assert_true(learn_verdict(&model, false));
	model.lessons = (struct adaptive_lessons){.spam = UINT32_MAX, .innocent = UINT32_MAX};
	assert_true(learn_verdict(&model, true));
}

/* What the site is sure of needs no lesson of the user's, and what it has wrong he can correct. */
static void
test_site(void **state)
{
	struct model site = certain_model(true), user = new_model();
	struct adaptive_score common = judge(&site), alone = judge(&user), both = alone;

	(void)state;
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++)
		common.view[v] *= 1.5; /* very sure */
	adaptive_add_site(&both, &common);
	assert_true(both.shown > alone.shown);
	assert_false(adaptive_learn(user.rows, ROWS, &user.lessons, &both, true, user.changes, &user.lesson));
	assert_false(correct(&user, &common, true));
	assert_true(correct(&user, &common, false));
	add(&user);
	both = judge(&user);
	adaptive_add_site(&both, &common);
	assert_true(both.shown <= 0);
}

/* A lesson that is taken back leaves no trace, to the last bit, whatever was learned meanwhile and in what order. */
static void
test_sums_are_exact(void **state)
{
	enum { LESSONS = 200 };
	static struct model lessons[LESSONS];
	struct model model = new_model(), sum = new_model();
	bool stands[LESSONS];
	size_t order[LESSONS];

	(void)state;
	for (size_t n = 0; n < LESSONS; n++) {
		/* what this message has: some of the rows */
		struct model some = model;
		for (size_t i = 0; i < ROWS; i++)
			some.rows[i].view = (uint8_t)random_below(ADAPTIVE_VIEWS);
		bool spam = random_below(2) == 0;
		lessons[n] = some;
		stands[n] = random_below(3) == 0 ? correct(&lessons[n], NULL, spam) : learn(&lessons[n], spam);
		if (!stands[n])
			continue;
		memcpy(model.changes, lessons[n].changes, sizeof model.changes);
		model.lesson = lessons[n].lesson;
		add(&model);
	}
	for (size_t n = 0; n < LESSONS; n++) { /* a third is taken back */
		order[n] = n;
		if (!stands[n] || random_below(3) != 0)
			continue;
		stands[n] = false;
		for (size_t i = 0; i < ROWS; i++)
			adaptive_row_take(&model.rows[i], &lessons[n].changes[i]);
		adaptive_lessons_take(&model.lessons, &lessons[n].lesson);
	}
	for (size_t n = LESSONS - 1; n > 0; n--) {
		size_t other = random_below((uint32_t)n + 1), swapped = order[n];
		order[n] = order[other];
		order[other] = swapped;
	}
	for (size_t n = 0; n < LESSONS; n++) { /* what stands, in another order */
		if (!stands[order[n]])
			continue;
		memcpy(sum.changes, lessons[order[n]].changes, sizeof sum.changes);
		sum.lesson = lessons[order[n]].lesson;
		add(&sum);
	}
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(model.rows[i].weight, sum.rows[i].weight);
		assert_true(model.rows[i].gradient == sum.rows[i].gradient);
		assert_int_equal(model.rows[i].spam, sum.rows[i].spam);
		assert_int_equal(model.rows[i].innocent, sum.rows[i].innocent);
	}
	assert_memory_equal(&model.lessons, &sum.lessons, sizeof model.lessons);
}

/* Numbers that no lesson makes, but a damaged database might have. */
static void
test_extremes(void **state)
{
	struct model model = new_model();

	(void)state;
	model.lessons = (struct adaptive_lessons){.spam = UINT32_MAX};
	for (size_t i = 0; i < ROWS; i++) {
		model.rows[i].weight = i % 2 == 0 ? INT32_MAX : INT32_MIN;
		model.rows[i].gradient = i % 3 == 0 ? INT64_MIN : INT64_MAX / 2;
		model.rows[i].spam = UINT32_MAX;
		model.rows[i].innocent = i % 5 == 0 ? UINT32_MAX : 0;
	}
	struct adaptive_score score = judge(&model);
	assert_true(isfinite(score.shown) && isfinite(score.probability));
	for (int spam = 0; spam < 2; spam++)
		if (correct(&model, NULL, spam))
			for (size_t i = 0; i < ROWS; i++)
				assert_true(abs(model.changes[i].weight) <= ADAPTIVE_PASSES << 16);
	model.changes[0].weight = 5;
	adaptive_row_add(&model.rows[0], &model.changes[0]);
	assert_int_equal(model.rows[0].weight, INT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_lessons),
		cmocka_unit_test(test_first_lesson),
		cmocka_unit_test(test_odd_labels),
		cmocka_unit_test(test_corrections_of_the_right_side),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_own_verdict),
		cmocka_unit_test(test_own_verdict_is_balanced),
		cmocka_unit_test(test_site),
		cmocka_unit_test(test_sums_are_exact),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
