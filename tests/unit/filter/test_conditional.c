/* Test conditional training: an error is learned until the verdict is right. */
#include "lesson_stage.h"

/* Retrained until the verdict is right, at most five times; the further passes count as corpus. */
static void
check_conditional(int64_t innocent, bool repeats)
{
	struct request classify = {.classify = true};

	run_many("alice", CLASS_SPAM, "Subject: pills\n\nbuy cheap pills casino\n", 100);
	run_many("alice", CLASS_INNOCENT, MAIL, 3);
	stage_add(&stage, "alice", (struct totals){.innocent_learned = innocent - 4});
	struct totals before = stage_totals(&stage, "alice");
	stage_receive(&stage, "alice", MAIL);
	assert_false(stage.judgement.spam);
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	struct totals after = stage_totals(&stage, "alice");
	int64_t passes = after.spam_learned - before.spam_learned;
	assert_int_equal(after.spam_misclassified, 1);
	assert_int_equal(after.innocent_learned, before.innocent_learned);
	assert_int_equal(after.spam_corpusfed - before.spam_corpusfed, passes - 1);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, passes);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 3);
	assert_in_range(passes, repeats ? 2 : 1, repeats ? 5 : 1);
	stage_run(&stage, &classify, "alice", SPAN(MAIL));
	assert_true(stage.judgement.spam || passes == 5 || !repeats);
}

static void
test_conditional(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining on\n");
	check_conditional(1000, true);
}

/* A missed spam is trained once while little innocent mail is known. The correction itself takes one back. */
static void
test_conditional_young(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining on\n");
	check_conditional(999, false);
}

static void
test_unconditional(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining off\n");
	check_conditional(5000, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_conditional),
		TEST(test_conditional_young),
		TEST(test_unconditional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
