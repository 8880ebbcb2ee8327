/* Signatures with the number of their user: who may teach by them, and whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "filter/signature.h"
#include "stage.h"

#define MAIL "From: bob@example.org\nSubject: the minutes\n\nplease read the minutes of our meeting\n"
#define NUMBERED "StorageDriver sqlite\nSQLiteUIDInSignature on\n"

static struct stage stage;

static int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

/* Mail for `user`, and its signature, which names him. */
static const char *
receive(const char *user)
{
	stage_receive(&stage, user, MAIL);
	const char *id = stage.judgement.signature;
	assert_non_null(id);
	return id;
}

static bool
is_known(const char *user)
{
	store_uid uid;

	assert_true(store_user(filter_store(stage.filter), span_from(user), false, &uid, &stage.error));
	return uid != 0;
}

/* `caller` reports spam, by the message or, if there is none, by the signature. */
static void
report(const char *caller, bool any_user, const char *id, struct span message)
{
	struct request request = {
		.training_class = CLASS_SPAM,
		.source = SOURCE_ERROR,
		.signature = id,
		.any_user = any_user,
	};

	stage_run(&stage, &request, caller, message);
}

static void
check_learned(const char *user)
{
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_string_equal(stage.judgement.user, user);
	assert_int_equal(stage_totals(&stage, user).spam_misclassified, 1);
	assert_int_equal(stage_totals(&stage, user).innocent_learned, 0);
	assert_int_equal(stage_row(&stage, user, "minutes").spam, 1);
}

static void
check_nothing(enum training_outcome outcome, const char *note)
{
	struct totals alice = stage_totals(&stage, "alice");

	assert_int_equal(stage.judgement.training, outcome);
	assert_false(stage.judgement.has_lesson);
	assert_non_null(strstr(stage.judgement.note, note));
	assert_int_equal(alice.spam_misclassified, 0);
	assert_int_equal(alice.innocent_learned, 1);
}

static void
test_number(void **state)
{
	(void)state;
	stage_open(&stage, NUMBERED);
	const char *id = receive("alice");
	assert_int_equal(signature_uid(span_from(id)), stage_uid(&stage, "alice"));
	assert_int_equal(strlen(id), SIGNATURE_ID_SIZE);
	assert_non_null(strstr(stage_output(&stage).data, id));
}

/* One address for all: who sends in is not even known. Mail comes back with its mark in each place. */
static void
test_one_address(void **state)
{
	static const char *const places[] = {"message", "headers", "attachment"};
	char configuration[150];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			stage_close(&stage);
		snprintf(configuration, sizeof configuration, NUMBERED "Preference \"signatureLocation=%s\"\n",
			 places[i]);
		stage_open(&stage, configuration);
		receive("bob");
		receive("alice");
		struct span marked = stage_output(&stage);
		report("report", true, NULL, marked);
		check_learned("alice");
		assert_non_null(strstr(stage_output(&stage).data, "X-DSPAM-Reclassified: Spam\n"));
		report("report", true, NULL, marked); /* once more is known, and counts once */
		check_learned("alice");
		assert_false(is_known("report"));
		assert_int_equal(stage_totals(&stage, "bob").innocent_learned, 1);
	}
}

static void
test_by_signature_alone(void **state)
{
	(void)state;
	stage_open(&stage, NUMBERED);
	const char *id = receive("alice");
	receive("bob");
	report("bob", true, id, (struct span){NULL, 0});
	check_learned("alice");
	assert_int_equal(stage_totals(&stage, "bob").innocent_learned, 1);
}

/* Who is not trusted teaches for himself. */
static void
test_without_trust(void **state)
{
	(void)state;
	stage_open(&stage, NUMBERED);
	const char *id = receive("alice");
	struct span marked = stage_output(&stage);
	receive("bob");
	report("bob", false, id, (struct span){NULL, 0});
	check_nothing(TRAINING_REFUSED, "is of another user");
	assert_non_null(strstr(stage.judgement.note, id));
	report("bob", false, NULL, marked);
	check_nothing(TRAINING_REFUSED, "is of another user");
	report("report", false, NULL, marked);
	check_nothing(TRAINING_MISSING, "not known");
	assert_string_equal(stage.judgement.user, "report");
	report("alice", false, NULL, marked);
	check_learned("alice");
}

/* The number alone opens nothing: the store must know the whole. */
static void
test_guessed(void **state)
{
	char id[40];

	(void)state;
	stage_open(&stage, NUMBERED);
	receive("alice");
	receive("bob");
	snprintf(id, sizeof id, "%u,0123456789abcdef", stage_uid(&stage, "alice"));
	report("bob", true, id, (struct span){NULL, 0});
	check_nothing(TRAINING_MISSING, "is not in the store");
	assert_string_equal(stage.judgement.user, "bob");
	report("bob", true, "77777,0123456789abcdef", (struct span){NULL, 0});
	check_nothing(TRAINING_MISSING, "is not in the store");
}

