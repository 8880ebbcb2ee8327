/*
 * Lessons at their limits (statistics 6, 7, 11), and what must hold of any row of them: a correction leaves what
 * learning rightly at once would have left, and unlearning leaves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "filter/signature.h"
#include "stage.h"

#define MAIL "From: bob@example.org\nSubject: the minutes\n\nplease read the minutes of our meeting\n"

static struct stage stage;

static int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

static void
run_many(const char *user, enum training_class training_class, const char *message, int count)
{
	struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++) {
		stage_run(&stage, &request, user, span_from(message));
		arena_reset(stage.arena);
	}
}

/* ---- modes --------------------------------------------------------------- */

/* TOE learns like TEFT up to 100 messages of either kind. */
static void
test_toe(void **state)
{
	static const struct {
		int64_t spam, innocent;
		bool mature;
	} rows[] = {{0, 0, false}, {100, 100, false}, {101, 100, false}, {100, 101, false}, {101, 101, true}};

	(void)state;
	stage_open(&stage, "TrainingMode toe\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char user[20];
		snprintf(user, sizeof user, "user%zu", i);
		stage_add(&stage, user,
			  (struct totals){.spam_learned = rows[i].spam, .innocent_learned = rows[i].innocent});
		stage_receive(&stage, user, MAIL);
		struct totals totals = stage_totals(&stage, user);
		assert_int_equal(totals.spam_learned + totals.innocent_learned,
				 rows[i].spam + rows[i].innocent + !rows[i].mature);
		assert_int_equal(totals.spam_classified + totals.innocent_classified, rows[i].mature);
		struct store_row row = stage_row(&stage, user, "minutes");
		assert_int_equal(row.spam + row.innocent, !rows[i].mature);
		/* an error is learned in either case, by its signature */
		const char *id = stage.judgement.signature;
		stage_retrain(&stage, user, CLASS_SPAM, id);
		assert_int_equal(stage.judgement.training, TRAINING_DONE);
		assert_int_equal(stage_row(&stage, user, "minutes").spam, 1);
	}
}

static void
test_toe_with_markov(void **state)
{
	(void)state;
	stage_open(&stage, "TrainingMode toe\nPValue markov\n");
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
	assert_int_equal(stage_totals(&stage, "alice").innocent_classified, 1);
}

/* TUM leaves tokens alone that were seen 50 times, when the verdict is sure. */
static void
test_tum(void **state)
{
	(void)state;
	stage_open(&stage, "TrainingMode tum\nFeature whitelist\n");
	run_many("alice", CLASS_SPAM, "Subject: pills\n\nbuy cheap pills casino\n", 60);
	run_many("alice", CLASS_INNOCENT, "Subject: hello\n\nminutes meeting agenda of\n", 49);
	stage_receive(&stage, "alice", MAIL);
	assert_false(stage.judgement.spam);
	assert_true(stage.judgement.confidence >= 0.70);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 50);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 1);
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 50);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 2);
	assert_int_equal(stage_row(&stage, "alice", "From*bob@example.org").innocent, 2);
	/* errors are learned all the same */
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 49);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, 1);
	assert_int_equal(stage_row(&stage, "alice", "please").innocent, 1);
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
test_notrain(void **state)
{
	struct totals none = {0};

	(void)state;
	stage_open(&stage, "TrainingMode notrain\n");
	stage_receive(&stage, "alice", MAIL);
	assert_true(stage.judgement.judged);
	assert_null(stage.judgement.signature);
	assert_null(strstr(stage_output(&stage).data, "DSPAM-Signature"));
	struct totals totals = stage_totals(&stage, "alice");
	assert_memory_equal(&totals, &none, sizeof none);
}

/* The user's mode is that of his preference, unless the request says another. */
static void
test_where_the_mode_comes_from(void **state)
{
	struct request request = {.mode = TRAINING_TEFT};

	(void)state;
	stage_open(&stage, "TrainingMode teft\nPreference \"trainingMode=NOTRAIN\"\n");
	stage_receive(&stage, "alice", MAIL);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
	stage_run(&stage, &request, "alice", SPAN(MAIL));
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
}

/* ---- whitelist -------------------------------------------------------------- */

