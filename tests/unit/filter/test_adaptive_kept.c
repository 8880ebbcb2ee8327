/*
 * What signatures keep of lessons with Algorithm adaptive: there and back, damaged, of the other kind; rows that were
 * purged in between; senders; and factors, which add up.
 */
#include "learned.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/appraisal.h"
#include "filter/kept_features.h"
#include "filter/signature.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: bob@work.example\nSubject: something\n\nwords that nobody knows about so far\n"

static struct learned_place place;
static struct stage *const stage = &place.stage;

static int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

static void
feed(enum training_class training_class, const char *message, int count)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++)
		stage_run(stage, &request, "alice", span_from(message));
}

static void
unlearn(const char *id)
{
	const struct request request = {.mode = TRAINING_UNLEARN, .signature = id};

	stage_run(stage, &request, "alice", SPAN(""));
}

static void
expect_same(const struct learned *before)
{
	struct learned now = learned_of(stage, "alice");
	const char *difference = learned_difference(before, &now);

	learned_free(&now);
	if (difference != NULL)
		fail_msg("%s", difference);
}

/* ---- there and back -------------------------------------------------------------------- */

static int32_t
any_number(uint64_t *random)
{
	static const int32_t odd[] = {0, 1, -1, 63, 64, -64, -65, INT32_MAX, INT32_MIN};
	uint64_t number = random_next(random);

	return number % 2 == 0 ? odd[number / 2 % 9] : (int32_t)(number >> (32 + number / 2 % 31));
}

static void
check_again(const struct kept_features *kept, struct arena *arena)
{
	struct kept_features again;
	struct error error;
	struct span data = kept_features_encode(arena, kept);

	assert_true(kept_features_are(data));
	must(kept_features_decode(arena, data, &again, &error), &error);
	assert_int_equal(again.set->count, kept->set->count);
	assert_true(again.sender == kept->sender && again.verdict == kept->verdict && again.lesson == kept->lesson);
	assert_int_equal(again.counted, kept->counted && kept->lesson != CLASS_NONE);
	assert_int_equal(again.surprises, kept->surprises && kept->lesson != CLASS_NONE);
	/* in the order of the views, and in each as they were */
	for (size_t view = 0, at = 0; view < FEATURE_VIEWS; view++)
		for (size_t i = 0; i < kept->set->count; i++) {
			if (kept->set->features[i].view != view)
				continue;
			assert_true(again.set->features[at].id == kept->set->features[i].id);
			assert_int_equal(again.set->features[at].view, view);
			if (kept->lesson != CLASS_NONE) {
				assert_int_equal(again.changes[at].weight, kept->changes[i].weight);
				assert_int_equal(again.changes[at].gradient, kept->changes[i].gradient);
			}
			at++;
		}
	/* nothing that is shorter is taken for one */
	for (size_t size = 0; size < data.size; size += 1 + data.size / 500)
		if (kept_features_are(span_head(data, size)))
			assert_false(kept_features_decode(arena, span_head(data, size), &again, &error));
}

static void
test_encoding(void **state)
{
	uint64_t random = 7;

	(void)state;
	learned_open(&place, "memory", NULL, "");
	for (int round = 0; round < 200; round++) {
		size_t count = round == 0 ? 0 : round == 1 ? FEATURES_MAX : random_next(&random) % 200;
		struct feature_set set = {calloc(count + 1, sizeof *set.features), count};
		struct adaptive_change *changes = calloc(count + 1, sizeof *changes);
		for (size_t i = 0; i < count; i++) {
			set.features[i] = (struct feature){.id = random_next(&random),
							   .view = (uint8_t)(random_next(&random) % FEATURE_VIEWS)};
			changes[i] = (struct adaptive_change){.weight = any_number(&random),
							      .gradient = any_number(&random)};
		}
		check_again(&(struct kept_features){.set = &set,
						    .sender = random_next(&random),
						    .verdict = (enum training_class)(random_next(&random) % 3),
						    .lesson = (enum training_class)(random_next(&random) % 3),
						    .counted = random_next(&random) % 2 == 0,
						    .surprises = random_next(&random) % 2 == 0,
						    .changes = changes},
			    stage->arena);
		arena_reset(stage->arena);
		free(changes);
		free(set.features);
	}
}

/* ---- damage --------------------------------------------------------------------------- */

