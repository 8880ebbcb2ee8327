/* What goes wrong with a SQLite file, and what the administrator is told; and driver names. */
#include "fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool
try_options(const char *driver, const struct store_option *options, size_t count, struct error *error)
{
	struct store *store;
	bool done = store_open(&(struct store_options){.driver = driver, .options = options, .count = count}, &store,
			       error);

	store_close(store);
	return done;
}

static void
assert_says(const struct error *error, const char *text)
{
	if (strstr(error->text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->text, text);
}

/* ---- names of drivers -------------------------------------------------------------- */

static void
test_driver_names(void **state)
{
	static const struct {
		const char *name;
		const char *refusal; /* NULL: accepted */
		const char *way_out;
	} names[] = {
		{"sqlite", NULL, NULL},
		{"SQLite", NULL, NULL},
		{"memory", NULL, NULL},
		{"libsqlite3_drv.so", NULL, NULL},
		{"/usr/lib/x86_64-linux-gnu/dspam/libsqlite3_drv.so.7.0.0", NULL, NULL},
		{"/usr/local/lib/libsqlite_drv.so", NULL, NULL},
		{"/usr/lib/dspam/libhash_drv.so", "imported", "set StorageDriver sqlite"},
		{"libpgsql_drv.so", "PgSQLServer is not set", "set PgSQLServer"},
		{"/usr/lib/libmysql_drv.so", "MySQLServer is not set", "set MySQLServer"},
		{"oracle", "no such driver", "set sqlite"},
		{"", "no such driver", "set sqlite"},
		{"/libsqlite3_drv/other.so", "no such driver", "set sqlite"},
	};
	struct fixture fixture;
	struct error error;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct store_option option = {"sqlitefile", fixture.file};
		assert_int_equal(try_options(names[i].name, &option, 1, &error), names[i].refusal == NULL);
		if (names[i].refusal != NULL) {
			assert_says(&error, names[i].refusal);
			assert_says(&error, names[i].way_out);
			assert_int_equal(error.code, ERROR_CONFIG);
		}
	}
	fixture_end(&fixture);
}

static void
test_options(void **state)
{
	struct fixture fixture;
	struct error error;
	struct stat status;
	char path[128];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	assert_false(try_options("sqlite", NULL, 0, &error));
	assert_says(&error, "SQLiteFile or Home");
	assert_true(try_options("sqlite", &(struct store_option){"Home", fixture.directory}, 1, &error));
	snprintf(path, sizeof path, "%s/dspam.sqlite", fixture.directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07, 0);
	unlink(path);
	/* its log and index stay for the next program */
	snprintf(path, sizeof path, "%s/dspam.sqlite-wal", fixture.directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 0);
	assert_int_equal(status.st_mode & 07, 0);
	unlink(path);
	snprintf(path, sizeof path, "%s/dspam.sqlite-shm", fixture.directory);
	unlink(path);
	assert_false(try_options("sqlite",
				 (struct store_option[]){{"SQLiteFile", fixture.file}, {"SQLiteBusyTimeout", "soon"}},
				 2, &error));
	assert_says(&error, "SQLiteBusyTimeout soon");
	fixture_end(&fixture);
}

static void
test_pragmas(void **state)
{
	struct fixture fixture;
	struct store *store;
	struct error error;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	assert_true(fixture_try(&fixture, "cache_size = -500", &store, &error));
	store_close(store);
	assert_true(fixture_try(&fixture, "synchronous=FULL", &store, &error));
	store_close(store);
	assert_false(fixture_try(&fixture, "cache_size = 1; DROP TABLE dspam_stats", &store, &error));
	assert_says(&error, "SQLitePragma");
	assert_false(fixture_try(&fixture, "cache_size = = 1", &store, &error));
	assert_says(&error, "SQLitePragma cache_size = = 1");
	fixture_end(&fixture);
}

/* ---- files --------------------------------------------------------------------------- */

static void
assert_refused(const struct fixture *fixture, const char *text, enum error_code code)
{
	struct store *store;
	struct error error;

	assert_false(fixture_try(fixture, NULL, &store, &error));
	assert_null(store);
	assert_says(&error, fixture->file);
	assert_says(&error, text);
	assert_int_equal(error.code, code);
	assert_false(error.temporary);
}

static void
write_file(const char *path, const char *text, size_t size, off_t place)
{
	int file = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(file >= 0);
	assert_int_equal(pwrite(file, text, size, place), size);
	close(file);
}

static void
test_no_database(void **state)
{
	struct fixture fixture;
	char text[5000];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	memset(text, 'x', sizeof text);
	write_file(fixture.file, text, sizeof text, 0);
	assert_refused(&fixture, "no SQLite database", ERROR_FILE);
	fixture_end(&fixture);
}

