/*
 * AdaptiveAdvisor: users whom the original's algorithms know keep what they have when they change to Algorithm
 * adaptive, others notice nothing, and no statistics of the original's are touched.
 */
#include "learned.h"

#include <stdio.h>

#include "filter/advice.h"
#include "filter/appraisal.h"
#include "filter/kept_features.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"
#define SCHOOL 10 /* lessons of each kind before the change; not so many that senders are whitelisted */
#define CLASSIC "Algorithm graham\nAlgorithm burton\nTokenizer chain\nPreference \"signatureLocation=headers\"\n"

static struct learned_place place;
static struct stage *const stage = &place.stage;

static int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

/* What the administrator changes in dspam.conf. */
static void
change_to_adaptive(bool advised)
{
	stage->settings->advisors = advised ? ALGORITHM_GRAHAM | ALGORITHM_BURTON : 0;
	stage->settings->algorithms = ALGORITHM_ADAPTIVE;
}

/* Alice has been taught by the original's algorithms. */
static void
begin(const char *groups, bool advised)
{
	const struct request spam = {.training_class = CLASS_SPAM, .source = SOURCE_CORPUS};
	const struct request innocent = {.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS};

	learned_open(&place, "memory", groups, CLASSIC);
	for (int i = 0; i < SCHOOL; i++) {
		stage_run(stage, &spam, "alice", SPAN(SPAM_MAIL));
		stage_run(stage, &innocent, "alice", SPAN(HAM_MAIL));
	}
	change_to_adaptive(advised);
}

static enum result_class
classify(const char *user, const char *message)
{
	const struct request ask = {.classify = true, .explain = true};

	stage_run(stage, &ask, user, span_from(message));
	return stage->judgement.result_class;
}

static enum result_class
receive(const char *user, const char *message)
{
	stage_receive(stage, user, message);
	return stage->judgement.result_class;
}

static void
unlearn(const char *id)
{
	const struct request request = {.mode = TRAINING_UNLEARN, .signature = id};

	stage_run(stage, &request, "alice", SPAN(""));
}

/* The advice among the factors; of no family of advice if there is none. */
static struct factor
advice_of_judgement(void)
{
	static const struct feature none = {.view = FEATURE_VIEWS};

	for (size_t i = 0; i < stage->judgement.factor_count; i++)
		if (stage->judgement.factors[i].feature->view == FEATURE_ADVICE)
			return stage->judgement.factors[i];
	return (struct factor){.feature = &none};
}

static bool
is_advised(void)
{
	return advice_of_judgement().feature->view == FEATURE_ADVICE;
}

static struct store_row
row_of(const char *user, uint64_t token)
{
	struct store_row row = {.token = token};

	must(store_read(filter_store(stage->filter), stage_uid(stage, user), NULL, &row, 1, &stage->error),
	     &stage->error);
	return row;
}

static bool
has_advice_row(const char *user)
{
	for (unsigned kind = 0; kind < ADVICE_KINDS; kind++) {
		struct store_row row = row_of(user, advice_feature(kind).id);
		if (row.spam != 0 || row.innocent != 0 || row.weight != 0 || row.gradient != 0)
			return true;
	}
	return false;
}

/* The rows of alice are what she had before, what her signatures say, and the mail that was counted since. */
static void
check_alice(const struct learned *before)
{
	struct store_row since = row_of("alice", APPRAISAL_SINCE);
	struct learned more = {0};

	for (size_t i = 0; i < before->count; i++)
		learned_add(&more, before->rows[i].token, before->rows[i].spam, before->rows[i].innocent, 0, 0);
	learned_add(&more, APPRAISAL_SINCE, since.spam, since.innocent, 0, 0);
	learned_check(stage, "alice", &more);
	learned_free(&more);
}

/* ---- the day of the change ----------------------------------------------------------- */

static void
test_first_day(void **state)
{
	(void)state;
	begin(NULL, true);
	assert_int_equal(classify("alice", SPAM_MAIL), RESULT_SPAM);
	assert_true(is_advised());
	assert_true(advice_of_judgement().value > 1);
	assert_true(advice_of_judgement().value == stage->judgement.score); /* nobody else has said anything so far */
	assert_int_equal(classify("alice", HAM_MAIL), RESULT_INNOCENT);
	assert_true(advice_of_judgement().value < -1);
	/* without, all of it would have to be learned again */
	change_to_adaptive(false);
	assert_int_equal(classify("alice", SPAM_MAIL), RESULT_UNSURE);
	assert_false(is_advised());
}

