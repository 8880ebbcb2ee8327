/* What the tests of the stores share: a directory of their own, and a store in it. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

struct fixture {
	char directory[64];
	char file[96]; /* of SQLite */
	const char *driver;
	struct row_cache *cache; /* of the stores that are opened from now on; NULL: none. The test's own */
	char database[32];       /* of a server: its own */
	char data[512];          /* where the server is: the lines of its data file */
	const char *lines[4];    /* host, port, user, password */
};

/*
 * Whether there is a server for this driver: those that tests/servers.py has started in the directory that
 * DSPAM_TEST_SERVERS names. Always, for a driver that needs none.
 */
bool fixture_has(const char *driver);
/* Make the directory, or an empty database; fixture_end removes it with what the store left there. */
void fixture_begin(struct fixture *fixture, const char *driver);
void fixture_end(struct fixture *fixture);

/* Open a store that must open. `wait` is SQLiteBusyTimeout, NULL for the default. */
struct store *fixture_open(const struct fixture *fixture, const char *wait);
/* The same, giving back what store_open says. */
bool fixture_try(const struct fixture *fixture, const char *pragma, struct store **store, struct error *error);

/*
 * Run a group of tests with each of the drivers sqlite, pgsql and mysql that there is, whose name is fixture_driver
 * then. Returns the number of failures.
 */
extern const char *fixture_driver;
#define fixture_run_group(tests) fixture_run(#tests, tests, sizeof(tests) / sizeof(tests)[0])
int fixture_run(const char *name, const struct CMUnitTest *tests, size_t count);

/* Fail with the text of the error if `done` is false. */
void must(bool done, const struct error *error);

store_uid fixture_user(struct store *store, const char *name);

/* The options that open it; `wait` and `pragma` as below, or NULL. Valid as long as the fixture. */
enum { FIXTURE_OPTIONS = 8 };
struct store_options fixture_options(const struct fixture *fixture, const char *wait, const char *pragma,
				     struct store_option options[static FIXTURE_OPTIONS]);

/* Wait until nobody is connected to the database: a server goes on with what a killed client has sent. */
void fixture_settle(const struct fixture *fixture);

/* Run SQL on the file, or the database, with a foreign connection. */
void fixture_sql(const struct fixture *fixture, const char *text);

/* A reproducible row of numbers. */
uint64_t random_next(uint64_t *state);
/* `count` distinct ascending tokens out of `range`, spread over all 64 bits. */
size_t random_tokens(uint64_t *state, uint64_t range, uint64_t *tokens, size_t count);

#endif
