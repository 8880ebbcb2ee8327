/* Inoculation groups: who is taught by the report of another. */
#include "group_stage.h"

#define NEUTRAL_MAIL "From: new@else.example\nSubject: words\n\nnothing anybody knows about\n"

static void
test_inoculation(void **state)
{
	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob,carol,dave\n", "");
	static const char *const users[] = {"alice", "bob", "carol"};
	for (size_t i = 0; i < 3; i++)
		stage_add(&stage, users[i], (struct totals){.spam_learned = 9, .innocent_learned = 9});
	school("carol"); /* who knows it already */
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	expect_totals("alice", "9 10 0 0 0 0 0 0");
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	expect_totals("alice", "10 9 1 0 0 0 0 0");
	expect_hits("alice", "pills", 1, 0);
	expect_totals("bob", "10 9 0 0 1 0 0 0");
	expect_hits("bob", "pills", 5, 0);
	expect_totals("carol", "19 19 0 0 10 10 0 0");
	expect_totals("dave", "1 0 0 0 1 0 0 0"); /* is made known */
	expect_hits("dave", "pills", 1, 0);       /* in no more messages than were learned */
}

/* Neither good mail, nor kept mail, nor what is taken back is anybody else's. */
static void
test_inoculation_is_for_reports(void **state)
{
	static const struct request requests[] = {
		{.training_class = CLASS_INNOCENT, .source = SOURCE_INOCULATION},
		{.training_class = CLASS_SPAM, .source = SOURCE_CORPUS},
		{.training_class = CLASS_SPAM, .mode = TRAINING_UNLEARN},
		{.classify = true},
	};

	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "");
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		stage_run(&stage, &requests[i], "alice", span_from(SPAM_MAIL));
	stage_receive(&stage, "alice", SPAM_MAIL);
	expect_unknown("bob");
}

/* By message each is taught once; the original taught the reporter a second time. */
static void
test_inoculation_by_message(void **state)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};

	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "TrainPristine on\n");
	school("alice");
	school("bob");
	stage_run(&stage, &request, "alice", span_from(NEUTRAL_MAIL));
	expect_totals("alice", "11 9 1 0 10 10 0 0");
	expect_totals("bob", "11 10 0 0 11 10 0 0");
	expect_hits("alice", "nothing", 1, 0);
	expect_hits("bob", "nothing", 5, 0);
	stage_close(&stage);
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "TrainPristine on\nCompat trainingBugs\n");
	school("alice");
	stage_run(&stage, &request, "alice", span_from(NEUTRAL_MAIL));
	expect_totals("alice", "12 9 1 0 11 10 0 0");
	expect_hits("alice", "nothing", 6, 0);
}

/* Who keeps out of groups is not taught, nor who is in a shared group, nor who learns nothing. */
static void
test_inoculation_spares(void **state)
{
	(void)state;
	stage_open_groups(&stage, "office:shared:dave\nnine:inoculation:alice,bob,carol,dave\n",
			  "AllowOverride ignoreGroups trainingMode\n");
	store_uid bob = stage_uid(&stage, "bob"), carol = stage_uid(&stage, "carol");
	assert_true(store_preference_set(filter_store(stage.filter), bob, "ignoreGroups", "on", &stage.error));
	assert_true(store_preference_set(filter_store(stage.filter), carol, "trainingMode", "NOTRAIN", &stage.error));
	stage_receive(&stage, "alice", SPAM_MAIL);
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	expect_totals("alice", "1 0 1 0 0 0 0 0");
	expect_totals("bob", "0 0 0 0 0 0 0 0");
	expect_totals("carol", "0 0 0 0 0 0 0 0");
	expect_totals("office", "0 0 0 0 0 0 0 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_inoculation, tear_down),
		cmocka_unit_test_teardown(test_inoculation_is_for_reports, tear_down),
		cmocka_unit_test_teardown(test_inoculation_by_message, tear_down),
		cmocka_unit_test_teardown(test_inoculation_spares, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
