#include "store/sqlite/read.h"

#include <stdlib.h>

static uint32_t
read_hits(sqlite3_stmt *statement, int column)
{
	sqlite3_int64 hits = sqlite3_column_int64(statement, column);

	return hits < 0 ? 0 : hits > UINT32_MAX ? UINT32_MAX : (uint32_t)hits;
}

struct store_row
read_row(sqlite3_stmt *statement, uint64_t token)
{
	return (struct store_row){
		.token = token,
		.spam = read_hits(statement, 1),
		.innocent = read_hits(statement, 2),
		.day = sqlite3_column_int(statement, 3),
		.weight = store_narrow(sqlite3_column_int64(statement, 4)),
		.gradient = sqlite3_column_int64(statement, 5),
	};
}

static bool
read_table(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct store_row){.token = rows[i].token};
	connection->batch = (struct batch){.rows = rows, .count = count};
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error)) {
		struct store_row *row = &rows[sqlite3_column_int64(statement, 0)];
		*row = read_row(statement, row->token);
	}
	return !failed;
}

/* As they stand in the file, for one who keeps nothing of them. */
static bool
look(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	return read_table(connection, uid, rows, count, error) && pending_look(connection, uid, rows, count, error);
}

/* As they stand in the file. */
static bool
read_file(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	if (!pending_load(connection, uid, error) || !read_table(connection, uid, rows, count, error))
		return false;
	pending_apply(&connection->pending, rows, count);
	return true;
}

/* The rows at these positions: from the file into the caller's array and the cache. */
static bool
read_missing(struct connection *connection, store_uid uid, int64_t version, struct store_row *rows,
	     const uint32_t *positions, size_t count, struct error *error)
{
	struct store_row *wanted = reallocarray(NULL, count, sizeof *wanted);
	bool done;

	if (wanted == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		wanted[i].token = rows[positions[i]].token;
	done = read_file(connection, uid, wanted, count, error);
	for (size_t i = 0; done && i < count; i++)
		rows[positions[i]] = wanted[i];
	if (done)
		row_cache_put(connection->cache, uid, version, true, wanted, count);
	free(wanted);
	return done;
}

/* Bring the cache to this version, if what leads there from what it knows can be read. */
static bool
catch_up(struct connection *connection, store_uid uid, int64_t version, bool *stale, struct error *error)
{
	int64_t known;

	if (!row_cache_version(connection->cache, uid, &known) || known == version)
		return true;
	if (known > version) {
		if (stale != NULL)
			*stale = true;
		return true;
	}
	if (!pending_load(connection, uid, error))
		return false;
	pending_catch_up(&connection->pending, connection->cache);
	return true;
}

static bool
read_cached(struct connection *connection, store_uid uid, int64_t version, struct store_row *rows, size_t count,
	    struct error *error)
{
	uint32_t *missing = reallocarray(NULL, count, sizeof *missing);
	bool done = true;

	if (missing == NULL)
		abort();
	size_t rest = row_cache_get(connection->cache, uid, version, rows, count, missing);
	if (rest > 0)
		done = read_missing(connection, uid, version, rows, missing, rest, error);
	free(missing);
	return done;
}

bool
read_rows(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, bool *stale,
	  struct error *error)
{
	int64_t version;

	if (stale != NULL)
		*stale = false;
	if (connection->cache == NULL)
		return look(connection, uid, rows, count, error);
	if (!pending_version(connection, uid, &version, error) || !catch_up(connection, uid, version, stale, error))
		return false;
	return (stale != NULL && *stale) || read_cached(connection, uid, version, rows, count, error);
}
