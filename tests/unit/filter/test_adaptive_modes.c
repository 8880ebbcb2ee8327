/* What Algorithm adaptive learns of mail that comes in, by the training mode. */
#include "adaptive_school.h"

static void
test_modes(void **state)
{
	static const struct {
		enum training_mode mode;
		bool known, unsure;          /* learns mail that is known well, and mail that is unsure */
		int64_t learned, classified; /* by the totals */
	} rows[] = {
		{TRAINING_TEFT, false, true, 2, 0},
		{TRAINING_TUM, false, true, 2, 0},
		{TRAINING_TOE, false, false, 0, 2},
		{TRAINING_NOTRAIN, false, false, 0, 0},
	};

	(void)state;
	begin("");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char user[20];
		snprintf(user, sizeof user, "user%zu", i);
		struct learned taught = school(user);
		struct store_row before = learned_lessons(stage, user);
		receive(user, SPAM_MAIL, rows[i].mode);
		assert_int_equal(stage->judgement.result_class, RESULT_SPAM);
		struct store_row known = learned_lessons(stage, user);
		assert_int_equal(known.spam + known.innocent - before.spam - before.innocent, rows[i].known);
		receive(user, NEW_MAIL, rows[i].mode);
		assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
		struct store_row unsure = learned_lessons(stage, user);
		assert_int_equal(unsure.spam + unsure.innocent - known.spam - known.innocent, rows[i].unsure);
		struct totals totals = stage_totals(stage, user);
		assert_int_equal(totals.spam_learned + totals.innocent_learned, 2 * SCHOOL + rows[i].learned);
		assert_int_equal(totals.spam_classified + totals.innocent_classified, rows[i].classified);
		learned_check(stage, user, &taught);
		learned_free(&taught);
	}
}

/* teft learns what is not certain yet, tum what is unsure. */
static void
test_teft_learns_more_than_tum(void **state)
{
	unsigned lessons[2] = {0};

	(void)state;
	begin("");
	for (int mode = 0; mode < 2; mode++) {
		const char *user = mode == 0 ? "teft" : "tum";
		feed(user, CLASS_SPAM, SPAM_MAIL);
		feed(user, CLASS_INNOCENT, HAM_MAIL);
		for (int i = 0; i < 10; i++) {
			receive(user, SPAM_MAIL, mode == 0 ? TRAINING_TEFT : TRAINING_TUM);
			receive(user, HAM_MAIL, mode == 0 ? TRAINING_TEFT : TRAINING_TUM);
		}
		struct store_row row = learned_lessons(stage, user);
		lessons[mode] = row.spam + row.innocent;
	}
	assert_true(lessons[0] > lessons[1]);
	assert_true(lessons[0] < 22); /* and nothing any more from what is certain */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_modes, tear_down),
		cmocka_unit_test_teardown(test_teft_learns_more_than_tum, tear_down),
	};

	driver = "memory";
	int failures = cmocka_run_group_tests(tests, NULL, NULL);
	driver = "sqlite";
	return failures + cmocka_run_group_tests(tests, NULL, NULL);
}
