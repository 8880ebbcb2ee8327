/* What is judged, what goes on as it came, who is known, and what is said about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>

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
check_passed(const char *message, const char *note)
{
	struct totals none = {0}, totals = stage_totals(&stage, "alice");

	assert_false(stage.judgement.judged);
	assert_false(stage.judgement.has_lesson);
	assert_string_equal(stage.judgement.note, note);
	assert_string_equal(stage_output(&stage).data, message);
	assert_memory_equal(&totals, &none, sizeof none);
}

static void
test_inbound(void **state)
{
	(void)state;
	stage_open(&stage, "");
	stage_receive(&stage, "alice", MAIL);
	assert_true(stage.judgement.judged);
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
	assert_int_equal(stage.judgement.training, TRAINING_NONE);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
	assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 1);
	const char *out = stage_output(&stage).data;
	assert_non_null(strstr(out, "X-DSPAM-Result: Innocent\n"));
	assert_non_null(strstr(out, stage.judgement.signature));
	/* nothing of it is seen by anybody else */
	assert_int_equal(stage_row(&stage, "bob", "minutes").innocent, 0);
}

/* Classifying writes nothing, and makes no user. */
static void
test_classify(void **state)
{
	struct request request = {.classify = true};
	store_uid uid = 1;

	(void)state;
	stage_open(&stage, "");
	stage_run(&stage, &request, "nobody", span_from(MAIL));
	assert_true(stage.judgement.judged);
	assert_false(stage.judgement.has_lesson);
	assert_null(stage.judgement.signature);
	assert_true(store_user(filter_store(stage.filter), SPAN("nobody"), false, &uid, &stage.error));
	assert_int_equal(uid, 0);
}

static void
test_user_names(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "../a", "a\nb"};
	struct request request = {.classify = false};

	(void)state;
	stage_open(&stage, "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_false(filter_judge(stage.filter, stage.arena, &request, names[i], span_from(MAIL),
					  &stage.judgement, &stage.error));
		assert_int_equal(stage.error.code, ERROR_USER);
		assert_false(stage.error.temporary);
	}
}

/* An error of somebody who is not known has nothing to learn from, with a signature and without. */
static void
test_error_of_unknown_user(void **state)
{
	static const char *const configurations[] = {"", "TrainPristine on\n"};
	struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	store_uid uid = 1;
	struct totals none = {0}, totals;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		if (i > 0)
			stage_close(&stage);
		stage_open(&stage, configurations[i]);
		stage_run(&stage, &request, "nobody", span_from(MAIL));
		assert_false(stage.judgement.has_lesson);
		assert_int_equal(stage.judgement.training, TRAINING_MISSING);
		assert_non_null(stage.judgement.note);
		assert_true(store_user(filter_store(stage.filter), SPAN("nobody"), false, &uid, &stage.error));
		assert_int_equal(uid, 0);
		assert_true(store_read(filter_store(stage.filter), 0, &totals, NULL, 0, &stage.error));
		assert_memory_equal(&totals, &none, sizeof none);
	}
}

static void
test_signature_that_is_not_there(void **state)
{
	(void)state;
	stage_open(&stage, "");
	stage_receive(&stage, "alice", MAIL);
	const char *id = stage.judgement.signature;
	stage_retrain(&stage, "alice", CLASS_SPAM, "0123456789");
	assert_int_equal(stage.judgement.training, TRAINING_MISSING);
	assert_string_equal(stage.judgement.note, "signature 0123456789 is not in the store");
	stage_retrain(&stage, "alice", CLASS_SPAM, "no 'signature");
	assert_int_equal(stage.judgement.training, TRAINING_MISSING);
	/* that of somebody else is not there either */
	stage_receive(&stage, "bob", MAIL);
	stage_retrain(&stage, "bob", CLASS_SPAM, id);
	assert_int_equal(stage.judgement.training, TRAINING_MISSING);
	assert_int_equal(stage_totals(&stage, "bob").spam_learned, 0);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
	stage_retrain(&stage, "alice", CLASS_SPAM, id);
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_int_equal(stage_totals(&stage, "alice").spam_misclassified, 1);
}

/* The whole way of an error: the marked message comes back, from each place, and is learned again. */
static void
test_signature_in_each_place(void **state)
{
	static const char *const places[] = {"message", "headers", "attachment"};
	char configuration[100];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
		if (i > 0)
			stage_close(&stage);
		snprintf(configuration, sizeof configuration, "Preference \"signatureLocation=%s\"\n", places[i]);
		stage_open(&stage, configuration);
		stage_receive(&stage, "alice", MAIL);
		struct span marked = stage_output(&stage);
		assert_int_equal(strstr(marked.data, "!DSPAM:") != NULL, i != 1);
		stage_run(&stage, &request, "alice", marked);
		assert_int_equal(stage.judgement.training, TRAINING_DONE);
		assert_non_null(strstr(stage_output(&stage).data, "X-DSPAM-Reclassified: Spam\n"));
		assert_int_equal(stage_row(&stage, "alice", "minutes").spam, 1);
		assert_int_equal(stage_row(&stage, "alice", "minutes").innocent, 0);
		assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
	}
}

/* ---- what is not looked at ---------------------------------------------------- */

static void
write_below(const char *directory, const char *name)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", stage.home, directory);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/%s", directory, name);
	stage_write(&stage, path, "");
}

