/*
 * What groups do (statistics 12): whose totals and tokens are read and written, who is asked, who is taught.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stage.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: pills\n\nbuy cheap pills casino winner\n"
#define HAM_MAIL "From: bob@example.org\nSubject: minutes\n\nminutes meeting agenda schedule\n"
#define NEUTRAL_MAIL "From: new@else.example\nSubject: words\n\nnothing anybody knows about\n"

static struct stage stage;

static int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

static void
feed(const char *user, enum training_class training_class, const char *message, int count)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++)
		stage_run(&stage, &request, user, span_from(message));
}

/* Enough of both kinds to be sure of SPAM_MAIL and HAM_MAIL. */
static void
school(const char *user)
{
	feed(user, CLASS_SPAM, SPAM_MAIL, 10);
	feed(user, CLASS_INNOCENT, HAM_MAIL, 10);
}

static void
expect_totals(const char *user, const char *expected)
{
	struct totals t = stage_totals(&stage, user);
	char text[200];

	snprintf(text, sizeof text, "%ld %ld %ld %ld %ld %ld %ld %ld", (long)t.spam_learned, (long)t.innocent_learned,
		 (long)t.spam_misclassified, (long)t.innocent_misclassified, (long)t.spam_corpusfed,
		 (long)t.innocent_corpusfed, (long)t.spam_classified, (long)t.innocent_classified);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", user, text, expected);
}

static void
expect_hits(const char *user, const char *token, unsigned spam, unsigned innocent)
{
	struct store_row row = stage_row(&stage, user, token);

	if (row.spam != spam || row.innocent != innocent)
		fail_msg("%s, %s: %u and %u instead of %u and %u", user, token, row.spam, row.innocent, spam, innocent);
}

static void
classify(const char *user, const char *message)
{
	const struct request request = {.classify = true};

	stage_run(&stage, &request, user, span_from(message));
}

/* Nobody of that name is in the store. */
static void
expect_unknown(const char *user)
{
	store_uid uid;

	assert_true(store_user(filter_store(stage.filter), span_from(user), false, &uid, &stage.error));
	assert_int_equal(uid, 0);
}

/* ---- shared ------------------------------------------------------------------- */

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

/* ---- merged ------------------------------------------------------------------- */

static void
test_merged(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:*,-carol\n", "");
	school("all");
	expect_totals("all", "10 10 0 0 10 10 0 0");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	assert_string_equal(stage.judgement.owner, "alice");
	assert_string_equal(stage.judgement.merged, "all");
	expect_totals("alice", "1 0 0 0 0 0 0 0");
	expect_hits("alice", "pills", 1, 0);
	expect_totals("all", "10 10 0 0 10 10 0 0");
	expect_hits("all", "pills", 10, 0);
	/* what is taken back goes below zero nowhere, and leaves the group alone */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	expect_totals("alice", "0 1 0 1 0 0 0 0");
	expect_hits("alice", "pills", 0, 1);
	struct request unlearn = {.training_class = CLASS_SPAM, .mode = TRAINING_UNLEARN};
	stage_run(&stage, &unlearn, "alice", span_from(SPAM_MAIL));
	expect_hits("alice", "pills", 0, 1);
	expect_hits("all", "pills", 10, 0);
	/* who is taken out knows nothing */
	stage_receive(&stage, "carol", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	assert_null(stage.judgement.merged);
}

/* Maturity is that of both together: TOE learns only errors as soon as the group has learned enough. */
static void
test_merged_maturity(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "TrainingMode toe\n");
	stage_add(&stage, "all", (struct totals){.spam_learned = 101, .innocent_learned = 100});
	stage_receive(&stage, "alice", HAM_MAIL);
	expect_totals("alice", "0 1 0 0 0 0 0 0");
	stage_receive(&stage, "alice", HAM_MAIL);
	expect_totals("alice", "0 1 0 0 0 0 0 1");
}

/* The weight of a report depends on what both know: 5 for what is new, 2 for what is known, and only to one. */
static void
test_merged_inoculation(void **state)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_INOCULATION};

	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "");
	stage_add(&stage, "all", (struct totals){.spam_learned = 100, .innocent_learned = 100});
	feed("all", CLASS_INNOCENT, "Subject: winner\n\nwinner\n", 3);
	stage_run(&stage, &request, "alice", span_from(SPAM_MAIL));
	expect_totals("alice", "1 0 0 0 1 0 0 0");
	expect_hits("alice", "pills", 5, 0);
	expect_hits("alice", "winner", 2, 0);
	expect_hits("all", "winner", 0, 3);
}