static void
put(const char *id, struct span data)
{
	const struct store_signature signature = {id, data, 20000};
	const struct store_lesson lesson = {.uid = stage_uid(stage, "alice"), .day = 20000, .signature = &signature};

	must(store_learn(filter_store(stage->filter), &lesson, &stage->error), &stage->error);
}

/* Report by a signature with this content; whether anything was learned from it. */
static bool
report_with(const char *id, struct span data)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR, .signature = id};

	put(id, data);
	stage_run(stage, &request, "alice", SPAN(""));
	bool learned = stage->judgement.training == TRAINING_DONE;
	if (!learned) {
		assert_false(stage->judgement.has_lesson);
		assert_non_null(stage->judgement.note);
		assert_true(*stage->judgement.note != '\0');
	}
	return learned;
}

static void
test_damaged(void **state)
{
	enum { HEAD = 26 };
	static const unsigned char flips[] = {1, 2, 0x80, 0xFF};
	struct store_signature kept;
	bool found;

	(void)state;
	learned_open(&place, "memory", NULL, "");
	feed(CLASS_SPAM, SPAM_MAIL, 3);
	stage_receive(stage, "alice", HAM_MAIL);
	const char *id = stage->judgement.signature;
	must(store_signature_get(filter_store(stage->filter), stage_uid(stage, "alice"), id, stage->arena, &kept,
				 &found, &stage->error),
	     &stage->error);
	assert_true(found && kept.data.size > 200);
	char *data = arena_text(stage->arena, kept.data.size + 1);
	memcpy(data, kept.data.data, kept.data.size);
	data[kept.data.size] = 'x';
	for (size_t size = 0; size < kept.data.size; size++) {
		struct learned before = learned_of(stage, "alice");
		assert_false(report_with(id, span_of(data, size)));
		if (size >= 8)
			assert_non_null(strstr(stage->judgement.note, "damaged"));
		expect_same(&before);
		learned_free(&before);
	}
	assert_false(report_with(id, span_of(data, kept.data.size + 1)));
	for (size_t i = 0; i < kept.data.size; i++)
		for (size_t flip = 0; flip < sizeof flips; flip++) {
			data[i] = (char)(data[i] ^ flips[flip]);
			bool learned = report_with(id, span_of(data, kept.data.size));
			/* what says how it is made must be right; another verdict and other numbers can be */
			if (i < HEAD - 8 && i != 9 && !(i == 10 && flips[flip] < 4))
				assert_false(learned);
			data[i] = (char)(data[i] ^ flips[flip]);
		}
	assert_true(report_with(id, span_of(data, kept.data.size)));
}

/* ---- the other kind -------------------------------------------------------------------- */

static void
test_other_kind(void **state)
{
	struct request report = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	char old[64], new[64];

	(void)state;
	learned_open(&place, "sqlite", NULL, "Algorithm graham burton\n");
	stage_receive(stage, "alice", HAM_MAIL);
	snprintf(old, sizeof old, "%s", stage->judgement.signature);
	learned_reopen(&place, "");
	stage_receive(stage, "alice", NEW_MAIL);
	snprintf(new, sizeof new, "%s", stage->judgement.signature);
	struct learned before = learned_of(stage, "alice");
	struct totals totals = stage_totals(stage, "alice"), after;
	report.signature = old;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_REFUSED);
	assert_non_null(strstr(stage->judgement.note, "Algorithm was changed"));
	expect_same(&before);
	learned_reopen(&place, "Algorithm graham burton\n");
	report.signature = new;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_REFUSED);
	assert_non_null(strstr(stage->judgement.note, "Algorithm was changed"));
	expect_same(&before);
	after = stage_totals(stage, "alice");
	assert_memory_equal(&totals, &after, sizeof totals);
	/* each still works with its own */
	report.signature = old;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	learned_free(&before);
	learned_reopen(&place, "");
	before = learned_of(stage, "alice");
	report.signature = new;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	report.training_class = CLASS_INNOCENT;
	stage_run(stage, &report, "alice", SPAN(""));
	learned_free(&before);
}

