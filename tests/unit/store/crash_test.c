/*
 * kill -9 of a writer at random moments: every lesson that was acknowledged is there, at most
 * the one that was under way beside them, nothing by half, and the file is sound.
 */
#include "fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 30, TOKENS = 400, RANGE = 500000, FRESH = 16 };

/*
 * Lesson n gives one hit to the token n (they stand at the negative end) and to some of the
 * others, as if messages shared words.
 */
static size_t
make_lesson(uint64_t number, struct store_change *changes)
{
	uint64_t tokens[TOKENS], random = number;
	size_t count = random_tokens(&random, RANGE, tokens, TOKENS), kept = 0;

	changes[kept++] = (struct store_change){.token = (UINT64_C(1) << 63) + number, .spam = 1, .innocent = 0};
	for (size_t i = 0; i < count; i++)
		if (store_token_before(changes[0].token, tokens[i]))
			changes[kept++] = (struct store_change){.token = tokens[i], .spam = 1, .innocent = 0};
	return kept;
}

/* Learn lessons from `number` on, acknowledging each with a byte, until killed. */
static void
write_lessons(const struct fixture *fixture, uint64_t number, int acknowledge)
{
	struct store_option options[FIXTURE_OPTIONS];
	const struct store_options all = fixture_options(fixture, NULL, NULL, options);
	struct store_change changes[TOKENS + 1];
	struct store *store;
	struct error error;
	store_uid uid;

	if (!store_open(&all, &store, &error) || !store_user(store, SPAN("anna"), true, &uid, &error))
		_exit(1);
	for (;; number++) {
		struct store_lesson lesson = {
			.uid = uid, .day = 20000, .changes = changes, .totals = {.spam_learned = 1}};
		lesson.count = make_lesson(number, changes);
		if (!store_learn(store, &lesson, &error) || write(acknowledge, "+", 1) != 1)
			_exit(1);
	}
}

/* The sum of all lessons before `end`, in a store of its own. */
static struct store *
replay(const struct fixture *fixture, uint64_t end)
{
	struct store *store = fixture_open(fixture, NULL);
	struct store_change changes[TOKENS + 1];
	store_uid uid = fixture_user(store, "anna");
	struct error error;

	for (uint64_t number = 0; number < end; number++) {
		struct store_lesson lesson = {
			.uid = uid, .day = 20000, .changes = changes, .totals = {.spam_learned = 1}};
		lesson.count = make_lesson(number, changes);
		must(store_learn(store, &lesson, &error), &error);
	}
	return store;
}

/* How many lessons the store says it has; each of them whole and none beyond. */
static uint64_t
count_lessons(struct store *store, uint64_t at_most)
{
	struct totals totals;
	struct error error;

	must(store_read(store, fixture_user(store, "anna"), &totals, NULL, 0, &error), &error);
	assert_in_range(totals.spam_learned, 0, at_most);
	for (uint64_t number = 0; number < at_most; number++) {
		struct store_row row = {.token = (UINT64_C(1) << 63) + number};
		must(store_read(store, fixture_user(store, "anna"), NULL, &row, 1, &error), &error);
		assert_int_equal(row.spam, number < (uint64_t)totals.spam_learned);
	}
	return (uint64_t)totals.spam_learned;
}

/* Start a writer, kill it after `microseconds`; returns how many lessons it acknowledged. */
static uint64_t
kill_a_writer(const struct fixture *fixture, uint64_t number, long microseconds)
{
	uint64_t acknowledged = 0;
	char bytes[256];
	ssize_t got;
	int report[2], status;
	pid_t child;

	assert_int_equal(pipe(report), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_lessons(fixture, number, report[1]);
	close(report[1]);
	nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while ((got = read(report[0], bytes, sizeof bytes)) > 0)
		acknowledged += (uint64_t)got;
	close(report[0]);
	return acknowledged;
}

static void
assert_sound(const struct fixture *fixture)
{
	sqlite3_stmt *statement;
	sqlite3 *db;

	if (strcmp(fixture->driver, "sqlite") != 0)
		return; /* not our files */

	assert_int_equal(sqlite3_open(fixture->file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

struct pair {
	struct store *expected;
	store_uid uid;
};

static bool
compare_row(void *context, const struct store_row *row)
{
	struct pair *pair = context;
	struct store_row expected = {.token = row->token};
	struct error error;

	must(store_read(pair->expected, pair->uid, NULL, &expected, 1, &error), &error);
	assert_int_equal(row->spam, expected.spam);
	return true;
}

static void
test_kill(void **state)
{
	struct fixture fixture, memory;
	struct store *store;
	uint64_t lessons = 0, random = 42;
	struct error error;
	struct pair pair;

	(void)state;
	fixture_begin(&fixture, fixture_driver);
	for (int i = 0; i < KILLS; i++) {
		uint64_t acknowledged = kill_a_writer(&fixture, lessons, (long)(random_next(&random) % 100000));
		fixture_settle(&fixture);
		store = fixture_open(&fixture, NULL);
		uint64_t found = count_lessons(store, lessons + acknowledged + FRESH);
		store_close(store);
		assert_in_range(found, lessons + acknowledged, lessons + acknowledged + 1);
		lessons = found;
		assert_sound(&fixture);
	}
	print_message("%llu lessons survived %d kills\n", (unsigned long long)lessons, KILLS);
	fixture_begin(&memory, "memory");
	pair.expected = replay(&memory, lessons);
	pair.uid = fixture_user(pair.expected, "anna");
	store = fixture_open(&fixture, NULL);
	must(store_each_row(store, fixture_user(store, "anna"), compare_row, &pair, &error), &error);
	store_close(store);
	store_close(pair.expected);
	fixture_end(&memory);
	fixture_end(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),
	};

	return fixture_run_group(tests);
}
