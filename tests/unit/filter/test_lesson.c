/* A lesson counts once, however often it is given or taken back, and by whom at the same time. */
#include "filter/signature.h"
#include "lesson_stage.h"

static void
unlearn(const char *user, enum training_class training_class, const char *id)
{
	struct request request = {
		.training_class = training_class, .source = SOURCE_ERROR, .mode = TRAINING_UNLEARN, .signature = id};

	stage_run(&stage, &request, user, (struct span){NULL, 0});
}

static void
assert_learned(int64_t spam, int64_t innocent, int64_t missed, int64_t mistaken)
{
	struct totals totals = stage_totals(&stage, "anna");
	struct store_row row = stage_row(&stage, "anna", "minutes");

	assert_int_equal(totals.spam_learned, spam);
	assert_int_equal(totals.innocent_learned, innocent);
	assert_int_equal(totals.spam_misclassified, missed);
	assert_int_equal(totals.innocent_misclassified, mistaken);
	assert_int_equal(row.spam, spam);
	assert_int_equal(row.innocent, innocent);
}

static void
check_repeated(const char *settings)
{
	char id[SIGNATURE_ID_SIZE + 1];

	stage_open(&stage, settings);
	stage_receive(&stage, "anna", MAIL);
	snprintf(id, sizeof id, "%s", stage.judgement.signature);
	assert_learned(0, 1, 0, 0);
	stage_retrain(&stage, "anna", CLASS_INNOCENT, id); /* that is what it is */
	assert_learned(0, 1, 0, 0);
	for (int i = 0; i < 3; i++) {
		stage_retrain(&stage, "anna", CLASS_SPAM, id);
		assert_int_equal(stage.judgement.training, TRAINING_DONE);
		assert_learned(1, 0, 1, 0);
	}
	for (int i = 0; i < 2; i++) {
		stage_retrain(&stage, "anna", CLASS_INNOCENT, id);
		assert_learned(0, 1, 1, 1);
	}
	for (int i = 0; i < 2; i++) {
		unlearn("anna", CLASS_INNOCENT, id);
		assert_learned(0, 0, 1, 1);
	}
	/* there is nothing to take back now */
	stage_receive(&stage, "anna", MAIL);
	stage_retrain(&stage, "anna", CLASS_SPAM, id);
	assert_learned(1, 1, 2, 1);
}

/* Without a class it is taken back as what it was learned as, and once. */
static void
test_unlearn_without_class(void **state)
{
	struct request request = {.mode = TRAINING_UNLEARN};
	struct totals none = {0}, totals;

	(void)state;
	stage_open(&stage, "");
	for (int corrected = 0; corrected < 2; corrected++) {
		const char *user = corrected ? "bob" : "alice";
		stage_receive(&stage, user, MAIL);
		request.signature = stage.judgement.signature;
		if (corrected)
			stage_retrain(&stage, user, CLASS_SPAM, request.signature);
		for (int i = 0; i < 2; i++) {
			stage_run(&stage, &request, user, SPAN(""));
			totals = stage_totals(&stage, user);
			totals.spam_misclassified = 0; /* which stays, as ever */
			assert_memory_equal(&totals, &none, sizeof none);
			assert_int_equal(stage_row(&stage, user, "minutes").spam, 0);
			assert_int_equal(stage_row(&stage, user, "minutes").innocent, 0);
		}
	}
}

static void
test_repeated(void **state)
{
	(void)state;
	check_repeated("");
}

static void
test_repeated_sbph(void **state)
{
	(void)state;
	check_repeated("Tokenizer sbph\n");
}

static void
test_repeated_as_the_original_did(void **state)
{
	char id[SIGNATURE_ID_SIZE + 1];

	(void)state;
	stage_open(&stage, "Compat doubleTraining\n");
	stage_receive(&stage, "anna", MAIL);
	snprintf(id, sizeof id, "%s", stage.judgement.signature);
	for (int i = 1; i <= 3; i++) {
		stage_retrain(&stage, "anna", CLASS_SPAM, id);
		assert_int_equal(stage_totals(&stage, "anna").spam_misclassified, i);
	}
}

/* Two programs that were asked for the same at the same time: the second one is told to look again. */
static void
test_at_the_same_time(void **state)
{
	struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	struct judgement first, second;
	struct error error;

	(void)state;
	stage_open(&stage, "");
	stage_receive(&stage, "anna", MAIL);
	request.signature = stage.judgement.signature;
	assert_true(filter_judge(stage.filter, stage.arena, &request, "anna", SPAN(""), &first, &error));
	assert_true(filter_judge(stage.filter, stage.arena, &request, "anna", SPAN(""), &second, &error));
	assert_true(filter_learn(stage.filter, &first, &error));
	assert_false(filter_learn(stage.filter, &second, &error));
	assert_true(error.temporary);
	assert_learned(1, 0, 1, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unlearn_without_class),        TEST(test_repeated),         TEST(test_repeated_sbph),
		TEST(test_repeated_as_the_original_did), TEST(test_at_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
