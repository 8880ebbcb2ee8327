/* Groups with Algorithm adaptive: whose rows are read and written, who is asked, who is taught. */
#include "learned.h"

#include <stdio.h>

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"

static struct learned_place place;
static struct stage *const stage = &place.stage;

static void
begin(const char *groups)
{
	learned_open(&place, "memory", groups, "Preference \"whitelistThreshold=1000\"\n");
}

static int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

static void
feed(const char *user, enum training_class training_class, const char *message)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < 20; i++)
		stage_run(stage, &request, user, span_from(message));
}

static void
school(const char *user)
{
	feed(user, CLASS_SPAM, SPAM_MAIL);
	feed(user, CLASS_INNOCENT, HAM_MAIL);
}

static enum result_class
receive(const char *user, const char *message, enum training_mode mode)
{
	const struct request request = {.mode = mode};

	stage_run(stage, &request, user, span_from(message));
	return stage->judgement.result_class;
}

static size_t
rows_of(const char *user)
{
	struct learned learned = learned_of(stage, user);
	size_t count = learned.count;

	learned_free(&learned);
	return count;
}

static void
test_shared(void **state)
{
	(void)state;
	begin("office:shared:alice,bob\n");
	school("alice");
	assert_int_equal(receive("bob", SPAM_MAIL, TRAINING_TEFT), RESULT_SPAM);
	assert_int_equal(receive("bob", NEW_MAIL, TRAINING_TEFT), RESULT_UNSURE);
	stage_retrain(stage, "alice", stage->judgement.score > 0 ? CLASS_INNOCENT : CLASS_SPAM,
		      stage->judgement.signature);
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	assert_int_equal(rows_of("alice"), 0);
	assert_int_equal(rows_of("bob"), 0);
	assert_true(rows_of("office") > 0);
	struct totals totals = stage_totals(stage, "office");
	assert_int_equal(totals.spam_misclassified + totals.innocent_misclassified, 1);
}

/* The site's model judges with the user's, and users do not change it. */
static void
test_merged(void **state)
{
	(void)state;
	begin("site:merged:alice,bob\n");
	assert_int_equal(receive("alice", SPAM_MAIL, TRAINING_TOE), RESULT_UNSURE);
	school("site");
	struct learned site = learned_of(stage, "site");
	assert_int_equal(receive("alice", SPAM_MAIL, TRAINING_TOE), RESULT_SPAM);
	assert_int_equal(receive("alice", HAM_MAIL, TRAINING_TEFT), RESULT_INNOCENT);
	assert_int_equal(receive("carol", SPAM_MAIL, TRAINING_TOE), RESULT_UNSURE);
	/* alice thinks otherwise, is believed for herself, and can take it back */
	receive("alice", SPAM_MAIL, TRAINING_TEFT);
	const char *id = stage->judgement.signature;
	struct learned before = learned_of(stage, "alice"), now;
	stage_retrain(stage, "alice", CLASS_INNOCENT, id);
	assert_int_not_equal(receive("alice", SPAM_MAIL, TRAINING_TOE), RESULT_SPAM);
	assert_int_equal(receive("bob", SPAM_MAIL, TRAINING_TOE), RESULT_SPAM);
	learned_check(stage, "alice", NULL);
	const struct request back = {.mode = TRAINING_UNLEARN, .signature = id};
	stage_run(stage, &back, "alice", SPAN(""));
	assert_true(learned_lessons(stage, "alice").innocent <= 1);
	learned_check(stage, "alice", NULL);
	now = learned_of(stage, "site");
	assert_null(learned_difference(&site, &now));
	learned_free(&now);
	learned_free(&before);
	learned_free(&site);
}

/* Who is unsure asks, and learns what he was told. */
static void
test_classification(void **state)
{
	(void)state;
	begin("net:classification:alice,bob,carol\n");
	stage_uid(stage, "alice");
	stage_uid(stage, "carol");
	assert_int_equal(receive("alice", SPAM_MAIL, TRAINING_TEFT), RESULT_UNSURE); /* nobody knows more */
	const struct request back = {.mode = TRAINING_UNLEARN, .signature = stage->judgement.signature};
	stage_run(stage, &back, "alice", SPAN(""));
	school("bob");
	struct learned bob = learned_of(stage, "bob"), now;
	/* that nobody calls it spam makes it no surer */
	assert_int_equal(receive("carol", HAM_MAIL, TRAINING_TOE), RESULT_UNSURE);
	assert_int_equal(receive("alice", SPAM_MAIL, TRAINING_TEFT), RESULT_SPAM);
	assert_true(stage->judgement.spam);
	assert_false(stage->judgement.suspect);
	assert_int_equal(learned_lessons(stage, "alice").spam, 1);
	assert_int_equal(stage_totals(stage, "alice").spam_learned, 1);
	learned_check(stage, "alice", NULL);
	now = learned_of(stage, "bob");
	assert_null(learned_difference(&bob, &now));
	learned_free(&now);
	learned_free(&bob);
}

/* A global user has the say for who is young, in both directions. */
static void
test_global(void **state)
{
	(void)state;
	begin("g:classification:*oracle\n");
	school("oracle");
	assert_int_equal(receive("alice", SPAM_MAIL, TRAINING_TEFT), RESULT_SPAM);
	assert_int_equal(receive("alice", HAM_MAIL, TRAINING_TEFT), RESULT_INNOCENT);
	assert_int_equal(learned_lessons(stage, "alice").spam, 1);
	assert_int_equal(learned_lessons(stage, "alice").innocent, 1);
	learned_check(stage, "alice", NULL);
}

/* What one reports is taught to those who do not know it, by message and by signature. */
static void
test_inoculation(void **state)
{
	(void)state;
	begin("nine:inoculation:alice,bob,carol\n");
	stage_uid(stage, "bob");
	school("carol");
	struct store_row carol = learned_lessons(stage, "carol"), now;
	receive("alice", SPAM_MAIL, TRAINING_TOE);
	stage_retrain(stage, "alice", CLASS_SPAM, stage->judgement.signature);
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	assert_int_equal(learned_lessons(stage, "alice").spam, 1);
	assert_int_equal(learned_lessons(stage, "bob").spam, 1);
	assert_int_equal(stage_totals(stage, "bob").spam_corpusfed, 1);
	now = learned_lessons(stage, "carol");
	assert_int_equal(now.spam, carol.spam);
	learned_check(stage, "alice", NULL);
	const struct request ask = {.classify = true};
	stage_run(stage, &ask, "bob", SPAN(SPAM_MAIL));
	assert_true(stage->judgement.score > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shared, tear_down),
		cmocka_unit_test_teardown(test_merged, tear_down),
		cmocka_unit_test_teardown(test_classification, tear_down),
		cmocka_unit_test_teardown(test_global, tear_down),
		cmocka_unit_test_teardown(test_inoculation, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