/* Marks that mail brought with it stand in nobody's way. */
static void
test_among_others(void **state)
{
	char text[1000];

	(void)state;
	stage_open(&stage, NUMBERED);
	const char *id = receive("alice");
	receive("bob");
	snprintf(text, sizeof text, "Subject: Fwd\n\n!DSPAM:%u,abcdef!\n!DSPAM:%s!\n!DSPAM:5000,abc!\n!DSPAM:abc!\n",
		 stage_uid(&stage, "bob"), id);
	report("bob", true, NULL, span_from(text));
	check_learned("alice");
}

static void
keep(const char *user, const char *id)
{
	struct store_signature signature = {id, {"12345678\1\0\0\0\0\0\0\0", 16}, 20000};
	struct store_lesson lesson = {.uid = stage_uid(&stage, user), .signature = &signature};

	assert_true(store_learn(filter_store(stage.filter), &lesson, &stage.error));
}

/* What was made before the switch was turned on, or by the original. */
static void
test_old_signatures(void **state)
{
	char numbered[40];

	(void)state;
	stage_open(&stage, NUMBERED);
	receive("alice");
	receive("bob");
	snprintf(numbered, sizeof numbered, "%u,6b0286a675352099110321", stage_uid(&stage, "alice"));
	keep("alice", "6b0286a675352099110321");
	keep("alice", numbered);
	report("bob", true, "6b0286a675352099110321", (struct span){NULL, 0});
	check_nothing(TRAINING_MISSING, "is not in the store");
	report("alice", true, "6b0286a675352099110321", (struct span){NULL, 0});
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	report("bob", true, numbered, (struct span){NULL, 0});
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_string_equal(stage.judgement.user, "alice");
	assert_int_equal(stage_totals(&stage, "alice").spam_misclassified, 2);
}

/* Without the switch a signature is the caller's, whatever stands in it. */
static void
test_switched_off(void **state)
{
	(void)state;
	stage_open(&stage, NUMBERED);
	const char *id = receive("alice");
	stage.settings->number_signatures = false;
	report("alice2", true, id, (struct span){NULL, 0});
	check_nothing(TRAINING_MISSING, "not known");
	report("alice", true, id, (struct span){NULL, 0});
	check_learned("alice");
	assert_int_equal(signature_uid(span_from(receive("alice"))), 0);
}

/* His preferences and files decide, not those of the one who sends in. */
static void
test_preferences(void **state)
{
	static const char opted[] = "opt-out/report.nodspam";
	char path[200];

	(void)state;
	stage_open(&stage, NUMBERED "Opt out\n");
	snprintf(path, sizeof path, "%s/opt-out", stage.home);
	assert_int_equal(mkdir(path, 0700), 0);
	stage_write(&stage, opted, "");
	stage_receive(&stage, "alice", MAIL);
	report("report", true, NULL, stage_output(&stage));
	check_learned("alice");
}

/* What lies in a group's memory is the group's: any of its members may teach it, and a trusted caller from outside. */
static void
test_groups(void **state)
{
	(void)state;
	stage_open_groups(&stage, "team:shared:alice,bob\nall:merged:carol\n", NUMBERED);
	const char *id = receive("alice");
	assert_int_equal(signature_uid(span_from(id)), stage_uid(&stage, "team"));
	const char *second = receive("bob"), *carols = receive("carol");
	report("bob", false, id, (struct span){NULL, 0});
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_string_equal(stage.judgement.user, "bob");
	report("dave", true, second, (struct span){NULL, 0});
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_string_equal(stage.judgement.user, "team");
	assert_int_equal(stage_totals(&stage, "team").spam_misclassified, 2);
	report("dave", true, carols, (struct span){NULL, 0});
	check_learned("carol");
	assert_string_equal(stage.judgement.merged, "all");
	report("carol", true, receive("alice"), (struct span){NULL, 0});
	assert_null(stage.judgement.merged);
	assert_string_equal(stage.judgement.owner, "team");
}

static void
test_unlearn(void **state)
{
	struct request request = {.mode = TRAINING_UNLEARN, .training_class = CLASS_INNOCENT, .any_user = true};

	(void)state;
	stage_open(&stage, NUMBERED);
	request.signature = receive("alice");
	stage_run(&stage, &request, "report", (struct span){NULL, 0});
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 0);
}

/* A question changes nobody. */
static void
test_classify(void **state)
{
	struct request request = {.classify = true, .any_user = true};

	(void)state;
	stage_open(&stage, NUMBERED);
	receive("alice");
	stage_run(&stage, &request, "report", stage_output(&stage));
	assert_string_equal(stage.judgement.user, "report");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_number),         TEST(test_one_address),  TEST(test_by_signature_alone),
		TEST(test_without_trust),  TEST(test_guessed),      TEST(test_among_others),
		TEST(test_old_signatures), TEST(test_switched_off), TEST(test_preferences),
		TEST(test_groups),         TEST(test_unlearn),      TEST(test_classify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