/* The group's noise patterns and whitelist hits count, too. */
static void
test_merged_whitelist(void **state)
{
	(void)state;
	stage_open_groups(&stage, "all:merged:alice\n", "Feature whitelist\n");
	school("all");
	feed("all", CLASS_INNOCENT, "From: win@deals.example\nSubject: x\n\nx\n", 200);
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_int_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

/* ---- inoculation ---------------------------------------------------------------- */

static void
test_inoculation(void **state)
{
	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob,carol,dave\n", "");
	static const char *const users[] = {"alice", "bob", "carol"};
	for (size_t i = 0; i < 3; i++)
		stage_add(&stage, users[i], (struct totals){.spam_learned = 9, .innocent_learned = 9});
	school("carol"); /* who knows it already */
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	expect_totals("alice", "9 10 0 0 0 0 0 0");
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	expect_totals("alice", "10 9 1 0 0 0 0 0");
	expect_hits("alice", "pills", 1, 0);
	expect_totals("bob", "10 9 0 0 1 0 0 0");
	expect_hits("bob", "pills", 5, 0);
	expect_totals("carol", "19 19 0 0 10 10 0 0");
	expect_totals("dave", "1 0 0 0 1 0 0 0"); /* is made known */
	expect_hits("dave", "pills", 1, 0);       /* in no more messages than were learned */
}

/* Neither good mail, nor kept mail, nor what is taken back is anybody else's. */
static void
test_inoculation_is_for_reports(void **state)
{
	static const struct request requests[] = {
		{.training_class = CLASS_INNOCENT, .source = SOURCE_INOCULATION},
		{.training_class = CLASS_SPAM, .source = SOURCE_CORPUS},
		{.training_class = CLASS_SPAM, .mode = TRAINING_UNLEARN},
		{.classify = true},
	};

	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "");
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		stage_run(&stage, &requests[i], "alice", span_from(SPAM_MAIL));
	stage_receive(&stage, "alice", SPAM_MAIL);
	expect_unknown("bob");
}

/* By message each is taught once; the original taught the reporter a second time. */
static void
test_inoculation_by_message(void **state)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};

	(void)state;
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "TrainPristine on\n");
	school("alice");
	school("bob");
	stage_run(&stage, &request, "alice", span_from(NEUTRAL_MAIL));
	expect_totals("alice", "11 9 1 0 10 10 0 0");
	expect_totals("bob", "11 10 0 0 11 10 0 0");
	expect_hits("alice", "nothing", 1, 0);
	expect_hits("bob", "nothing", 5, 0);
	stage_close(&stage);
	stage_open_groups(&stage, "nine:inoculation:alice,bob\n", "TrainPristine on\nCompat trainingBugs\n");
	school("alice");
	stage_run(&stage, &request, "alice", span_from(NEUTRAL_MAIL));
	expect_totals("alice", "12 9 1 0 11 10 0 0");
	expect_hits("alice", "nothing", 6, 0);
}

/* Who keeps out of groups is not taught, nor who is in a shared group, nor who learns nothing. */
static void
test_inoculation_spares(void **state)
{
	(void)state;
	stage_open_groups(&stage, "office:shared:dave\nnine:inoculation:alice,bob,carol,dave\n",
			  "AllowOverride ignoreGroups trainingMode\n");
	store_uid bob = stage_uid(&stage, "bob"), carol = stage_uid(&stage, "carol");
	assert_true(store_preference_set(filter_store(stage.filter), bob, "ignoreGroups", "on", &stage.error));
	assert_true(store_preference_set(filter_store(stage.filter), carol, "trainingMode", "NOTRAIN", &stage.error));
	stage_receive(&stage, "alice", SPAM_MAIL);
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	expect_totals("alice", "1 0 1 0 0 0 0 0");
	expect_totals("bob", "0 0 0 0 0 0 0 0");
	expect_totals("carol", "0 0 0 0 0 0 0 0");
	expect_totals("office", "0 0 0 0 0 0 0 0");
}

/* ---- classification ---------------------------------------------------------------- */

#define MIXED_MAIL "Subject: mixed\n\nalpha beta gamma delta epsilon zeta\n"

/* Half of the words are in mail of one kind, half in that of the other. */
static void
make_unsure(const char *user)
{
	feed(user, CLASS_SPAM, "Subject: a\n\nalpha beta gamma\n", 6);
	feed(user, CLASS_INNOCENT, "Subject: b\n\ndelta epsilon zeta\n", 6);
}

