/* Merged groups: their memory is read with that of the user, and his alone is written. */
#include "group_stage.h"

static void
test_merged(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:*,-carol\n", "");
	school("all");
	expect_totals("all", "10 10 0 0 10 10 0 0");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	assert_string_equal(stage.judgement.owner, "alice");
	assert_string_equal(stage.judgement.merged, "all");
	expect_totals("alice", "1 0 0 0 0 0 0 0");
	expect_hits("alice", "pills", 1, 0);
	expect_totals("all", "10 10 0 0 10 10 0 0");
	expect_hits("all", "pills", 10, 0);
	/* what is taken back goes below zero nowhere, and leaves the group alone */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	expect_totals("alice", "0 1 0 1 0 0 0 0");
	expect_hits("alice", "pills", 0, 1);
	struct request unlearn = {.training_class = CLASS_SPAM, .mode = TRAINING_UNLEARN};
	stage_run(&stage, &unlearn, "alice", span_from(SPAM_MAIL));
	expect_hits("alice", "pills", 0, 1);
	expect_hits("all", "pills", 10, 0);
	/* who is taken out knows nothing */
	stage_receive(&stage, "carol", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	assert_null(stage.judgement.merged);
}

/* Maturity is that of both together: TOE learns only errors as soon as the group has learned enough. */
static void
test_merged_maturity(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "TrainingMode toe\n");
	stage_add(&stage, "all", (struct totals){.spam_learned = 101, .innocent_learned = 100});
	stage_receive(&stage, "alice", HAM_MAIL);
	expect_totals("alice", "0 1 0 0 0 0 0 0");
	stage_receive(&stage, "alice", HAM_MAIL);
	expect_totals("alice", "0 1 0 0 0 0 0 1");
}

/* The weight of a report depends on what both know: 5 for what is new, 2 for what is known, and only to one. */
static void
test_merged_inoculation(void **state)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_INOCULATION};

	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "");
	stage_add(&stage, "all", (struct totals){.spam_learned = 100, .innocent_learned = 100});
	feed("all", CLASS_INNOCENT, "Subject: winner\n\nwinner\n", 3);
	stage_run(&stage, &request, "alice", span_from(SPAM_MAIL));
	expect_totals("alice", "1 0 0 0 1 0 0 0");
	expect_hits("alice", "pills", 5, 0);
	expect_hits("alice", "winner", 2, 0);
	expect_hits("all", "winner", 0, 3);
}

/* The group's noise patterns and whitelist hits count, too. */
static void
test_merged_whitelist(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "Feature whitelist\n");
	school("all");
	feed("all", CLASS_INNOCENT, "From: win@deals.example\nSubject: x\n\nx\n", 200);
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_int_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_merged, tear_down),
		cmocka_unit_test_teardown(test_merged_maturity, tear_down),
		cmocka_unit_test_teardown(test_merged_inoculation, tear_down),
		cmocka_unit_test_teardown(test_merged_whitelist, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