/* Who was not taught before is judged and taught as if there were no advisor. */
static void
test_nobody_to_ask(void **state)
{
	struct learned rows[2];

	(void)state;
	for (int advised = 0; advised < 2; advised++) {
		begin(NULL, advised);
		for (int i = 0; i < 3; i++) {
			classify("bob", i == 1 ? HAM_MAIL : SPAM_MAIL);
			assert_false(is_advised());
			receive("bob", i == 1 ? HAM_MAIL : SPAM_MAIL);
			stage_retrain(stage, "bob", i == 1 ? CLASS_INNOCENT : CLASS_SPAM, stage->judgement.signature);
		}
		/* mail that has no words known to alice is none to advise on, either */
		classify("alice", "From: zoe@x.example\n\nquite other\n");
		struct store_row since = row_of("bob", APPRAISAL_SINCE);
		assert_int_equal(since.spam, advised ? 2 : 0);
		assert_int_equal(since.innocent, advised ? 1 : 0);
		rows[advised] = learned_of(stage, "bob");
		if (advised == 0)
			tear_down(NULL);
	}
	size_t at = 0;
	assert_int_equal(rows[1].count, rows[0].count + 1);
	for (size_t i = 0; i < rows[1].count; i++) {
		if (rows[1].rows[i].token == APPRAISAL_SINCE)
			continue;
		assert_true(rows[1].rows[i].token == rows[0].rows[at].token);
		assert_int_equal(rows[1].rows[i].weight, rows[0].rows[at].weight);
		at++;
	}
	learned_free(&rows[0]);
	learned_free(&rows[1]);
}

/* Purged tokens leave totals, but nothing to ask. */
static void
test_tokens_gone(void **state)
{
	const struct totals totals = {.spam_learned = 900, .innocent_learned = 900};

	(void)state;
	begin(NULL, true);
	stage_add(stage, "carol", totals);
	assert_int_equal(classify("carol", SPAM_MAIL), RESULT_UNSURE);
	assert_false(is_advised());
}

/* ---- lessons ------------------------------------------------------------------------- */

/* Tokens are not taught, and judge with the totals that they had, whatever comes after. */
static void
test_classic_stays(void **state)
{
	(void)state;
	begin(NULL, true);
	struct learned before = learned_of(stage, "alice");
	for (int i = 0; i < 40; i++)
		assert_int_equal(receive("alice", SPAM_MAIL), RESULT_SPAM);
	struct store_row since = row_of("alice", APPRAISAL_SINCE);
	assert_int_equal(since.spam, 40);
	assert_int_equal(since.innocent, 0);
	assert_int_equal(stage_totals(stage, "alice").spam_learned, SCHOOL + 40);
	check_alice(&before);
	/* back again: the original's algorithms find what they left */
	stage->settings->algorithms = ALGORITHM_GRAHAM | ALGORITHM_BURTON;
	stage_receive(stage, "alice", HAM_MAIL);
	assert_int_equal(stage->judgement.result_class, RESULT_INNOCENT);
	learned_free(&before);
}

/* Reports count once, and are taken back to the last bit, the advice with them. */
static void
test_reports(void **state)
{
	(void)state;
	begin(NULL, true);
	struct learned before = learned_of(stage, "alice");
	assert_int_equal(receive("alice", SPAM_MAIL), RESULT_SPAM);
	const char *id = stage->judgement.signature;
	struct learned received = learned_of(stage, "alice");
	for (int i = 0; i < 2; i++) {
		stage_retrain(stage, "alice", CLASS_INNOCENT, id);
		check_alice(&before);
		assert_true(has_advice_row("alice"));
	}
	assert_int_equal(row_of("alice", APPRAISAL_SINCE).innocent, 1);
	assert_int_equal(row_of("alice", APPRAISAL_SINCE).spam, 0);
	change_to_adaptive(false); /* also when nobody advises any more */
	unlearn(id);
	assert_false(has_advice_row("alice"));
	check_alice(&before);
	learned_free(&received);
	learned_free(&before);
}

/* Who reports the same verdict as wrong again and again is not troubled by it for long. */
static void
test_trust_is_lost(void **state)
{
	int reports = 0;

	(void)state;
	begin(NULL, true);
	while (receive("alice", SPAM_MAIL) == RESULT_SPAM) {
		stage_retrain(stage, "alice", CLASS_INNOCENT, stage->judgement.signature);
		assert_true(++reports < 5);
	}
	assert_true(reports > 0);
	classify("alice", SPAM_MAIL);
	assert_true(is_advised());
	assert_true(advice_of_judgement().innocent > 0);
	assert_true(advice_of_judgement().value < advice_start(ADVICE_KINDS - 1) / 1024.0 * 1.25 / 2.3);
}