/* The message itself is there: what was judged by tokens is learned by features, once. */
static void
test_other_kind_with_message(void **state)
{
	const struct request report = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	struct request back = {.mode = TRAINING_UNLEARN};
	char id[64], message[1024];

	(void)state;
	learned_open(&place, "sqlite", NULL, "Algorithm graham burton\n");
	stage_receive(stage, "alice", HAM_MAIL);
	snprintf(id, sizeof id, "%s", stage->judgement.signature);
	snprintf(message, sizeof message, "X-DSPAM-Signature: %s\n" HAM_MAIL, id);
	learned_reopen(&place, "");
	struct learned before = learned_of(stage, "alice");
	stage_run(stage, &report, "alice", span_from(message));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	assert_int_equal(learned_lessons(stage, "alice").spam, 1);
	struct learned once = learned_of(stage, "alice");
	stage_run(stage, &report, "alice", span_from(message));
	expect_same(&once);
	assert_int_equal(stage_totals(stage, "alice").spam_misclassified, 1);
	back.signature = id;
	stage_run(stage, &back, "alice", SPAN(""));
	struct learned now = learned_of(stage, "alice");
	assert_int_equal(learned_lessons(stage, "alice").spam, 0);
	learned_free(&now);
	learned_free(&once);
	learned_free(&before);
}

/* ---- purged in between ------------------------------------------------------------------ */

static bool
is_any(const void *context, const struct store_row *row)
{
	return row->token != APPRAISAL_LESSONS || *(const bool *)context;
}

static void
purge(bool lessons_too)
{
	struct store_walk walk = {0};

	while (!walk.done)
		must(store_purge_rows(filter_store(stage->filter), stage_uid(stage, "alice"), is_any, &lessons_too,
				      &walk, &stage->error),
		     &stage->error);
}

static void
expect_sane(const char *user)
{
	struct learned all = learned_of(stage, user);

	for (size_t i = 0; i < all.count; i++) {
		assert_true(all.rows[i].spam < 100 && all.rows[i].innocent < 100);
		assert_true(all.rows[i].weight > -(8 << 16) && all.rows[i].weight < 8 << 16);
	}
	learned_free(&all);
}

static void
test_purged_in_between(void **state)
{
	(void)state;
	for (int round = 0; round < 8; round++) {
		bool lessons_too = round & 1, comes_again = round & 2, reported = round & 4;
		if (round > 0)
			learned_close(&place);
		learned_open(&place, "sqlite", NULL, "");
		stage_receive(stage, "alice", HAM_MAIL);
		const char *id = stage->judgement.signature;
		purge(lessons_too);
		if (comes_again)
			feed(CLASS_SPAM, HAM_MAIL, 1);
		if (reported)
			stage_retrain(stage, "alice", CLASS_SPAM, id);
		else
			unlearn(id);
		assert_int_equal(stage->judgement.training, reported ? TRAINING_DONE : TRAINING_NONE);
		expect_sane("alice");
		stage_receive(stage, "alice", HAM_MAIL);
		assert_true(isfinite(stage->judgement.score) && fabs(stage->judgement.score) < 8);
	}
}

/* ---- senders ------------------------------------------------------------------------- */

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

/* ---- factors --------------------------------------------------------------------------- */

static void
test_factors(void **state)
{
	static const char *const messages[] = {SPAM_MAIL, HAM_MAIL, NEW_MAIL, "\n", "Subject: x\n\n"};
	const struct request ask = {.classify = true, .explain = true};

	(void)state;
	learned_open(&place, "memory", "all:merged:*\n", "Preference \"showFactors=on\"\n");
	for (int round = 0; round < 2; round++) {
		const struct request teach = {.training_class = CLASS_SPAM, .source = SOURCE_CORPUS};
		const struct request other = {.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS};
		const char *user = round == 0 ? "alice" : "all";
		for (int i = 0; i < 5; i++) {
			stage_run(stage, &teach, user, SPAN(SPAM_MAIL));
			stage_run(stage, &other, user, SPAN(HAM_MAIL));
		}
		for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
			double sum = 0;
			stage_run(stage, &ask, "alice", span_from(messages[i]));
			for (size_t f = 0; f < stage->judgement.factor_count; f++)
				sum += stage->judgement.factors[f].value;
			assert_true(fabs(sum - stage->judgement.score) < 1e-9);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_encoding, tear_down),
		cmocka_unit_test_teardown(test_damaged, tear_down),
		cmocka_unit_test_teardown(test_other_kind, tear_down),
		cmocka_unit_test_teardown(test_other_kind_with_message, tear_down),
		cmocka_unit_test_teardown(test_purged_in_between, tear_down),
		cmocka_unit_test_teardown(test_whitelist, tear_down),
		cmocka_unit_test_teardown(test_whitelist_switched, tear_down),
		cmocka_unit_test_teardown(test_factors, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
