/* Shared groups: one memory, read and written by all members. */
#include "group_stage.h"

static void
classify(const char *user, const char *message)
{
	const struct request request = {.classify = true};

	stage_run(&stage, &request, user, span_from(message));
}

static void
test_shared(void **state)
{
	(void)state;
	stage_open_groups(&stage, "office:shared:alice,bob\n", "");
	feed("alice", CLASS_SPAM, SPAM_MAIL, 5);
	feed("bob", CLASS_INNOCENT, HAM_MAIL, 4);
	expect_unknown("alice");
	expect_unknown("bob");
	expect_totals("office", "5 4 0 0 5 4 0 0");
	expect_hits("office", "pills", 5, 0);
	stage_receive(&stage, "bob", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	assert_string_equal(stage.judgement.owner, "office");
	assert_string_equal(stage.judgement.user, "bob");
	assert_null(stage.judgement.preferences.local_store);
	assert_null(strstr(stage_output(&stage).data, "X-DSPAM-User"));
	/* one member corrects by the signature of another's message */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	expect_totals("office", "5 5 0 1 5 4 0 0");
	/* others have nothing to do with it */
	stage_receive(&stage, "carol", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	expect_totals("carol", "0 1 0 0 0 0 0 0");
}

static void
test_classify_in_shared(void **state)
{
	(void)state;
	stage_open_groups(&stage, "office:shared:*\n", "");
	classify("alice", SPAM_MAIL);
	expect_unknown("office");
	school("alice");
	classify("bob", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	stage_close(&stage);
	stage_open_groups(&stage, "office:shared:*\n", "Compat classifyAlone\n");
	school("alice");
	classify("bob", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	stage_receive(&stage, "bob", SPAM_MAIL);
	assert_true(stage.judgement.spam);
}

static void
test_managed(void **state)
{
	(void)state;
	stage_open_groups(&stage, "boss:shared,managed:*\n", "");
	school("alice");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_string_equal(stage.judgement.preferences.local_store, "boss");
	assert_non_null(strstr(stage_output(&stage).data, "\nX-DSPAM-User: alice\n"));
	stage_receive(&stage, "alice", HAM_MAIL);
	assert_null(strstr(stage_output(&stage).data, "X-DSPAM-User"));
	stage_receive(&stage, "boss", SPAM_MAIL);
	assert_null(stage.judgement.preferences.local_store);
	assert_null(strstr(stage_output(&stage).data, "X-DSPAM-User"));
	expect_totals("boss", "12 11 0 0 10 10 0 0");
}

static void
test_ignore_groups(void **state)
{
	(void)state;
	stage_open_groups(&stage, "boss:shared,managed:*\n", "Preference \"ignoreGroups=on\"\n");
	school("alice");
	expect_totals("alice", "10 10 0 0 10 10 0 0");
	expect_unknown("boss");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_null(stage.judgement.preferences.local_store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shared, tear_down),
		cmocka_unit_test_teardown(test_classify_in_shared, tear_down),
		cmocka_unit_test_teardown(test_managed, tear_down),
		cmocka_unit_test_teardown(test_ignore_groups, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
