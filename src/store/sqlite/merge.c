/* Adding users up, in one transaction, a few thousand rows at a time. */
#include <stdlib.h>

#include "store/sqlite/sqlite.h"

enum { ROWS_AT_ONCE = 1024 };

struct merge {
	const store_uid *from;
	size_t count;
	store_uid to;
	size_t *rows; /* that came from each */
	struct store_row found[ROWS_AT_ONCE];
	struct run_entry entries[ROWS_AT_ONCE];
};

static bool
add_found(struct connection *connection, struct merge *merge, size_t count, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_MERGE, error);

	if (statement == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		merge->entries[i] = run_entry_of(&merge->found[i]);
	connection->batch = (struct batch){.entries = merge->entries, .count = count};
	sqlite3_bind_int64(statement, 1, merge->to);
	return connection_run(connection, statement, error);
}

static bool
add_rows(struct connection *connection, struct merge *merge, size_t index, struct error *error)
{
	int64_t first = INT64_MIN;
	size_t count;

	merge->rows[index] = 0;
	for (;;) {
		if (!sqlite_rows_from(connection, merge->from[index], first, merge->found, ROWS_AT_ONCE, &count,
				      error) ||
		    !add_found(connection, merge, count, error))
			return false;
		merge->rows[index] += count;
		if (count < ROWS_AT_ONCE || (int64_t)merge->found[count - 1].token == INT64_MAX)
			return true;
		first = (int64_t)merge->found[count - 1].token + 1;
	}
}

/* Last, as everywhere: see statement.c, rule 10. */
static bool
add_totals(struct connection *connection, const struct merge *merge, struct error *error)
{
	struct totals totals;

	for (size_t i = 0; i < merge->count; i++)
		if (!sqlite_totals_read(connection, merge->from[i], &totals, error) ||
		    !sqlite_totals_add(connection, merge->to, &totals, error))
			return false;
	return true;
}

static bool
add_users(struct connection *connection, void *context, struct error *error)
{
	struct merge *merge = context;

	if (!pending_settle(connection, merge->to, error))
		return false;
	for (size_t i = 0; i < merge->count; i++)
		if (!pending_settle(connection, merge->from[i], error) || !add_rows(connection, merge, i, error))
			return false;
	return pending_touch(connection, merge->to, error) && add_totals(connection, merge, error);
}

bool
sqlite_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows, struct error *error)
{
	struct merge *merge = calloc(1, sizeof *merge);

	if (merge == NULL)
		abort();
	merge->from = from;
	merge->count = count;
	merge->to = to;
	merge->rows = rows;
	bool done = connection_transaction(connection_of(store), CONNECTION_WRITE, add_users, merge, error);
	free(merge);
	return done;
}
