/* Reports with Algorithm adaptive: they count once and are taken back to the last bit; and so is the corpus. */
#include "adaptive_school.h"

static enum training_class
other(enum training_class training_class)
{
	return training_class == CLASS_SPAM ? CLASS_INNOCENT : CLASS_SPAM;
}

static void
test_taken_back(void **state)
{
	(void)state;
	begin("");
	struct learned taught = school("alice");
	receive("alice", NEW_MAIL, TRAINING_TEFT);
	const char *id = stage->judgement.signature;
	report("alice", CLASS_NONE, TRAINING_UNLEARN, id);
	expect_same("alice", &taught);
	expect_totals("alice", "20 20 0 0 20 20 0 0");
	/* once */
	report("alice", CLASS_NONE, TRAINING_UNLEARN, id);
	expect_same("alice", &taught);
	expect_totals("alice", "20 20 0 0 20 20 0 0");
	/* and again what it is */
	report("alice", CLASS_SPAM, TRAINING_TEFT, id);
	expect_totals("alice", "21 20 1 0 20 20 0 0");
	learned_check(stage, "alice", &taught);
	report("alice", CLASS_NONE, TRAINING_UNLEARN, id);
	expect_same("alice", &taught);
	learned_free(&taught);
}

static void
test_there_and_back(void **state)
{
	static const enum training_mode modes[] = {TRAINING_TEFT, TRAINING_TUM, TRAINING_TOE, TRAINING_NOTRAIN};

	(void)state;
	begin("");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		char user[20];
		snprintf(user, sizeof user, "user%zu", i);
		struct learned taught = school(user);
		receive(user, NEW_MAIL, TRAINING_TEFT);
		const char *id = stage->judgement.signature;
		report(user, CLASS_SPAM, modes[i], id);
		assert_int_equal(stage->judgement.training, TRAINING_DONE);
		struct learned spam = learned_of(stage, user);
		struct totals once = stage_totals(stage, user), twice;
		report(user, CLASS_SPAM, modes[i], id);
		expect_same(user, &spam);
		twice = stage_totals(stage, user);
		assert_memory_equal(&once, &twice, sizeof once);
		learned_check(stage, user, &taught);
		report(user, CLASS_INNOCENT, modes[i], id);
		learned_check(stage, user, &taught);
		report(user, CLASS_SPAM, modes[i], id);
		expect_same(user, &spam);
		report(user, CLASS_NONE, TRAINING_UNLEARN, id);
		expect_same(user, &taught);
		learned_free(&spam);
		learned_free(&taught);
	}
}

/* A report is believed: what was reported is judged so from then on. */
static void
test_a_report_is_believed(void **state)
{
	const struct request ask = {.classify = true};

	(void)state;
	begin("");
	struct learned taught = school("alice");
	receive("alice", NEW_MAIL, TRAINING_TEFT);
	enum training_class is = other(taken_for());
	report("alice", is, TRAINING_MODE_UNSET, stage->judgement.signature);
	expect_totals("alice", is == CLASS_SPAM ? "21 20 1 0 20 20 0 0" : "20 21 0 1 20 20 0 0");
	stage_run(stage, &ask, "alice", SPAN(NEW_MAIL));
	assert_int_equal(taken_for(), is);
	learned_check(stage, "alice", &taught);
	learned_free(&taught);
}

/* An unsure message whose verdict was right teaches nobody twice, and is no error in the statistics. */
static void
test_confirmation(void **state)
{
	(void)state;
	begin("");
	struct learned taught = school("alice");
	struct store_row before = learned_lessons(stage, "alice");
	receive("alice", NEW_MAIL, TRAINING_TOE);
	assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
	enum training_class is = taken_for();
	const char *id = stage->judgement.signature;
	expect_lessons("alice", before.spam, before.innocent);
	report("alice", is, TRAINING_MODE_UNSET, id);
	expect_lessons("alice", before.spam + (is == CLASS_SPAM), before.innocent + (is == CLASS_INNOCENT));
	struct learned confirmed = learned_of(stage, "alice");
	expect_totals("alice", is == CLASS_SPAM ? "20 20 0 0 20 20 1 0" : "20 20 0 0 20 20 0 1");
	learned_check(stage, "alice", &taught);
	report("alice", is, TRAINING_MODE_UNSET, id);
	expect_same("alice", &confirmed);
	/* what it taught itself when it came was half a lesson: the user's word makes it a whole one, once */
	receive("alice", "From: x@y.example\nSubject: else\n\nquite other things\n", TRAINING_TEFT);
	id = stage->judgement.signature;
	struct learned arrived = learned_of(stage, "alice");
	struct store_row lessons = learned_lessons(stage, "alice");
	enum training_class verdict = taken_for();
	report("alice", verdict, TRAINING_MODE_UNSET, id);
	struct learned said = learned_of(stage, "alice");
	assert_non_null(learned_difference(&arrived, &said));
	expect_lessons("alice", lessons.spam, lessons.innocent);
	report("alice", verdict, TRAINING_MODE_UNSET, id);
	expect_same("alice", &said);
	learned_check(stage, "alice", &taught);
	learned_free(&said);
	learned_free(&arrived);
	learned_free(&confirmed);
	learned_free(&taught);
}

static void
test_corpus(void **state)
{
	(void)state;
	begin("");
	feed("alice", CLASS_SPAM, SPAM_MAIL);
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	expect_lessons("alice", 1, 0);
	expect_totals("alice", "1 0 0 0 1 0 0 0");
	/* what is known by now is counted, and teaches nothing more */
	for (int i = 0; i < 20; i++)
		feed("alice", CLASS_SPAM, SPAM_MAIL);
	expect_totals("alice", "21 0 0 0 21 0 0 0");
	assert_true(learned_lessons(stage, "alice").spam < 10);
	/* by its signature: what stands from it is replaced */
	struct learned taught = learned_of(stage, "alice");
	receive("alice", NEW_MAIL, TRAINING_TEFT);
	const struct request request = {
		.training_class = CLASS_SPAM, .source = SOURCE_CORPUS, .signature = stage->judgement.signature};
	stage_run(stage, &request, "alice", SPAN(""));
	learned_check(stage, "alice", &taught);
	report("alice", CLASS_NONE, TRAINING_UNLEARN, request.signature);
	expect_same("alice", &taught);
	learned_free(&taught);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_taken_back, tear_down),
		cmocka_unit_test_teardown(test_there_and_back, tear_down),
		cmocka_unit_test_teardown(test_a_report_is_believed, tear_down),
		cmocka_unit_test_teardown(test_confirmation, tear_down),
		cmocka_unit_test_teardown(test_corpus, tear_down),
	};

	driver = "memory";
	int failures = cmocka_run_group_tests(tests, NULL, NULL);
	driver = "sqlite";
	return failures + cmocka_run_group_tests(tests, NULL, NULL);
}
