#include "store/sqlite/read.h"

#include <stdlib.h>

uint32_t
read_hits(sqlite3_stmt *statement, int column)
{
	sqlite3_int64 hits = sqlite3_column_int64(statement, column);

	return hits < 0 ? 0 : hits > UINT32_MAX ? UINT32_MAX : (uint32_t)hits;
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
		row->spam = read_hits(statement, 1);
		row->innocent = read_hits(statement, 2);
		row->day = sqlite3_column_int(statement, 3);
	}
	return !failed;
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

/* Whether the cache knows another version than the one that is to be read, and was brought to it. */
static bool
catch_up(struct connection *connection, store_uid uid, int64_t version, bool *caught_up, struct error *error)
{
	int64_t known;

	*caught_up = row_cache_version(connection->cache, uid, &known) && known < version;
	if (!*caught_up)
		return true;
	if (!pending_load(connection, uid, error))
		return false;
	*caught_up = pending_catch_up(&connection->pending, connection->cache);
	return true;
}

bool
read_rows(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	struct row_cache *cache = connection->cache;
	uint32_t *missing;
	int64_t version;
	bool caught_up, done = true;

	if (cache == NULL)
		return read_file(connection, uid, rows, count, error);
	if (!pending_version(connection, uid, &version, error) ||
	    !catch_up(connection, uid, version, &caught_up, error))
		return false;
	missing = reallocarray(NULL, count, sizeof *missing);
	if (missing == NULL)
		abort();
	size_t rest = row_cache_get(cache, uid, version, rows, count, missing);
	if (rest > 0)
		done = read_missing(connection, uid, version, rows, missing, rest, error);
	free(missing);
	return done;
}
