/* Senders with Algorithm adaptive: who is on the whitelist, and who is counted for it. */
#include "adaptive_alice.h"

#include <stdio.h>

static void
test_whitelist(void **state)
{
	(void)state;
	learned_open(&place, "memory", NULL, "Preference \"whitelistThreshold=3\"\n");
	for (int i = 0; i < 4; i++) {
		stage_receive(stage, "alice", HAM_MAIL);
		assert_int_not_equal(stage->judgement.result_class, RESULT_WHITELISTED);
	}
	feed(CLASS_SPAM, SPAM_MAIL, 10);
	struct learned before = learned_of(stage, "alice");
	struct store_row lessons = learned_lessons(stage, "alice");
	stage_receive(stage, "alice",
		      "From: bob@work.example\nSubject: cheap pills\n\nbuy cheap pills casino winner\n");
	const char *id = stage->judgement.signature;
	assert_int_equal(stage->judgement.result_class, RESULT_WHITELISTED);
	assert_false(stage->judgement.spam);
	assert_int_equal(stage_row(stage, "alice", "From*bob@work.example").innocent, 5);
	/* the hit of the sender, and no lesson */
	struct store_row now = learned_lessons(stage, "alice");
	assert_memory_equal(&lessons, &now, sizeof now);
	unlearn(id);
	expect_same(&before);
	/* somebody whose mail was reported is not on the list any more */
	stage_retrain(stage, "alice", CLASS_SPAM, id);
	assert_int_equal(stage_row(stage, "alice", "From*bob@work.example").spam, 1);
	assert_int_equal(stage_row(stage, "alice", "From*bob@work.example").innocent, 4);
	stage_receive(stage, "alice", HAM_MAIL);
	assert_int_not_equal(stage->judgement.result_class, RESULT_WHITELISTED);
	learned_free(&before);
}

/* Whether senders are counted may change between a message and its report: what it has counted is moved, and no more.
 */
static void
test_whitelist_switched(void **state)
{
	static const char *const lines[] = {"", "Preference \"enableWhitelist=off\"\n"};
	char id[64];

	(void)state;
	for (int off = 0; off < 2; off++) {
		if (off > 0)
			learned_close(&place);
		learned_open(&place, "sqlite", NULL, lines[1]);
		stage_receive(stage, "alice", NEW_MAIL);
		learned_reopen(&place, lines[0]);
		stage_receive(stage, "alice", NEW_MAIL);
		if (off == 0)
			learned_reopen(&place, lines[off]);
		stage_receive(stage, "alice", HAM_MAIL);
		snprintf(id, sizeof id, "%s", stage->judgement.signature);
		learned_reopen(&place, lines[1 - off]);
		stage_retrain(stage, "alice", CLASS_SPAM, id);
		learned_check(stage, "alice", NULL);
		assert_int_equal(stage_row(stage, "alice", "From*bob@work.example").innocent, 1);
		assert_int_equal(stage_row(stage, "alice", "From*bob@work.example").spam, 1);
		unlearn(id);
		learned_check(stage, "alice", NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_whitelist, tear_down),
		cmocka_unit_test_teardown(test_whitelist_switched, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
