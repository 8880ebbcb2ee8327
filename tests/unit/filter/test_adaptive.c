/*
 * Algorithm adaptive in the filter: three answers, what each mode learns by itself, reports that count once and are
 * taken back to the last bit. Each on the store in memory and on SQLite.
 */
#include "learned.h"

#include <stdio.h>

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"
/* Lessons of each kind, after which both are certain; as text in totals. */
#define SCHOOL 20
#define HEADERS "Preference \"signatureLocation=headers\"\n"

static const char *driver;
static struct learned_place place;
static struct stage *const stage = &place.stage;

static void
begin(const char *lines)
{
	learned_open(&place, driver, NULL, lines);
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

	stage_run(stage, &request, user, span_from(message));
}

/* Lessons of the corpus leave no signature: take what they taught as given. */
static struct learned
school(const char *user)
{
	for (int i = 0; i < SCHOOL; i++) {
		feed(user, CLASS_SPAM, SPAM_MAIL);
		feed(user, CLASS_INNOCENT, HAM_MAIL);
	}
	return learned_of(stage, user);
}

static void
receive(const char *user, const char *message, enum training_mode mode)
{
	const struct request request = {.mode = mode};

	stage_run(stage, &request, user, span_from(message));
}

static void
report(const char *user, enum training_class training_class, enum training_mode mode, const char *id)
{
	const struct request request = {
		.training_class = training_class, .source = SOURCE_ERROR, .mode = mode, .signature = id};

	stage_run(stage, &request, user, (struct span){NULL, 0});
}

static void
expect_totals(const char *user, const char *expected)
{
	struct totals t = stage_totals(stage, user);
	char text[200];

	snprintf(text, sizeof text, "%ld %ld %ld %ld %ld %ld %ld %ld", (long)t.spam_learned, (long)t.innocent_learned,
		 (long)t.spam_misclassified, (long)t.innocent_misclassified, (long)t.spam_corpusfed,
		 (long)t.innocent_corpusfed, (long)t.spam_classified, (long)t.innocent_classified);
	assert_string_equal(text, expected);
}

static void
expect_same(const char *user, const struct learned *before)
{
	struct learned now = learned_of(stage, user);
	const char *difference = learned_difference(before, &now);

	learned_free(&now);
	if (difference != NULL)
		fail_msg("%s: %s", user, difference);
}

static void
expect_lessons(const char *user, unsigned spam, unsigned innocent)
{
	struct store_row row = learned_lessons(stage, user);

	assert_int_equal(row.spam, spam);
	assert_int_equal(row.innocent, innocent);
}

/* What the message counts as, sure or not. */
static enum training_class
taken_for(void)
{
	return stage->judgement.score > 0 ? CLASS_SPAM : CLASS_INNOCENT;
}

static enum training_class
other(enum training_class training_class)
{
	return training_class == CLASS_SPAM ? CLASS_INNOCENT : CLASS_SPAM;
}

static const char *
output(void)
{
	return stage_output(stage).data;
}

/* ---- three answers ------------------------------------------------------------------ */

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
		/* what is quarantined is counted, and taught, as what it was taken for */
		expect_lessons("alice", rows[i].result == RESULT_SPAM, rows[i].result != RESULT_SPAM);
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

/* ---- what is learned at arrival ------------------------------------------------------- */

static void
test_modes(void **state)
{
	static const struct {
		enum training_mode mode;
		bool known, unsure;          /* learns mail that is known well, and mail that is unsure */
		int64_t learned, classified; /* by the totals */
	} rows[] = {
		{TRAINING_TEFT, false, true, 2, 0},
		{TRAINING_TUM, false, true, 2, 0},
		{TRAINING_TOE, false, false, 0, 2},
		{TRAINING_NOTRAIN, false, false, 0, 0},
	};

	(void)state;
	begin("");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char user[20];
		snprintf(user, sizeof user, "user%zu", i);
		struct learned taught = school(user);
		struct store_row before = learned_lessons(stage, user);
		receive(user, SPAM_MAIL, rows[i].mode);
		assert_int_equal(stage->judgement.result_class, RESULT_SPAM);
		struct store_row known = learned_lessons(stage, user);
		assert_int_equal(known.spam + known.innocent - before.spam - before.innocent, rows[i].known);
		receive(user, NEW_MAIL, rows[i].mode);
		assert_int_equal(stage->judgement.result_class, RESULT_UNSURE);
		struct store_row unsure = learned_lessons(stage, user);
		assert_int_equal(unsure.spam + unsure.innocent - known.spam - known.innocent, rows[i].unsure);
		struct totals totals = stage_totals(stage, user);
		assert_int_equal(totals.spam_learned + totals.innocent_learned, 2 * SCHOOL + rows[i].learned);
		assert_int_equal(totals.spam_classified + totals.innocent_classified, rows[i].classified);
		learned_check(stage, user, &taught);
		learned_free(&taught);
	}
}

/* teft learns what is not certain yet, tum what is unsure. */
static void
test_teft_learns_more_than_tum(void **state)
{
	unsigned lessons[2] = {0};

	(void)state;
	begin("");
	for (int mode = 0; mode < 2; mode++) {
		const char *user = mode == 0 ? "teft" : "tum";
		feed(user, CLASS_SPAM, SPAM_MAIL);
		feed(user, CLASS_INNOCENT, HAM_MAIL);
		for (int i = 0; i < 10; i++) {
			receive(user, SPAM_MAIL, mode == 0 ? TRAINING_TEFT : TRAINING_TUM);
			receive(user, HAM_MAIL, mode == 0 ? TRAINING_TEFT : TRAINING_TUM);
		}
		struct store_row row = learned_lessons(stage, user);
		lessons[mode] = row.spam + row.innocent;
	}
	assert_true(lessons[0] > lessons[1]);
	assert_true(lessons[0] < 22); /* and nothing any more from what is certain */
}

/* ---- reports ------------------------------------------------------------------------ */

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
	/* taught already when it came */
	receive("alice", "From: x@y.example\nSubject: else\n\nquite other things\n", TRAINING_TEFT);
	id = stage->judgement.signature;
	struct learned arrived = learned_of(stage, "alice");
	report("alice", taken_for(), TRAINING_MODE_UNSET, id);
	expect_same("alice", &arrived);
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
		cmocka_unit_test_teardown(test_nothing_is_known, tear_down),
		cmocka_unit_test_teardown(test_three_answers, tear_down),
		cmocka_unit_test_teardown(test_thresholds, tear_down),
		cmocka_unit_test_teardown(test_subject_tag, tear_down),
		cmocka_unit_test_teardown(test_modes, tear_down),
		cmocka_unit_test_teardown(test_teft_learns_more_than_tum, tear_down),
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