static void
test_opt_out(void **state)
{
	(void)state;
	stage_open(&stage, "Opt out\n");
	write_below("opt-out", "alice.nodspam");
	stage_receive(&stage, "alice", MAIL);
	check_passed(MAIL, "the user has opted out");
	stage_receive(&stage, "bob", MAIL);
	assert_true(stage.judgement.judged);
}

static void
test_opt_out_by_preference(void **state)
{
	(void)state;
	stage_open(&stage, "Opt out\nPreference \"optOut=on\"\n");
	stage_receive(&stage, "alice", MAIL);
	check_passed(MAIL, "the user has opted out");
}

static void
test_opt_in(void **state)
{
	(void)state;
	stage_open(&stage, "Opt in\n");
	stage_receive(&stage, "alice", MAIL);
	check_passed(MAIL, "the user has not opted in");
	write_below("opt-in", "alice.dspam");
	stage_receive(&stage, "alice", MAIL);
	assert_true(stage.judgement.judged);
}

static void
test_message_size(void **state)
{
	char message[102] = "A: b\n\n";

	(void)state;
	stage_open(&stage, "MaxMessageSize 100\n");
	memset(message + 6, 'x', 95);
	stage_receive(&stage, "alice", message);
	check_passed(message, "larger than MaxMessageSize");
	message[100] = '\0';
	stage_receive(&stage, "alice", message);
	assert_true(stage.judgement.judged);
}

static void
test_nothing_to_judge(void **state)
{
	(void)state;
	stage_open(&stage, "");
	stage_receive(&stage, "alice", "");
	check_passed("", "the message has no words to judge it by");
	stage_receive(&stage, "alice", "\n\n");
	check_passed("\n\n", "the message has no words to judge it by");
}

/* Whatever the arena holds: the message is marked, or goes on as it came. Only one that holds nothing is an error. */
static void
test_small_arenas(void **state)
{
	static char message[200000] = "From: bob@example.org\nContent-Transfer-Encoding: base64\n\n";
	struct request request = {.classify = false};
	size_t passed = 0, judged = 0;
	bool failed = false;

	(void)state;
	stage_open(&stage, "Feature noise\nFeature whitelist\n");
	for (size_t i = strlen(message); i < sizeof message - 1; i++)
		message[i] = "ABCDEFGHIJKLMNOP\n"[(i * i + i / 7) % 17];
	for (size_t ceiling = 0; ceiling < (size_t)8 << 20; ceiling += (size_t)64 << 10) {
		struct arena *arena = arena_new(ceiling);
		if (!filter_judge(stage.filter, arena, &request, "alice", span_from(message), &stage.judgement,
				  &stage.error)) {
			failed = true;
			assert_int_equal(ceiling, 0);
		} else if (stage.judgement.judged) {
			judged++;
			assert_true(stage.judgement.has_lesson);
		} else {
			passed++;
			assert_false(stage.judgement.has_lesson);
			assert_int_equal(stage.judgement.piece_count, 1);
			assert_ptr_equal(stage.judgement.pieces[0].data, message);
		}
		arena_free(arena);
	}
	print_message("%zu arenas were too small, %zu were not\n", passed, judged);
	assert_true(failed);
	assert_true(passed > 3);
	assert_true(judged > 3);
}

/* ---- tags ------------------------------------------------------------------ */

/* Spam that carries its words only, so that the verdict is sure. */
static void
teach_spam(void)
{
	struct request spam = {.training_class = CLASS_SPAM, .source = SOURCE_CORPUS};
	struct request innocent = {.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS};

	for (int i = 0; i < 20; i++) {
		stage_run(&stage, &spam, "alice", SPAN("Subject: pills\n\nbuy cheap pills now casino lottery\n"));
		stage_run(&stage, &innocent, "alice", SPAN("Subject: hello\n\nsee the minutes of our meeting\n"));
	}
}

static void
test_tags(void **state)
{
	(void)state;
	stage_open(&stage, "Preference \"spamAction=tag\"\nPreference \"tagSpam=on\"\nPreference \"tagNonspam=on\"\n"
			   "Preference \"signatureLocation=headers\"\n");
	teach_spam();
	stage_write(&stage, "msgtag.spam", "-- \nThis is spam.\n");
	stage_receive(&stage, "alice", "Subject: pills\n\nbuy cheap pills now casino lottery\n");
	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
	const char *out = stage_output(&stage).data;
	assert_non_null(strstr(out, "Subject: [SPAM] pills\n"));
	assert_non_null(strstr(out, "lottery\n\n-- \nThis is spam.\n"));
	/* the other file is missing: the message goes without a tag, but with all else */
	stage_receive(&stage, "alice", "Subject: hello\n\nsee the minutes of our meeting\n");
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
	out = stage_output(&stage).data;
	assert_non_null(strstr(out, "Subject: hello\n"));
	assert_non_null(strstr(out, "X-DSPAM-Result: Innocent\n"));
	assert_non_null(strstr(out, "\n\nsee the minutes of our meeting\n"));
	assert_string_equal(out + strlen(out) - 9, " meeting\n");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_inbound),
		TEST(test_classify),
		TEST(test_user_names),
		TEST(test_error_of_unknown_user),
		TEST(test_signature_that_is_not_there),
		TEST(test_signature_in_each_place),
		TEST(test_opt_out),
		TEST(test_opt_out_by_preference),
		TEST(test_opt_in),
		TEST(test_message_size),
		TEST(test_nothing_to_judge),
		TEST(test_small_arenas),
		TEST(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
