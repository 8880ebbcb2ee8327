/* What each training mode learns from mail that comes in, and whose mode counts. */
#include "lesson_stage.h"

/* TOE learns like TEFT up to 100 messages of either kind. */
static void
test_toe(void **state)
{
	static const struct {
		int64_t spam, innocent;
		bool mature;
	} rows[] = {{0, 0, false}, {100, 100, false}, {101, 100, false}, {100, 101, false}, {101, 101, true}};

	(void)state;
	stage_open(&stage, "TrainingMode toe\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char user[20];
		snprintf(user, sizeof user, "user%zu", i);
		stage_add(&stage, user,
			  (struct totals){.spam_learned = rows[i].spam, .innocent_learned = rows[i].innocent});
		stage_receive(&stage, user, MAIL);
		struct totals totals = stage_totals(&stage, user);
		assert_int_equal(totals.spam_learned + totals.innocent_learned,
				 rows[i].spam + rows[i].innocent + !rows[i].mature);
		assert_int_equal(totals.spam_classified + totals.innocent_classified, rows[i].mature);
		struct store_row row = stage_row(&stage, user, "minutes");
		assert_int_equal(row.spam + row.innocent, !rows[i].mature);
		/* an error is learned in either case, by its signature */
		const char *id = stage.judgement.signature;
		stage_retrain(&stage, user, CLASS_SPAM, id);
		assert_int_equal(stage.judgement.training, TRAINING_DONE);
		assert_int_equal(stage_row(&stage, user, "minutes").spam, 1);
	}
}

static void
test_toe_with_markov(void **state)
{
	(void)state;
	stage_open(&stage, "TrainingMode toe\nPValue markov\n");
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
	assert_int_equal(stage_totals(&stage, "alice").innocent_classified, 1);
}

/* TUM leaves tokens alone that were seen 50 times, when the verdict is sure. */
static void
test_tum(void **state)
{
	(void)state;
	stage_open(&stage, "TrainingMode tum\nFeature whitelist\n");
	run_many("alice", CLASS_SPAM, "Subject: pills\n\nbuy cheap pills casino\n", 60);
	run_many("alice", CLASS_INNOCENT, "Subject: hello\n\nminutes meeting agenda of\n", 49);
	stage_receive(&stage, "alice", MAIL);
	assert_false(stage.judgement.spam);
	assert_true(stage.judgement.confidence >= 0.70);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 50);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 1);
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 50);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 2);
	assert_int_equal(stage_row(&stage, "alice", "From*bob@example.org").innocent, 2);
	/* errors are learned all the same */
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 49);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, 1);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 1);
}

static void
test_notrain(void **state)
{
	struct totals none = {0};

	(void)state;
	stage_open(&stage, "TrainingMode notrain\n");
	stage_receive(&stage, "alice", MAIL);
	assert_true(stage.judgement.judged);
	assert_null(stage.judgement.signature);
	assert_null(strstr(stage_output(&stage).data, "DSPAM-Signature"));
	struct totals totals = stage_totals(&stage, "alice");
	assert_memory_equal(&totals, &none, sizeof none);
}

/* The user's mode is that of his preference, unless the request says another. */
static void
test_where_the_mode_comes_from(void **state)
{
	struct request request = {.mode = TRAINING_TEFT};

	(void)state;
	stage_open(&stage, "TrainingMode teft\nPreference \"trainingMode=NOTRAIN\"\n");
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
	stage_run(&stage, &request, "alice", SPAN(MAIL));
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_toe),     TEST(test_toe_with_markov),           TEST(test_tum),
		TEST(test_notrain), TEST(test_where_the_mode_comes_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