/* More than 10 innocent messages of one sender: the 12th is whitelisted, whatever its words are. */
static void
test_whitelist(void **state)
{
	(void)state;
	stage_open(&stage, "Feature whitelist\n");
	for (int i = 1; i <= 12; i++) {
		stage_receive(&stage, "alice", MAIL);
		assert_int_equal(stage.judgement.result_class, i < 12 ? RESULT_INNOCENT : RESULT_WHITELISTED);
		assert_false(stage.judgement.spam);
	}
	assert_int_equal(stage_row(&stage, "alice", "From*bob@example.org").innocent, 12);
	/* one spam of his, against 12 / 15: no longer */
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	stage_receive(&stage, "alice", MAIL);
	assert_int_not_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

static void
test_whitelist_threshold(void **state)
{
	(void)state;
	stage_open(&stage, "Preference \"enableWhitelist=on\"\nPreference \"whitelistThreshold=2\"\n");
	for (int i = 1; i <= 4; i++) {
		stage_receive(&stage, "alice", MAIL);
		assert_int_equal(stage.judgement.result_class, i < 4 ? RESULT_INNOCENT : RESULT_WHITELISTED);
	}
	/* of another sender */
	stage_receive(&stage, "alice", "From: eve@example.org\n\nplease read the minutes of our meeting\n");
	assert_int_not_equal(stage.judgement.result_class, RESULT_WHITELISTED);
}

/* ---- test conditional training ------------------------------------------------ */

/* Retrained until the verdict is right, at most five times; the further passes count as corpus. */
static void
check_conditional(int64_t innocent, bool repeats)
{
	struct request classify = {.classify = true};

	run_many("alice", CLASS_SPAM, "Subject: pills\n\nbuy cheap pills casino\n", 100);
	run_many("alice", CLASS_INNOCENT, MAIL, 3);
	stage_add(&stage, "alice", (struct totals){.innocent_learned = innocent - 4});
	struct totals before = stage_totals(&stage, "alice");
	stage_receive(&stage, "alice", MAIL);
	assert_false(stage.judgement.spam);
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	struct totals after = stage_totals(&stage, "alice");
	int64_t passes = after.spam_learned - before.spam_learned;
	assert_int_equal(after.spam_misclassified, 1);
	assert_int_equal(after.innocent_learned, before.innocent_learned);
	assert_int_equal(after.spam_corpusfed - before.spam_corpusfed, passes - 1);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, passes);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 3);
	assert_in_range(passes, repeats ? 2 : 1, repeats ? 5 : 1);
	stage_run(&stage, &classify, "alice", SPAN(MAIL));
	assert_true(stage.judgement.spam || passes == 5 || !repeats);
}

static void
test_conditional(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining on\n");
	check_conditional(1000, true);
}

/* A missed spam is trained once while little innocent mail is known. The correction itself takes one back. */
static void
test_conditional_young(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining on\n");
	check_conditional(999, false);
}

static void
test_unconditional(void **state)
{
	(void)state;
	stage_open(&stage, "TestConditionalTraining off\n");
	check_conditional(5000, false);
}

/* ---- a lesson counts once ------------------------------------------------------------ */

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

/* ---- what holds of any lessons -------------------------------------------------- */

struct rows {
	struct store_row row[100000];
	size_t count;
};

static bool
collect(void *context, const struct store_row *row)
{
	struct rows *rows = context;

	if (row->spam + row->innocent > 0) {
		assert_true(rows->count < sizeof rows->row / sizeof *rows->row);
		rows->row[rows->count++] = *row;
	}
	return true;
}

static int
by_token(const void *a, const void *b)
{
	const struct store_row *left = a, *right = b;

	return store_token_before(right->token, left->token) - store_token_before(left->token, right->token);
}

static void
read_rows(const char *user, struct rows *rows)
{
	rows->count = 0;
	assert_true(store_each_row(filter_store(stage.filter), stage_uid(&stage, user), collect, rows, &stage.error));
	qsort(rows->row, rows->count, sizeof *rows->row, by_token);
}

