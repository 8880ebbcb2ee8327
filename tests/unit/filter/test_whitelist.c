/* Senders of so much innocent mail that their words do not count. */
#include "lesson_stage.h"

/* More than 10 innocent messages of one sender: the 12th is whitelisted, whatever its words are. */
static void
test_whitelist(void **state)
{
	(void)state;
	stage_open(&stage, "Feature whitelist\n");
	for (int i = 1; i <= 12; i++) {
		stage_receive(&stage, "alice", MAIL);
		assert_int_equal(stage.judgement.result_class, i < 12 ? RESULT_INNOCENT : RESULT_WHITELISTED);
		assert_false(stage.judgement.spam);
	}
	assert_int_equal(stage_row(&stage, "alice", "From*bob@example.org").innocent, 12);
	/* one spam of his, against 12 / 15: no longer */
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	stage_receive(&stage, "alice", MAIL);
	assert_int_not_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

static void
test_whitelist_threshold(void **state)
{
	(void)state;
	stage_open(&stage, "Preference \"enableWhitelist=on\"\nPreference \"whitelistThreshold=2\"\n");
	for (int i = 1; i <= 4; i++) {
		stage_receive(&stage, "alice", MAIL);
		assert_int_equal(stage.judgement.result_class, i < 4 ? RESULT_INNOCENT : RESULT_WHITELISTED);
	}
	/* of another sender */
	stage_receive(&stage, "alice", "From: eve@example.org\n\nplease read the minutes of our meeting\n");
	assert_int_not_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whitelist),
		TEST(test_whitelist_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
