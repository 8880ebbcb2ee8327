#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
fixture_begin(struct fixture *fixture, const char *driver)
{
	const char *temporary = getenv("TMPDIR");

	fixture->driver = driver;
	fixture->cache = NULL;
	snprintf(fixture->directory, sizeof fixture->directory, "%.40s/dspam-store-XXXXXX",
		 temporary != NULL ? temporary : "/tmp");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->file, sizeof fixture->file, "%s/store.sqlite", fixture->directory);
}

void
fixture_end(struct fixture *fixture)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", fixture->file, suffixes[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(fixture->directory), 0);
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
	const struct store_option options[] = {
		{"SQLiteFile", fixture->file},
		{"SQLiteBusyTimeout", wait},
	};
	struct store *store;
	struct error error;

	must(store_open(&(struct store_options){.driver = fixture->driver,
						.options = options,
						.count = wait == NULL ? 1 : 2,
						.cache = fixture->cache},
			&store, &error),
	     &error);
	return store;
}

bool
fixture_try(const struct fixture *fixture, const char *pragma, struct store **store, struct error *error)
{
	const struct store_option options[] = {
		{"SQLiteFile", fixture->file},
		{"SQLitePragma", pragma},
	};

	return store_open(
		&(struct store_options){.driver = fixture->driver, .options = options, .count = pragma == NULL ? 1 : 2},
		store, error);
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