/* What one user's algorithms said is nothing that the others of a group learn about. */
static void
test_group(void **state)
{
	(void)state;
	begin("two:inoculation:alice,bob\n", true);
	assert_int_equal(receive("alice", HAM_MAIL), RESULT_INNOCENT);
	stage_retrain(stage, "alice", CLASS_SPAM, stage->judgement.signature);
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	assert_true(has_advice_row("alice"));
	assert_int_equal(learned_lessons(stage, "bob").spam, 1);
	assert_false(has_advice_row("bob"));
}

/* The tokens of a merged group advise its members. */
static void
test_merged(void **state)
{
	(void)state;
	begin("alice:merged:bob\n", true);
	struct learned before = learned_of(stage, "alice");
	assert_int_equal(classify("bob", SPAM_MAIL), RESULT_SPAM);
	assert_int_equal(classify("bob", HAM_MAIL), RESULT_INNOCENT);
	assert_int_equal(receive("bob", SPAM_MAIL), RESULT_SPAM);
	assert_true(has_advice_row("bob"));
	check_alice(&before);
	learned_free(&before);
}

/* The site's model judges with all users, but has no tokens, and its totals are not those of theirs. */
static void
test_site_model(void **state)
{
	const struct totals totals = {.spam_learned = 5000, .innocent_learned = 1};
	struct factor alone;

	(void)state;
	begin(NULL, true);
	classify("alice", HAM_MAIL);
	alone = advice_of_judgement();
	stage_add(stage, "site", totals);
	stage->settings->site_model = "site";
	assert_int_equal(classify("alice", HAM_MAIL), RESULT_INNOCENT);
	assert_true(is_advised());
	assert_true(advice_of_judgement().value == alone.value);
}

/* ---- signatures ---------------------------------------------------------------------- */

/* What was kept in three views is read as before. */
static void
test_format_before(void **state)
{
	struct feature features[] = {{.id = 11, .view = 0}, {.id = 22, .view = 1}, {.id = 33, .view = 2}};
	const struct adaptive_change changes[] = {{.weight = 7}, {.weight = -8, .gradient = 9}, {.gradient = 1000}};
	const struct feature_set set = {features, 3};
	const struct kept_features kept = {.set = &set,
					   .sender = 44,
					   .verdict = CLASS_SPAM,
					   .lesson = CLASS_INNOCENT,
					   .counted = true,
					   .changes = changes};
	struct kept_features again;

	(void)state;
	learned_open(&place, "memory", NULL, "");
	struct span data = kept_features_encode(stage->arena, &kept);
	char *old = arena_text(stage->arena, data.size);
	assert_int_equal(data.data[8], 2);
	/* 12 bytes of head and 3 counts; the fourth count is left out */
	memcpy(old, data.data, 18);
	memcpy(old + 18, data.data + 20, data.size - 20);
	old[8] = 1;
	must(kept_features_decode(stage->arena, span_of(old, data.size - 2), &again, &stage->error), &stage->error);
	assert_int_equal(again.set->count, 3);
	assert_true(again.sender == 44 && again.verdict == CLASS_SPAM && again.lesson == CLASS_INNOCENT);
	for (size_t i = 0; i < 3; i++) {
		assert_true(again.set->features[i].id == features[i].id && again.set->features[i].view == i);
		assert_int_equal(again.changes[i].weight, changes[i].weight);
		assert_int_equal(again.changes[i].gradient, changes[i].gradient);
	}
	for (size_t size = 0; size < data.size - 2; size++)
		assert_false(kept_features_decode(stage->arena, span_of(old, size), &again, &stage->error));
	old[8] = 3;
	assert_false(kept_features_decode(stage->arena, span_of(old, data.size - 2), &again, &stage->error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_first_day, tear_down),
		cmocka_unit_test_teardown(test_nobody_to_ask, tear_down),
		cmocka_unit_test_teardown(test_tokens_gone, tear_down),
		cmocka_unit_test_teardown(test_classic_stays, tear_down),
		cmocka_unit_test_teardown(test_reports, tear_down),
		cmocka_unit_test_teardown(test_trust_is_lost, tear_down),
		cmocka_unit_test_teardown(test_group, tear_down),
		cmocka_unit_test_teardown(test_merged, tear_down),
		cmocka_unit_test_teardown(test_site_model, tear_down),
		cmocka_unit_test_teardown(test_format_before, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