static void
test_damaged(void **state)
{
	struct fixture fixture;
	struct store_row row = {.token = 1};
	struct store_change changes[500];
	char text[3000];
	struct store *store;
	struct error error;
	store_uid uid;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store = fixture_open(&fixture, NULL);
	uid = fixture_user(store, "anna");
	for (uint64_t i = 0; i < 500; i++)
		changes[i] = (struct store_change){.token = i, .spam = 1, .innocent = 1};
	must(store_learn(store, &(struct store_lesson){.uid = uid, .changes = changes, .count = 500}, &error), &error);
	store_close(store);
	memset(text, 0xEE, sizeof text);
	for (off_t page = 2; page < 20; page++)
		write_file(fixture.file, text, sizeof text, page * 4096);
	store = fixture_open(&fixture, NULL);
	assert_false(store_read(store, uid, NULL, &row, 1, &error));
	assert_says(&error, "damaged");
	assert_says(&error, fixture.file);
	assert_int_equal(error.code, ERROR_FILE);
	store_close(store);
	fixture_end(&fixture);
}

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

static void
test_foreign_tables(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	fixture_sql(&fixture, "CREATE TABLE dspam_token_data (token CHAR(20) PRIMARY KEY, spam_hits INT,"
			      " innocent_hits INT, last_hit DATE)");
	assert_refused(&fixture, "another program", ERROR_FILE);
	fixture_end(&fixture);
}

static void
test_versions(void **state)
{
	struct fixture fixture;
	struct store *store;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	/* Newer, but only by additions: both work side by side. */
	fixture_sql(&fixture, "UPDATE dspam_schema SET version = 3");
	store = fixture_open(&fixture, NULL);
	store_close(store);
	fixture_sql(&fixture, "UPDATE dspam_schema SET version = 4, oldest = 4");
	assert_refused(&fixture, "version 4 of the schema", ERROR_FILE);
	fixture_end(&fixture);
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

/* A file as version 1 made it: it is brought up to date when it is opened, and nothing is lost. */
static void
test_upgrade(void **state)
{
	struct fixture fixture;
	struct store_row row = {.token = 7};
	struct error error;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	fixture_sql(&fixture, "DROP TABLE dspam_token_pending; UPDATE dspam_schema SET version = 1;"
			      "ALTER TABLE dspam_token_data DROP COLUMN weight;"
			      "ALTER TABLE dspam_token_data DROP COLUMN gradient;"
			      "CREATE TABLE dspam_token_pending (uid INTEGER NOT NULL, number INTEGER NOT NULL,"
			      " changes BLOB NOT NULL, PRIMARY KEY (uid, number)) WITHOUT ROWID;"
			      /* day 1; one spam hit for token 7, in signed order, by a step of 8 bytes */
			      "INSERT INTO dspam_token_pending VALUES (1, 1, x'01000000e40700000000000080')");
	struct store *store = fixture_open(&fixture, NULL);
	assert_true(store_read(store, 1, NULL, &row, 1, &error));
	assert_int_equal(row.spam, 1);
	store_close(store);
	store_close(fixture_open(&fixture, NULL));
	fixture_sql(&fixture, "INSERT INTO dspam_schema SELECT 1 / (version = 2), oldest FROM dspam_schema");
	fixture_end(&fixture);
}

static void
test_no_directory(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	snprintf(fixture.file, sizeof fixture.file, "%s/none/store", fixture.directory);
	assert_refused(&fixture, "directory does not exist", ERROR_CREATE);
	fixture_end(&fixture);
}

/* A copy that is put back, and a file that is removed, are noticed by who has the old one open. */
static void
test_another_file_in_its_place(void **state)
{
	struct fixture fixture;
	char aside[120];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	snprintf(aside, sizeof aside, "%s/aside", fixture.directory);
	struct store *store = fixture_open(&fixture, NULL);
	assert_true(store_is_current(store));
	assert_int_equal(rename(fixture.file, aside), 0);
	assert_false(store_is_current(store));
	struct store *other = fixture_open(&fixture, NULL);
	assert_true(store_is_current(other));
	assert_false(store_is_current(store));
	store_close(other);
	assert_int_equal(rename(aside, fixture.file), 0);
	assert_true(store_is_current(store));
	store_close(store);
	fixture_end(&fixture);
}

/* Root may write everything, so the question is asked by nobody. */
static int
open_as_nobody(const struct fixture *fixture, const char *text)
{
	struct store *store;
	struct error error;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (fixture_try(fixture, NULL, &store, &error))
			_exit(3);
		_exit(strstr(error.text, text) != NULL && strstr(error.text, fixture->file) != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
test_read_only(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	chmod(fixture.directory, 0755);
	chmod(fixture.file, 0444);
	assert_int_equal(open_as_nobody(&fixture, "may only read it"), 0);
	unlink(fixture.file);
	chmod(fixture.directory, 0555);
	assert_int_equal(open_as_nobody(&fixture, "must be writable"), 0);
	chmod(fixture.directory, 0755);
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

/* ---- others ---------------------------------------------------------------------------- */

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
		cmocka_unit_test(test_driver_names),   cmocka_unit_test(test_options),
		cmocka_unit_test(test_pragmas),        cmocka_unit_test(test_no_database),
		cmocka_unit_test(test_damaged),        cmocka_unit_test(test_damaged_lesson),
		cmocka_unit_test(test_foreign_tables), cmocka_unit_test(test_versions),
		cmocka_unit_test(test_upgrade),        cmocka_unit_test(test_settle),
		cmocka_unit_test(test_no_directory),   cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_full),           cmocka_unit_test(test_locked),
		cmocka_unit_test(test_log_is_bounded), cmocka_unit_test(test_another_file_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