/* Both users have learned the same: every token that counts, and how much of each kind. */
static void
check_same(const char *one, const char *other)
{
	static struct rows left, right;
	struct totals a = stage_totals(&stage, one), b = stage_totals(&stage, other);

	assert_int_equal(a.spam_learned, b.spam_learned);
	assert_int_equal(a.innocent_learned, b.innocent_learned);
	read_rows(one, &left);
	read_rows(other, &right);
	assert_int_equal(left.count, right.count);
	for (size_t i = 0; i < left.count; i++) {
		assert_true(left.row[i].token == right.row[i].token);
		assert_int_equal(left.row[i].spam, right.row[i].spam);
		assert_int_equal(left.row[i].innocent, right.row[i].innocent);
	}
}

/* A message of words of which some come again and again. */
static void
write_message(char *out, size_t size, unsigned *seed)
{
	size_t used = (size_t)snprintf(out, size, "From: u%u@example.org\nSubject: ", *seed % 7);

	for (int i = 0; i < 30; i++) {
		*seed = *seed * 1103515245U + 12345U;
		used += (size_t)snprintf(out + used, size - used, "%sw%u", i == 5 ? "\n\n" : " ", *seed >> 16 & 63);
	}
}

/* A random step of both users: `left` learns by what he gets and corrects it, `right` learns it rightly at once. */
static void
step(const char *message, unsigned choice)
{
	enum training_class training_class = choice & 1 ? CLASS_SPAM : CLASS_INNOCENT;
	struct request right = {.training_class = training_class, .source = SOURCE_CORPUS};

	stage_receive(&stage, "left", message);
	const char *id = stage.judgement.signature;
	bool was_spam = stage.judgement.spam;
	if (choice % 5 == 0) { /* taken back altogether: the other one has never seen it */
		struct request unlearn = {.training_class = was_spam ? CLASS_SPAM : CLASS_INNOCENT,
					  .mode = TRAINING_UNLEARN,
					  .source = SOURCE_ERROR,
					  .signature = id};
		stage_run(&stage, &unlearn, "left", (struct span){NULL, 0});
		return;
	}
	if (was_spam != (training_class == CLASS_SPAM))
		stage_retrain(&stage, "left", training_class, id);
	stage_run(&stage, &right, "right", span_from(message));
}

static void
check_histories(const char *configuration)
{
	unsigned seed = 1;

	stage_open(&stage, configuration);
	for (int i = 0; i < 150; i++) {
		char message[1000];
		write_message(message, sizeof message, &seed);
		step(message, seed >> 20);
		if (i % 10 == 0)
			check_same("left", "right");
		arena_reset(stage.arena);
	}
	check_same("left", "right");
	struct totals totals = stage_totals(&stage, "left");
	print_message("%lld spam, %lld innocent, %lld corrected\n", (long long)totals.spam_learned,
		      (long long)totals.innocent_learned,
		      (long long)(totals.spam_misclassified + totals.innocent_misclassified));
	assert_true(totals.spam_misclassified + totals.innocent_misclassified > 10);
}

#define HISTORIES(name, configuration)                                                                                 \
	static void test_##name(void **state)                                                                          \
	{                                                                                                              \
		(void)state;                                                                                           \
		check_histories(configuration);                                                                        \
	}

HISTORIES(word, "Tokenizer word\n")
HISTORIES(chain, "")
HISTORIES(sbph, "Tokenizer sbph\n")
HISTORIES(osb, "Tokenizer osb\n")
HISTORIES(chain_of_occurrences, "ProcessorWordFrequency occurrence\n")
HISTORIES(headers, "Preference \"signatureLocation=headers\"\n")

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_toe),
		TEST(test_toe_with_markov),
		TEST(test_tum),
		TEST(test_unlearn_without_class),
		TEST(test_notrain),
		TEST(test_where_the_mode_comes_from),
		TEST(test_whitelist),
		TEST(test_whitelist_threshold),
		TEST(test_conditional),
		TEST(test_conditional_young),
		TEST(test_unconditional),
		TEST(test_repeated),
		TEST(test_repeated_sbph),
		TEST(test_repeated_as_the_original_did),
		TEST(test_at_the_same_time),
		TEST(test_word),
		TEST(test_chain),
		TEST(test_sbph),
		TEST(test_osb),
		TEST(test_chain_of_occurrences),
		TEST(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
