/* What can be said about a SQLite file in dspam.conf; and names of drivers. */
#include "refusal.h"

#include <stdio.h>
#include <sys/stat.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_driver_names),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_pragmas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
