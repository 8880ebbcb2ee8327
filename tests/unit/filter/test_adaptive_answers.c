/* Three answers of Algorithm adaptive, and where one ends and the next begins. */
#include "adaptive_school.h"

#define HEADERS "Preference \"signatureLocation=headers\"\n"

static const char *
output(void)
{
	return stage_output(stage).data;
}

static void
test_nothing_is_known(void **state)
{
	(void)state;
	begin(HEADERS);
	receive("alice", SPAM_MAIL, TRAINING_TOE);
	assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
	assert_false(stage->judgement.spam);
	assert_false(stage->judgement.suspect);
	assert_non_null(strstr(output(), "X-DSPAM-Result: Unsure\n"));
	assert_non_null(strstr(output(), "X-DSPAM-Probability: 0.41"));
	assert_non_null(strstr(output(), "X-DSPAM-Signature: "));
	expect_lessons("alice", 0, 0);
	/* what is thought of mail that was only asked about is the same, and makes nobody known */
	const struct request request = {.classify = true};
	stage_run(stage, &request, "nobody", SPAN(SPAM_MAIL));
	assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
}

static void
test_three_answers(void **state)
{
	(void)state;
	begin("Preference \"whitelistThreshold=1000\"\n");
	struct learned taught = school("alice");
	receive("alice", SPAM_MAIL, TRAINING_TOE);
	assert_int_equal(stage->judgement.result_class, RESULT_SPAM);
	assert_true(stage->judgement.probability >= 0.874);
	receive("alice", HAM_MAIL, TRAINING_TOE);
	assert_int_equal(stage->judgement.result_class, RESULT_INNOCENT);
	assert_true(stage->judgement.probability < 0.065);
	receive("alice", NEW_MAIL, TRAINING_TOE);
	assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
	assert_non_null(strstr(output(), "X-DSPAM-Result: Unsure\n"));
	double apart = 2 * stage->judgement.probability - 1;
	assert_true(stage->judgement.confidence == (apart < 0 ? -apart : apart));
	learned_free(&taught);
}

static void
test_thresholds(void **state)
{
	static const struct {
		const char *lines;
		enum result_class result;
		bool suspect;
	} rows[] = {
		{"", RESULT_UNSURE, false},
		{"Preference \"tagThreshold=0.2\"\n", RESULT_UNSURE, true},
		{"Preference \"quarantineThreshold=0.2\"\n", RESULT_SPAM, false},
		{"Preference \"unsureThreshold=0.9\"\n", RESULT_INNOCENT, false},
		{"Preference \"tagThreshold=much\"\n", RESULT_UNSURE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (i > 0)
			learned_close(&place);
		begin(rows[i].lines);
		receive("alice", NEW_MAIL, TRAINING_TEFT); /* 0.411, about */
		assert_int_equal(stage->judgement.result_class, rows[i].result);
		assert_int_equal(stage->judgement.suspect, rows[i].suspect);
		assert_int_equal(stage->judgement.spam, rows[i].result == RESULT_SPAM);
		/* spam by a threshold alone is counted as spam, and teaches nothing by itself */
		assert_int_equal(stage->judgement.lesson.totals.spam_learned, rows[i].result == RESULT_SPAM);
		expect_lessons("alice", 0, rows[i].result != RESULT_SPAM);
		learned_check(stage, "alice", NULL);
	}
}

static void
test_subject_tag(void **state)
{
	static const char suspects[] = "Preference \"tagThreshold=0.2\"\n";
	char lines[200];

	(void)state;
	snprintf(lines, sizeof lines, "%sPreference \"spamAction=tag\"\nPreference \"spamSubject=[?]\"\n", suspects);
	begin(lines);
	receive("alice", NEW_MAIL, TRAINING_TOE);
	assert_non_null(strstr(output(), "\nSubject: [?] something\n"));
	assert_non_null(strstr(output(), "X-DSPAM-Result: Unsure\n"));
	learned_close(&place);
	begin(suspects);
	receive("alice", NEW_MAIL, TRAINING_TOE);
	assert_non_null(strstr(output(), "\nSubject: something\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nothing_is_known, tear_down),
		cmocka_unit_test_teardown(test_three_answers, tear_down),
		cmocka_unit_test_teardown(test_thresholds, tear_down),
		cmocka_unit_test_teardown(test_subject_tag, tear_down),
	};

	driver = "memory";
	int failures = cmocka_run_group_tests(tests, NULL, NULL);
	driver = "sqlite";
	return failures + cmocka_run_group_tests(tests, NULL, NULL);
}
