/* Rows of Algorithm adaptive that were purged between a message and its report. */
#include "adaptive_alice.h"

#include <math.h>

#include "filter/appraisal.h"

static bool
is_any(const void *context, const struct store_row *row)
{
	return row->token != APPRAISAL_LESSONS || *(const bool *)context;
}

static void
purge(bool lessons_too)
{
	struct store_walk walk = {0};

	while (!walk.done)
		must(store_purge_rows(filter_store(stage->filter), stage_uid(stage, "alice"), is_any, &lessons_too,
				      &walk, &stage->error),
		     &stage->error);
}

static void
expect_sane(const char *user)
{
	struct learned all = learned_of(stage, user);

	for (size_t i = 0; i < all.count; i++) {
		assert_true(all.rows[i].spam < 100 && all.rows[i].innocent < 100);
		assert_true(all.rows[i].weight > -(8 << 16) && all.rows[i].weight < 8 << 16);
	}
	learned_free(&all);
}

static void
test_purged_in_between(void **state)
{
	(void)state;
	for (int round = 0; round < 8; round++) {
		bool lessons_too = round & 1, comes_again = round & 2, reported = round & 4;
		if (round > 0)
			learned_close(&place);
		learned_open(&place, "sqlite", NULL, "");
		stage_receive(stage, "alice", HAM_MAIL);
		const char *id = stage->judgement.signature;
		purge(lessons_too);
		if (comes_again)
			feed(CLASS_SPAM, HAM_MAIL, 1);
		if (reported)
			stage_retrain(stage, "alice", CLASS_SPAM, id);
		else
			unlearn(id);
		assert_int_equal(stage->judgement.training, reported ? TRAINING_DONE : TRAINING_NONE);
		expect_sane("alice");
		stage_receive(stage, "alice", HAM_MAIL);
		assert_true(isfinite(stage->judgement.score) && fabs(stage->judgement.score) < 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_purged_in_between, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
