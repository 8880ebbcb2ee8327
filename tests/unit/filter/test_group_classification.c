/* Classification groups, and those of a global user: who is asked by whom is not sure. */
#include "group_stage.h"

#define MIXED_MAIL "Subject: mixed\n\nalpha beta gamma delta epsilon zeta\n"

/* Half of the words are in mail of one kind, half in that of the other. */
static void
make_unsure(const char *user)
{
	feed(user, CLASS_SPAM, "Subject: a\n\nalpha beta gamma\n", 6);
	feed(user, CLASS_INNOCENT, "Subject: b\n\ndelta epsilon zeta\n", 6);
}

static void
test_classification(void **state)
{
	(void)state;
	stage_open_groups(&stage, "net:classification:alice,bob,carol\n", "");
	make_unsure("alice");
	/* nobody knows better: the own verdict holds */
	stage_receive(&stage, "alice", MIXED_MAIL);
	assert_false(stage.judgement.spam);
	assert_true(stage.judgement.confidence < 0.65);
	expect_totals("alice", "6 7 0 0 6 6 0 0");
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	stage_close(&stage);

	stage_open_groups(&stage, "net:classification:alice,bob,carol\n", "");
	make_unsure("alice");
	feed("carol", CLASS_SPAM, MIXED_MAIL, 10);
	feed("carol", CLASS_INNOCENT, HAM_MAIL, 10);
	stage_receive(&stage, "alice", MIXED_MAIL);
	assert_true(stage.judgement.spam);
	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
	expect_totals("alice", "7 6 0 0 6 6 0 0"); /* SM is not counted */
	expect_hits("alice", "alpha", 7, 0);
	expect_hits("alice", "delta", 1, 6);
	expect_totals("carol", "10 10 0 0 10 10 0 0");
	expect_unknown("bob");
	/* it can be corrected like any other */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	expect_totals("alice", "6 7 0 1 6 6 0 0");
	expect_hits("alice", "delta", 0, 7);
}

/* Who is sure does not ask. */
static void
test_classification_sure(void **state)
{
	(void)state;
	stage_open_groups(&stage, "net:classification:alice,bob\n", "");
	feed("alice", CLASS_INNOCENT, SPAM_MAIL, 10);
	feed("alice", CLASS_SPAM, HAM_MAIL, 10);
	school("bob");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.confidence >= 0.65);
	assert_false(stage.judgement.spam);
}

/* The recording: nobody yet, his own probability, confidence 0.60, and one spam learned. */
static void
test_global(void **state)
{
	(void)state;
	stage_open_groups(&stage, "g:classification:*oracle\n", "ProcessorBias on\n");
	/* without the oracle the own verdict holds */
	stage_receive(&stage, "k3", SPAM_MAIL);
	assert_true(stage.judgement.confidence > 0.99);
	double own = stage.judgement.probability;
	expect_totals("k3", "0 1 0 0 0 0 0 0");
	school("oracle");
	stage_receive(&stage, "k4", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	assert_true(stage.judgement.probability <= own && own < 0.05);
	assert_true(stage.judgement.confidence > 0.599 && stage.judgement.confidence < 0.601);
	expect_totals("k4", "1 0 0 0 0 0 0 0");
	expect_hits("k4", "pills", 1, 0);
	expect_totals("oracle", "10 10 0 0 10 10 0 0");
}

/* An own verdict of spam that the global user does not share is learned as innocent, IM not counted. */
static void
test_global_innocent(void **state)
{
	(void)state;
	stage_open_groups(&stage, "g:classification:*oracle\n", "");
	feed("oracle", CLASS_INNOCENT, SPAM_MAIL, 10);
	feed("oracle", CLASS_SPAM, HAM_MAIL, 10);
	school("alice");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	expect_totals("alice", "10 11 0 0 10 10 0 0");
	expect_hits("alice", "pills", 10, 1);
	/* who has learned enough judges himself, unless he never learns from mail */
	stage_add(&stage, "alice", (struct totals){.spam_learned = 230, .innocent_learned = 979});
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	const struct request notrain = {.mode = TRAINING_NOTRAIN};
	stage_run(&stage, &notrain, "alice", span_from(SPAM_MAIL));
	assert_false(stage.judgement.spam);
	expect_totals("alice", "241 990 0 0 10 10 0 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_classification, tear_down),
		cmocka_unit_test_teardown(test_classification_sure, tear_down),
		cmocka_unit_test_teardown(test_global, tear_down),
		cmocka_unit_test_teardown(test_global_innocent, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
