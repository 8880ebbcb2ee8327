/*
 * Removing rows and signatures, a few at a time.
 *
 * The table stands in the order of the tokens, so that what one call removes lies on few pages. Whether there is
 * anything to remove is looked up in a transaction that only reads: a purge that finds nothing holds up nobody.
 */
#include <stdlib.h>

#include "store/sqlite/read.h"
#include "store/sqlite/sqlite.h"

enum { ROWS_AT_ONCE = 4096, SIGNATURES_AT_ONCE = 100 };

bool
sqlite_rows_from(struct connection *connection, store_uid uid, int64_t first, struct store_row *rows, size_t limit,
		 size_t *count, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_FROM, error);
	bool failed = true;

	*count = 0;
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_int64(statement, 2, first);
	sqlite3_bind_int64(statement, 3, (sqlite3_int64)limit);
	while (connection_step(connection, statement, &failed, error))
		rows[(*count)++] = read_row(statement, (uint64_t)sqlite3_column_int64(statement, 0));
	return !failed;
}

/* ---- rows ------------------------------------------------------------------- */

struct purge {
	store_uid uid;
	store_row_test *goes;
	const void *context;
	int64_t first;
	struct store_row *rows;
	struct store_row *picked; /* of them */
	size_t row_count, picked_count;
};

/* Find the next rows, and which of them go. */
static bool
pick(struct connection *connection, void *context, struct error *error)
{
	struct purge *purge = context;

	if (!pending_load(connection, purge->uid, error) ||
	    !sqlite_rows_from(connection, purge->uid, purge->first, purge->rows, ROWS_AT_ONCE, &purge->row_count,
			      error))
		return false;
	pending_apply(&connection->pending, purge->rows, purge->row_count);
	purge->picked_count = 0;
	for (size_t i = 0; i < purge->row_count; i++)
		if (purge->goes(purge->context, &purge->rows[i]))
			purge->picked[purge->picked_count++] = purge->rows[i];
	return true;
}

static bool
delete_picked(struct connection *connection, const struct purge *purge, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_DELETE, error);

	if (statement == NULL)
		return false;
	connection->batch = (struct batch){.rows = purge->picked, .count = purge->picked_count};
	sqlite3_bind_int64(statement, 1, purge->uid);
	return connection_run(connection, statement, error);
}

/* The same in a transaction that writes: somebody may have learned in between. */
static bool
pick_and_delete(struct connection *connection, void *context, struct error *error)
{
	struct purge *purge = context;

	if (!pending_settle(connection, purge->uid, error) || !pick(connection, purge, error))
		return false;
	return purge->picked_count == 0 ||
	       (delete_picked(connection, purge, error) && pending_touch(connection, purge->uid, error));
}

static bool
settle(struct connection *connection, void *context, struct error *error)
{
	return pending_settle(connection, ((const struct purge *)context)->uid, error);
}

/* At the beginning the table is brought up to date, since only what stands in it is looked at. */
static bool
purge_some(struct connection *connection, struct purge *purge, bool begun, struct error *error)
{
	if (!begun && !connection_transaction(connection, CONNECTION_WRITE, settle, purge, error))
		return false;
	if (!connection_transaction(connection, CONNECTION_READ, pick, purge, error))
		return false;
	return purge->picked_count == 0 ||
	       connection_transaction(connection, CONNECTION_WRITE, pick_and_delete, purge, error);
}

static void
advance(struct store_walk *walk, const struct purge *purge)
{
	walk->begun = true;
	walk->seen += purge->row_count;
	walk->removed += purge->picked_count;
	walk->done = purge->row_count < ROWS_AT_ONCE;
	if (walk->done)
		return;
	int64_t last = (int64_t)purge->rows[purge->row_count - 1].token;
	walk->done = last == INT64_MAX;
	walk->next = walk->done ? last : last + 1;
}

bool
sqlite_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		  struct store_walk *walk, struct error *error)
{
	struct purge purge = {
		.uid = uid,
		.goes = goes,
		.context = context,
		.first = walk->begun ? walk->next : INT64_MIN,
		.rows = calloc(ROWS_AT_ONCE, sizeof *purge.rows),
		.picked = calloc(ROWS_AT_ONCE, sizeof *purge.picked),
	};

	if (purge.rows == NULL || purge.picked == NULL)
		abort();
	bool done = purge_some(connection_of(store), &purge, walk->begun, error);
	if (done)
		advance(walk, &purge);
	free(purge.rows);
	free(purge.picked);
	return done;
}

/* ---- signatures ------------------------------------------------------------- */

struct signature_purge {
	store_uid uid;
	int32_t day;
	size_t removed;
};

static bool
delete_signatures(struct connection *connection, void *context, struct error *error)
{
	struct signature_purge *purge = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURES_PURGE, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, purge->uid);
	sqlite3_bind_int64(statement, 2, purge->uid);
	sqlite3_bind_int(statement, 3, purge->day);
	sqlite3_bind_int(statement, 4, SIGNATURES_AT_ONCE);
	if (!connection_run(connection, statement, error))
		return false;
	purge->removed = (size_t)sqlite3_changes(connection->db);
	return true;
}

bool
sqlite_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error)
{
	struct signature_purge purge = {uid, day, 0};

	if (!connection_transaction(connection_of(store), CONNECTION_WRITE, delete_signatures, &purge, error))
		return false;
	*removed = purge.removed;
	return true;
}

/* ---- space ------------------------------------------------------------------ */

bool
sqlite_optimize(struct store *store, struct error *error)
{
	return connection_execute(connection_of(store), "VACUUM; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)",
				  error);
}
