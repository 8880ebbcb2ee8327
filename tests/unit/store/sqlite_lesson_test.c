/* Lessons in a SQLite file: pending ones, and those for which there is no room, or a lock, or only so much log. */
#include "refusal.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static void
test_damaged_lesson(void **state)
{
	static const char *const changes[] = {
		"x'0102030405'", /* no array */
		"zeroblob(48)",  /* two tokens that are the same */
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct fixture fixture;
		struct store *store;
		struct store_row row = {.token = 1};
		struct error error;
		char sql[200];
		fixture_begin(&fixture, "sqlite");
		store = fixture_open(&fixture, NULL);
		snprintf(sql, sizeof sql, "INSERT INTO dspam_token_pending VALUES (1, 1, %s)", changes[i]);
		fixture_sql(&fixture, sql);
		assert_false(store_read(store, 1, NULL, &row, 1, &error));
		assert_says(&error, "pending lessons of user 1");
		store_close(store);
		fixture_end(&fixture);
	}
}

/* What was pending stands in the table, and says the same. */
static void
test_settle(void **state)
{
	const struct store_change change = {.token = 7, .spam = 2, .innocent = 1, .weight = -5, .gradient = 9};
	struct store_lesson lesson = {.uid = 1, .day = 20000, .changes = &change, .count = 1};
	struct fixture fixture;
	struct store_row row = {.token = 7};
	struct error error;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	struct store *store = fixture_open(&fixture, NULL);
	must(store_learn(store, &lesson, &error), &error);
	must(store_learn(store, &lesson, &error), &error);
	must(store_settle(store, 1, &error), &error);
	fixture_sql(&fixture, "DELETE FROM dspam_token_pending");
	must(store_read(store, 1, NULL, &row, 1, &error), &error);
	assert_true(row.spam == 4 && row.innocent == 2 && row.weight == -10 && row.gradient == 18);
	store_close(store);
	fixture_end(&fixture);
}

/* A full disk is a limit on pages, to SQLite: the lesson fails, what was there stays, and room heals it. */
static void
test_full(void **state)
{
	struct fixture fixture;
	struct store *store;
	struct error error;
	static char text[1 << 20];
	const struct store_signature signature = {"big", {text, sizeof text}, 1};
	const struct store_change change = {1, 1, 1, 0, 0};
	struct store_lesson lesson = {.changes = &change, .count = 1};
	struct store_row row = {.token = 1};

	(void)state;
	fixture_begin(&fixture, "sqlite");
	assert_true(fixture_try(&fixture, "max_page_count = 60", &store, &error));
	lesson.uid = fixture_user(store, "anna");
	must(store_learn(store, &lesson, &error), &error);
	lesson.signature = &signature;
	assert_false(store_learn(store, &lesson, &error));
	assert_true(error.temporary);
	assert_int_equal(error.code, ERROR_IO);
	assert_says(&error, "free space");
	assert_says(&error, fixture.file);
	must(store_read(store, lesson.uid, NULL, &row, 1, &error), &error);
	assert_int_equal(row.spam, 1);
	store_close(store);
	store = fixture_open(&fixture, NULL);
	must(store_learn(store, &lesson, &error), &error);
	store_close(store);
	fixture_end(&fixture);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
test_locked(void **state)
{
	struct fixture fixture;
	struct store *store;
	struct store_lesson lesson = {.totals = {.spam_learned = 1}};
	struct totals totals;
	struct error error;
	sqlite3 *other;
	double begin;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store = fixture_open(&fixture, "100");
	lesson.uid = fixture_user(store, "anna");
	assert_int_equal(sqlite3_open(fixture.file, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	begin = seconds();
	assert_false(store_learn(store, &lesson, &error));
	assert_true(seconds() - begin >= 0.09);
	assert_true(error.temporary);
	assert_int_equal(error.code, ERROR_TEMPORARY);
	assert_says(&error, "SQLiteBusyTimeout");
	/* Readers do not wait for a writer. */
	must(store_read(store, lesson.uid, &totals, NULL, 0, &error), &error);
	assert_int_equal(totals.spam_learned, 0);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	must(store_learn(store, &lesson, &error), &error);
	sqlite3_close(other);
	store_close(store);
	fixture_end(&fixture);
}

/* The log of changes stays small, however much is learned. */
static void
test_log_is_bounded(void **state)
{
	enum { LESSONS = 200, TOKENS = 700 };
	struct fixture fixture;
	struct store_change changes[TOKENS];
	struct store *store;
	struct stat status;
	struct error error;
	store_uid uid;
	uint64_t random = 7;
	char log[128];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store = fixture_open(&fixture, NULL);
	uid = fixture_user(store, "anna");
	for (size_t i = 0; i < LESSONS; i++) {
		uint64_t tokens[TOKENS];
		size_t count = random_tokens(&random, 200000, tokens, TOKENS);
		for (size_t k = 0; k < count; k++)
			changes[k] = (struct store_change){.token = tokens[k], .spam = 1, .innocent = 0};
		must(store_learn(store, &(struct store_lesson){.uid = uid, .changes = changes, .count = count}, &error),
		     &error);
	}
	snprintf(log, sizeof log, "%s-wal", fixture.file);
	assert_int_equal(stat(log, &status), 0);
	assert_in_range(status.st_size, 0, 64 << 20);
	store_close(store);
	fixture_end(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_lesson), cmocka_unit_test(test_settle),
		cmocka_unit_test(test_full),           cmocka_unit_test(test_locked),
		cmocka_unit_test(test_log_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
