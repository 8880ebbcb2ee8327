/* Reports that contradict what the adaptive classifier was sure of: believed, with little harm, and not for ever. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adaptive_model.h"

enum { TRUSTED = 10 };

/* All of it says spam, or all innocent, as much as by many lessons; every other row of it was never seen before. */
static struct model
sure_model(bool is_spam)
{
	struct model model = certain_model(is_spam);

	model.lessons = (struct adaptive_lessons){.spam = 400, .innocent = 400};
	for (size_t i = 0; i < ROWS; i++) {
		struct adaptive_row *row = &model.rows[i];
		if (i % 2 == 0) {
			*row = (struct adaptive_row){.id = row->id, .view = row->view};
		} else {
			row->weight = row->weight / 2 * 3;
			row->spam = is_spam ? 200 : 0;
			row->innocent = is_spam ? 0 : 200;
		}
	}
	return model;
}

static double
against(const struct model *model, bool is_spam)
{
	double score = judge(model).learning;

	return is_spam ? -score : score;
}

/* The message is turned at once, mostly by what nothing was known of; the report is counted, and so is what it was. */
static void
test_turned(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct model model = sure_model(!spam), other = model;
		assert_true(against(&model, spam) > 2.5);
		assert_true(correct(&model, NULL, spam));
		assert_int_equal(spam ? model.lesson.spam_surprises : model.lesson.innocent_surprises, 1);
		assert_int_equal(spam ? model.lesson.innocent_surprises : model.lesson.spam_surprises, 0);
		assert_int_equal(model.lesson.spam + model.lesson.innocent, 1);
		for (size_t i = 2; i < ROWS; i += 2) {
			assert_true(abs(model.changes[i].weight) > 10 * abs(model.changes[i + 1].weight));
			assert_int_equal(spam, model.changes[i].weight > 0);
		}
		add(&model);
		double shown = judge(&model).shown;
		assert_true(spam ? shown > 0 && shown < 1 : shown <= 0 && shown > -1);
		/* what says the same, with other news in it, is what it was */
		double before = against(&other, spam);
		for (size_t i = 0; i < ROWS; i++)
			if (i % 2 != 0)
				adaptive_row_add(&other.rows[i], &model.changes[i]);
		assert_true(against(&other, spam) > 0.75 * before);
	}
}

/* Nothing in it is new: then what is known gives way, and the message is turned all the same. */
static void
test_nothing_new(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct model model = sure_model(!spam);
		for (size_t i = 0; i < ROWS; i += 2)
			model.rows[i].weight = model.rows[i + 1].weight, model.rows[i].spam = model.rows[i + 1].spam,
			model.rows[i].innocent = model.rows[i + 1].innocent;
		assert_true(correct(&model, NULL, spam));
		for (size_t i = 0; i < ROWS; i++)
			assert_true(abs(model.changes[i].weight) <= ADAPTIVE_PASSES << ADAPTIVE_WEIGHT_BITS);
		add(&model);
		double shown = judge(&model).shown;
		assert_true(spam ? shown > 0 : shown <= 0);
	}
}

/* Who contradicts again and again is believed as a corpus is: little; and again when he has taught more. */
static void
test_trust(void **state)
{
	(void)state;
	for (int spam = 0; spam < 2; spam++) {
		struct model trusted = sure_model(!spam), doubted = trusted;
		double before = against(&trusted, spam);
		uint32_t *of_trusted = spam ? &trusted.lessons.spam_surprises : &trusted.lessons.innocent_surprises;
		uint32_t *of_doubted = spam ? &doubted.lessons.spam_surprises : &doubted.lessons.innocent_surprises;
		*of_trusted = TRUSTED + 800 / 100 - 1;
		*of_doubted = TRUSTED + 800 / 100;
		/* what was done can be repaired: reports of the other class count apart */
		*(spam ? &trusted.lessons.innocent_surprises : &trusted.lessons.spam_surprises) = 1000;
		assert_true(correct(&trusted, NULL, spam) && correct(&doubted, NULL, spam));
		assert_int_equal(doubted.lesson.spam_surprises + doubted.lesson.innocent_surprises, 0);
		assert_int_equal(doubted.lesson.spam + doubted.lesson.innocent, 0);
		add(&trusted);
		add(&doubted);
		assert_true(against(&trusted, spam) < 0);
		assert_true(against(&doubted, spam) < before && against(&doubted, spam) > 2.5);
		doubted.lessons.spam += 100;
		assert_true(correct(&doubted, NULL, spam));
		assert_int_equal(doubted.lesson.spam + doubted.lesson.innocent, 1);
	}
}

/* What the filter was not sure of contradicts nothing. */
static void
test_unsure(void **state)
{
	struct model model = new_model();

	(void)state;
	assert_true(learn(&model, true));
	add(&model);
	assert_true(judge(&model).learning < 2.5);
	assert_true(correct(&model, NULL, false));
	assert_int_equal(model.lesson.spam_surprises + model.lesson.innocent_surprises, 0);
	add(&model);
	assert_true(judge(&model).shown <= 0);
}

/* Content says innocent far beyond its limit, all else spam, and that is what is shown. */
static struct model
model_of_two_minds(double content, double others)
{
	struct model model = sure_model(true);

	for (size_t i = 0; i < ROWS; i++) {
		bool is_content = model.rows[i].view == 1;
		if (!is_content && i % 2 == 0)
			continue; /* not seen before */
		model.rows[i].weight = (int32_t)((is_content ? content : others) * (1 << ADAPTIVE_WEIGHT_BITS));
		model.rows[i].spam = is_content ? 0 : 200;
		model.rows[i].innocent = is_content ? 200 : 0;
	}
	return model;
}

/* Evidence of innocence beyond the limit is not shown: what the report says is reached by what is. */
static void
test_limited_content(void **state)
{
	static const double contents[] = {-0.5, -1.0, -3};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct model model = model_of_two_minds(contents[i], 1.5);
		assert_true(judge(&model).shown > 2.5 && judge(&model).view[1] < -1.0);
		assert_true(correct(&model, NULL, false));
		assert_int_equal(model.lesson.innocent_surprises, 1);
		add(&model);
		assert_true(judge(&model).shown <= 0);
	}
}

/* What is learned already is not seen where the content's limit hides it. */
static void
test_hidden_innocence(void **state)
{
	struct model model = model_of_two_minds(-3, 1);
	struct adaptive_score score = judge(&model);

	(void)state;
	assert_true(score.learning < -3.5 && score.shown > 1);
	assert_true(fabs(score.shown - score.learning - 0.6 * (-1.0 - score.view[1])) < 1e-9);
	assert_false(learn(&model, false));
	assert_true(correct(&model, NULL, false));
	add(&model);
	assert_true(judge(&model).shown < score.shown - 0.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turned),          cmocka_unit_test(test_nothing_new),
		cmocka_unit_test(test_trust),           cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_limited_content), cmocka_unit_test(test_hidden_innocence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
