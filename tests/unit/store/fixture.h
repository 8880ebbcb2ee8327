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
};

/* Make the directory; fixture_end removes it with what SQLite left there. */
void fixture_begin(struct fixture *fixture, const char *driver);
void fixture_end(struct fixture *fixture);

/* Open a store that must open. `wait` is SQLiteBusyTimeout, NULL for the default. */
struct store *fixture_open(const struct fixture *fixture, const char *wait);
/* The same, giving back what store_open says. */
bool fixture_try(const struct fixture *fixture, const char *pragma, struct store **store, struct error *error);

/* Fail with the text of the error if `done` is false. */
void must(bool done, const struct error *error);

store_uid fixture_user(struct store *store, const char *name);

/* Run SQL on the file with a foreign connection. */
void fixture_sql(const struct fixture *fixture, const char *text);

/* A reproducible row of numbers. */
uint64_t random_next(uint64_t *state);
/* `count` distinct ascending tokens out of `range`, spread over all 64 bits. */
size_t random_tokens(uint64_t *state, uint64_t range, uint64_t *tokens, size_t count);

#endif
