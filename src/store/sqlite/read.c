#include "store/sqlite/read.h"

#include <stdlib.h>

uint32_t
read_hits(sqlite3_stmt *statement, int column)
{
	sqlite3_int64 hits = sqlite3_column_int64(statement, column);

	return hits < 0 ? 0 : hits > UINT32_MAX ? UINT32_MAX : (uint32_t)hits;
}

/* Room for the positions of `count` rows. */
static uint32_t *
positions_for(struct connection *connection, size_t count)
{
	if (count > connection->position_capacity) {
		free(connection->positions);
		connection->positions = calloc(count, sizeof *connection->positions);
		connection->position_capacity = count;
		if (connection->positions == NULL)
			abort();
	}
	return connection->positions;
}

/* Fill what the cache knows; the positions of the rest go to `missing`. */
static size_t
read_cache(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, uint32_t *missing)
{
	uint32_t generation = pending_generation(&connection->pending);
	size_t rest = 0;

	for (size_t i = 0; i < count; i++) {
		if (connection->cache.rows != NULL && cache_get(&connection->cache, uid, generation, &rows[i]))
			continue;
		rows[i] = (struct store_row){.token = rows[i].token};
		missing[rest++] = (uint32_t)i;
	}
	return rest;
}

static bool
read_table(struct connection *connection, store_uid uid, struct store_row *rows, const uint32_t *missing, size_t count,
	   struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	connection->batch = (struct batch){.rows = rows, .positions = missing, .count = count};
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error)) {
		struct store_row *row = &rows[sqlite3_column_int64(statement, 0)];
		row->spam = read_hits(statement, 1);
		row->innocent = read_hits(statement, 2);
		row->day = sqlite3_column_int(statement, 3);
	}
	return !failed;
}

static void
fill_cache(struct connection *connection, store_uid uid, const struct store_row *rows, const uint32_t *missing,
	   size_t count)
{
	uint32_t generation = pending_generation(&connection->pending);

	if (connection->cache.rows == NULL) {
		/* The first read only says that there may be a second. */
		if (connection->has_read)
			cache_init(&connection->cache);
		connection->has_read = true;
	}
	for (size_t i = 0; i < count && connection->cache.rows != NULL; i++)
		cache_put(&connection->cache, uid, generation, &rows[missing[i]]);
}

bool
read_rows(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	uint32_t *missing = positions_for(connection, count);
	size_t rest;

	if (!pending_load(connection, uid, error))
		return false;
	rest = read_cache(connection, uid, rows, count, missing);
	if (rest > 0 && !read_table(connection, uid, rows, missing, rest, error))
		return false;
	fill_cache(connection, uid, rows, missing, rest);
	pending_apply(&connection->pending, rows, count);
	return true;
}