static void
test_classification(void **state)
{
	(void)state;
	stage_open_groups(&stage, "net:classification:alice,bob,carol\n", "");
	make_unsure("alice");
	/* nobody knows better: the own verdict holds */
	stage_receive(&stage, "alice", MIXED_MAIL);
	assert_false(stage.judgement.spam);
	assert_true(stage.judgement.confidence < 0.65);
	expect_totals("alice", "6 7 0 0 6 6 0 0");
	stage_retrain(&stage, "alice", CLASS_SPAM, stage.judgement.signature);
	stage_close(&stage);

	stage_open_groups(&stage, "net:classification:alice,bob,carol\n", "");
	make_unsure("alice");
	feed("carol", CLASS_SPAM, MIXED_MAIL, 10);
	feed("carol", CLASS_INNOCENT, HAM_MAIL, 10);
	stage_receive(&stage, "alice", MIXED_MAIL);
	assert_true(stage.judgement.spam);
	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
	expect_totals("alice", "7 6 0 0 6 6 0 0"); /* SM is not counted */
	expect_hits("alice", "alpha", 7, 0);
	expect_hits("alice", "delta", 1, 6);
	expect_totals("carol", "10 10 0 0 10 10 0 0");
	expect_unknown("bob");
	/* it can be corrected like any other */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	expect_totals("alice", "6 7 0 1 6 6 0 0");
	expect_hits("alice", "delta", 0, 7);
}

/* Who is sure does not ask. */
static void
test_classification_sure(void **state)
{
	(void)state;
	stage_open_groups(&stage, "net:classification:alice,bob\n", "");
	feed("alice", CLASS_INNOCENT, SPAM_MAIL, 10);
	feed("alice", CLASS_SPAM, HAM_MAIL, 10);
	school("bob");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.confidence >= 0.65);
	assert_false(stage.judgement.spam);
}

/* The recording: nobody yet, his own probability, confidence 0.60, and one spam learned. */
static void
test_global(void **state)
{
	(void)state;
	stage_open_groups(&stage, "g:classification:*oracle\n", "ProcessorBias on\n");
	/* without the oracle the own verdict holds */
	stage_receive(&stage, "k3", SPAM_MAIL);
	assert_true(stage.judgement.confidence > 0.99);
	double own = stage.judgement.probability;
	expect_totals("k3", "0 1 0 0 0 0 0 0");
	school("oracle");
	stage_receive(&stage, "k4", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	assert_true(stage.judgement.probability <= own && own < 0.05);
	assert_true(stage.judgement.confidence > 0.599 && stage.judgement.confidence < 0.601);
	expect_totals("k4", "1 0 0 0 0 0 0 0");
	expect_hits("k4", "pills", 1, 0);
	expect_totals("oracle", "10 10 0 0 10 10 0 0");
}

/* An own verdict of spam that the global user does not share is learned as innocent, IM not counted. */
static void
test_global_innocent(void **state)
{
	(void)state;
	stage_open_groups(&stage, "g:classification:*oracle\n", "");
	feed("oracle", CLASS_INNOCENT, SPAM_MAIL, 10);
	feed("oracle", CLASS_SPAM, HAM_MAIL, 10);
	school("alice");
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_false(stage.judgement.spam);
	expect_totals("alice", "10 11 0 0 10 10 0 0");
	expect_hits("alice", "pills", 10, 1);
	/* who has learned enough judges himself, unless he never learns from mail */
	stage_add(&stage, "alice", (struct totals){.spam_learned = 230, .innocent_learned = 979});
	stage_receive(&stage, "alice", SPAM_MAIL);
	assert_true(stage.judgement.spam);
	const struct request notrain = {.mode = TRAINING_NOTRAIN};
	stage_run(&stage, &notrain, "alice", span_from(SPAM_MAIL));
	assert_false(stage.judgement.spam);
	expect_totals("alice", "241 990 0 0 10 10 0 0");
}

/* ---- properties ------------------------------------------------------------------ */

static unsigned long seed = 20240229;

static unsigned
any(unsigned below)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % below;
}

static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"};
#define WORDS (sizeof words / sizeof *words)

static void
write_mail(char text[static 400])
{
	size_t used = (size_t)snprintf(text, 400, "Subject: %s\n\n", words[any(WORDS)]);

	for (unsigned i = 0; i < 5; i++)
		used += (size_t)snprintf(text + used, 400 - used, "%s ", words[any(WORDS)]);
	snprintf(text + used, 400 - used, "\n");
}

struct snapshot {
	struct totals totals;
	uint32_t hits[WORDS][2];
};

