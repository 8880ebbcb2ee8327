#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- servers ------------------------------------------------------------------ */

static const char *
servers(void)
{
	const char *directory = getenv("DSPAM_TEST_SERVERS");

	return directory != NULL && directory[0] != '\0' ? directory : NULL;
}

static bool
is_server(const char *driver)
{
	return strcmp(driver, "pgsql") == 0 || strcmp(driver, "mysql") == 0;
}

bool
fixture_has(const char *driver)
{
	char path[256];

	if (!is_server(driver))
		return true;
	snprintf(path, sizeof path, "%s/%s.data", servers() != NULL ? servers() : "/nowhere", driver);
	return access(path, R_OK) == 0;
}

static bool
try_sql(const char *driver, const char *text, const char *database)
{
	char script[256];
	int status;

	snprintf(script, sizeof script, "%s/%s.sh", servers(), driver);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl(script, script, text, database, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void
run_sql(const char *driver, const char *text, const char *database)
{
	if (!try_sql(driver, text, database))
		fail_msg("%s: %s", driver, text);
}

static void
read_data_file(struct fixture *fixture)
{
	char path[256], *rest = fixture->data;

	snprintf(path, sizeof path, "%s/%s.data", servers(), fixture->driver);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	fixture->data[fread(fixture->data, 1, sizeof fixture->data - 1, file)] = '\0';
	fclose(file);
	for (size_t i = 0; i < 4; i++) {
		fixture->lines[i] = strsep(&rest, "\n");
		assert_non_null(fixture->lines[i]);
	}
}

static void
begin_server(struct fixture *fixture)
{
	static unsigned count;
	struct store_option options[FIXTURE_OPTIONS];
	char text[128];
	struct error error;

	read_data_file(fixture);
	snprintf(fixture->database, sizeof fixture->database, "dspam_%d_%u", (int)getpid(), count++);
	snprintf(text, sizeof text, "CREATE DATABASE %s", fixture->database);
	run_sql(fixture->driver, text, "dspam");
	struct store_options all = fixture_options(fixture, NULL, NULL, options);
	must(store_create(&all, NULL, NULL, &error), &error);
}

/* A query that is an error as long as somebody else is connected. */
static const char *
alone(const char *driver)
{
	return strcmp(driver, "pgsql") == 0
		       ? "SELECT 1 / (CASE WHEN EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '%s') THEN 0 "
			 "ELSE 1 END)"
		       : "SELECT IF(EXISTS (SELECT 1 FROM information_schema.processlist WHERE db = '%s'),"
			 " (SELECT 1 UNION SELECT 2), 1)";
}

void
fixture_settle(const struct fixture *fixture)
{
	enum { TRIES = 1000 };
	char text[256];
	int tries = 0;

	if (!is_server(fixture->driver))
		return;
	for (const char *format = alone(fixture->driver), *mark = strstr(format, "%s"); tries < TRIES; tries++) {
		snprintf(text, sizeof text, "%.*s%s%s", (int)(mark - format), format, fixture->database, mark + 2);
		if (try_sql(fixture->driver, text, "dspam"))
			return;
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	fail_msg("somebody stays connected to %s", fixture->database);
}

/* ---- the fixture ---------------------------------------------------------------- */

void
fixture_begin(struct fixture *fixture, const char *driver)
{
	const char *temporary = getenv("TMPDIR");

	*fixture = (struct fixture){.driver = driver};
	snprintf(fixture->directory, sizeof fixture->directory, "%.40s/dspam-store-XXXXXX",
		 temporary != NULL ? temporary : "/tmp");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->file, sizeof fixture->file, "%s/store.sqlite", fixture->directory);
	if (is_server(driver))
		begin_server(fixture);
}

void
fixture_end(struct fixture *fixture)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char text[128];

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", fixture->file, suffixes[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(fixture->directory), 0);
	if (is_server(fixture->driver)) {
		snprintf(text, sizeof text, "DROP DATABASE %s", fixture->database);
		run_sql(fixture->driver, text, "dspam");
	}
}

struct store_options
fixture_options(const struct fixture *fixture, const char *wait, const char *pragma,
		struct store_option options[static FIXTURE_OPTIONS])
{
	static const char *const names[2][5] = {
		{"PgSQLServer", "PgSQLPort", "PgSQLUser", "PgSQLPass", "PgSQLDb"},
		{"MySQLServer", "MySQLPort", "MySQLUser", "MySQLPass", "MySQLDb"},
	};
	const char *const *server = names[strcmp(fixture->driver, "mysql") == 0];
	size_t count = 0;

	options[count++] = (struct store_option){"SQLiteFile", fixture->file};
	if (wait != NULL)
		options[count++] = (struct store_option){"SQLiteBusyTimeout", wait};
	if (pragma != NULL)
		options[count++] = (struct store_option){"SQLitePragma", pragma};
	for (size_t i = 0; i < 5 && is_server(fixture->driver); i++)
		options[count++] = (struct store_option){server[i], i < 4 ? fixture->lines[i] : fixture->database};
	return (struct store_options){
		.driver = fixture->driver, .options = options, .count = count, .cache = fixture->cache};
}

const char *fixture_driver;

int
fixture_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	static const char *const drivers[] = {"sqlite", "pgsql", "mysql"};
	int failures = 0;

	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
		fixture_driver = drivers[i];
		if (fixture_has(fixture_driver))
			failures += _cmocka_run_group_tests(name, tests, count, NULL, NULL);
	}
	return failures;
}

void
must(bool done, const struct error *error)
{
	if (!done)
		fail_msg("%s", error->text);
}

struct store *
fixture_open(const struct fixture *fixture, const char *wait)
{
	struct store_option options[FIXTURE_OPTIONS];
	struct store_options all = fixture_options(fixture, wait, NULL, options);
	struct store *store;
	struct error error;

	must(store_open(&all, &store, &error), &error);
	return store;
}

bool
fixture_try(const struct fixture *fixture, const char *pragma, struct store **store, struct error *error)
{
	struct store_option options[FIXTURE_OPTIONS];
	struct store_options all = fixture_options(fixture, NULL, pragma, options);

	return store_open(&all, store, error);
}

store_uid
fixture_user(struct store *store, const char *name)
{
	struct error error;
	store_uid uid;

	must(store_user(store, span_from(name), true, &uid, &error), &error);
	assert_int_not_equal(uid, 0);
	return uid;
}

void
fixture_sql(const struct fixture *fixture, const char *text)
{
	sqlite3 *db;

	if (is_server(fixture->driver))
		return run_sql(fixture->driver, text, fixture->database);
	assert_int_equal(sqlite3_open(fixture->file, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* splitmix64 */
static uint64_t
spread(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
	return number ^ number >> 31;
}

uint64_t
random_next(uint64_t *state)
{
	return spread(*state += UINT64_C(0x9E3779B97F4A7C15));
}

static int
compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return store_token_before(left, right) ? -1 : left != right;
}

size_t
random_tokens(uint64_t *state, uint64_t range, uint64_t *tokens, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		tokens[i] = spread(random_next(state) % range + 1);
	qsort(tokens, count, sizeof *tokens, compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || tokens[i] != tokens[kept - 1])
			tokens[kept++] = tokens[i];
	return kept;
}