static struct snapshot
take_snapshot(const char *user)
{
	struct snapshot snapshot = {.totals = stage_totals(&stage, user)};

	for (size_t i = 0; i < WORDS; i++) {
		struct store_row row = stage_row(&stage, user, words[i]);
		snapshot.hits[i][0] = row.spam;
		snapshot.hits[i][1] = row.innocent;
	}
	return snapshot;
}

/*
 * Any history of lessons in a group and their undoing, in any order, leaves exactly what was there; and the memory
 * of a merged group is never written to by a member.
 */
static void
undo_histories(const char *owner)
{
	enum { HISTORIES = 1000, LESSONS = 8 };
	static const char *const users[] = {"alice", "bob"};
	char mail[LESSONS][400];
	enum training_class classes[LESSONS];

	for (int history = 0; history < HISTORIES; history++) {
		struct snapshot before = take_snapshot(owner), group = take_snapshot("group");
		const char *user = users[any(strcmp(owner, "group") == 0 ? 2 : 1)];
		unsigned count = 1 + any(LESSONS);
		for (unsigned i = 0; i < count; i++) {
			write_mail(mail[i]);
			if (any(2) == 0) { /* mail that arrives, and is perhaps corrected */
				stage_receive(&stage, user, mail[i]);
				classes[i] = stage.judgement.spam ? CLASS_SPAM : CLASS_INNOCENT;
			} else {
				classes[i] = any(2) == 0 ? CLASS_SPAM : CLASS_INNOCENT;
				feed(user, classes[i], mail[i], 1);
			}
		}
		for (unsigned i = count; i > 0; i--) {
			unsigned which = any(i); /* in any order */
			const struct request unlearn = {
				.training_class = classes[which], .source = SOURCE_CORPUS, .mode = TRAINING_UNLEARN};
			stage_run(&stage, &unlearn, user, span_from(mail[which]));
			memmove(mail[which], mail[i - 1], sizeof mail[which]);
			classes[which] = classes[i - 1];
		}
		struct snapshot after = take_snapshot(owner), still = take_snapshot("group");
		/* that they were fed is not forgotten */
		after.totals.spam_corpusfed = before.totals.spam_corpusfed;
		after.totals.innocent_corpusfed = before.totals.innocent_corpusfed;
		if (memcmp(&before, &after, sizeof before) != 0)
			fail_msg("history %d left other counts", history);
		if (strcmp(owner, "group") != 0)
			assert_memory_equal(&group, &still, sizeof group);
		/* something stays, so that the next history begins elsewhere */
		write_mail(mail[0]);
		feed("alice", any(2) == 0 ? CLASS_SPAM : CLASS_INNOCENT, mail[0], 1);
		arena_reset(stage.arena);
	}
}

static void
test_undoing_in_shared(void **state)
{
	(void)state;
	stage_open_groups(&stage, "group:shared:*\n", "");
	undo_histories("group");
}

static void
test_undoing_in_merged(void **state)
{
	(void)state;
	stage_open_groups(&stage, "group:merged:*\n", "");
	for (int i = 0; i < 40; i++) {
		char mail[400];
		write_mail(mail);
		feed("group", i % 2 == 0 ? CLASS_SPAM : CLASS_INNOCENT, mail, 1);
	}
	undo_histories("alice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shared, tear_down),
		cmocka_unit_test_teardown(test_classify_in_shared, tear_down),
		cmocka_unit_test_teardown(test_managed, tear_down),
		cmocka_unit_test_teardown(test_ignore_groups, tear_down),
		cmocka_unit_test_teardown(test_merged, tear_down),
		cmocka_unit_test_teardown(test_merged_maturity, tear_down),
		cmocka_unit_test_teardown(test_merged_inoculation, tear_down),
		cmocka_unit_test_teardown(test_merged_whitelist, tear_down),
		cmocka_unit_test_teardown(test_inoculation, tear_down),
		cmocka_unit_test_teardown(test_inoculation_is_for_reports, tear_down),
		cmocka_unit_test_teardown(test_inoculation_by_message, tear_down),
		cmocka_unit_test_teardown(test_inoculation_spares, tear_down),
		cmocka_unit_test_teardown(test_classification, tear_down),
		cmocka_unit_test_teardown(test_classification_sure, tear_down),
		cmocka_unit_test_teardown(test_global, tear_down),
		cmocka_unit_test_teardown(test_global_innocent, tear_down),
		cmocka_unit_test_teardown(test_undoing_in_shared, tear_down),
		cmocka_unit_test_teardown(test_undoing_in_merged, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
