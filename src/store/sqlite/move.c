/* Users who come, users who go, and how large they are. */
#include <stdlib.h>

#include "store/sqlite/sqlite.h"

enum {
	ROWS_AT_ONCE = 1024, /* of one statement */
	ROW_BYTES = 24,      /* of a row in the table, about */
	SIGNATURES_AT_ONCE = 32
};

/* ---- coming ----------------------------------------------------------------- */

static bool
add_rows(struct connection *connection, const struct store_import *import, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_MERGE, error);
	struct run_entry entries[ROWS_AT_ONCE];
	size_t count;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, import->uid);
	for (size_t at = 0; at < import->count; at += count) {
		count = import->count - at < ROWS_AT_ONCE ? import->count - at : ROWS_AT_ONCE;
		for (size_t i = 0; i < count; i++)
			entries[i] = run_entry_of(&import->rows[at + i]);
		connection->batch = (struct batch){.entries = entries, .count = count};
		if (!connection_run(connection, statement, error))
			return false;
	}
	return true;
}

/* What is pending was learned before, and has an earlier day. */
static bool
merge_rows(struct connection *connection, const struct store_import *import, struct error *error)
{
	return import->count == 0 ||
	       (pending_settle(connection, import->uid, error) && add_rows(connection, import, error) &&
		pending_touch(connection, import->uid, error));
}

static bool
is_as_expected(struct connection *connection, const struct store_import *import, struct error *error)
{
	const struct store_lesson lesson = {
		.uid = import->uid, .signature = import->signatures, .replaces = import->replaces};

	return import->replaces.data == NULL || sqlite_signature_is(connection, &lesson, error);
}

/* Only if there is none of its id. */
static bool
add_fresh(struct connection *connection, const struct store_import *import, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURE_ADD, error);

	return statement != NULL &&
	       sqlite_signature_write(connection, statement, import->uid, import->signatures, error) &&
	       (sqlite3_changes(connection->db) == 1 ||
		store_signature_changed(&(struct store_lesson){.signature = import->signatures}, error));
}

static bool
import_all(struct connection *connection, void *context, struct error *error)
{
	const struct store_import *import = context;

	if (!is_as_expected(connection, import, error) || (import->fresh && !add_fresh(connection, import, error)) ||
	    !merge_rows(connection, import, error))
		return false;
	for (size_t i = import->fresh; i < import->signature_count; i++)
		if (!sqlite_signature_put(connection, import->uid, &import->signatures[i], error))
			return false;
	return sqlite_totals_add(connection, import->uid, &import->totals, error);
}

bool
sqlite_import(struct store *store, const struct store_import *import, struct error *error)
{
	struct store_import copy = *import;

	return connection_transaction(connection_of(store), CONNECTION_WRITE, import_all, &copy, error);
}

/* ---- going ------------------------------------------------------------------ */

struct removal {
	store_uid uid;
	enum store_removal what;
};

static bool
remove_all(struct connection *connection, enum statement which, store_uid uid, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, which, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	return connection_run(connection, statement, error);
}

/* The versions of a user who stays go on, so that no cache takes what it knows for what comes. */
static bool
remove_rows(struct connection *connection, const struct removal *removal, struct error *error)
{
	if (!remove_all(connection, STATEMENT_ROWS_REMOVE, removal->uid, error))
		return false;
	return removal->what == STORE_REMOVE_USER
		       ? remove_all(connection, STATEMENT_PENDING_DELETE, removal->uid, error)
		       : pending_touch(connection, removal->uid, error);
}

static bool
remove_user(struct connection *connection, void *context, struct error *error)
{
	const struct removal *removal = context;
	static const enum statement learned[] = {STATEMENT_SIGNATURES_REMOVE, STATEMENT_TOTALS_REMOVE};
	static const enum statement own[] = {STATEMENT_PREFERENCES_REMOVE, STATEMENT_USER_REMOVE};

	if (!remove_rows(connection, removal, error))
		return false;
	for (size_t i = 0; i < sizeof learned / sizeof learned[0]; i++)
		if (!remove_all(connection, learned[i], removal->uid, error))
			return false;
	for (size_t i = 0; removal->what == STORE_REMOVE_USER && i < sizeof own / sizeof own[0]; i++)
		if (!remove_all(connection, own[i], removal->uid, error))
			return false;
	return true;
}

bool
sqlite_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error)
{
	struct removal removal = {uid, what};

	return connection_transaction(connection_of(store), CONNECTION_WRITE, remove_user, &removal, error);
}

/* ---- size ------------------------------------------------------------------- */

struct size_work {
	store_uid uid;
	struct store_size size;
};

static int
compare_rows(const void *a, const void *b)
{
	uint64_t left = ((const struct store_row *)a)->token, right = ((const struct store_row *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

/* The tokens of all runs, each once and in order; the caller frees them. */
static struct store_row *
pending_tokens(struct connection *connection, size_t *count)
{
	const struct pending *pending = &connection->pending;
	struct run_entry entry;
	size_t all = 0, used = 0;

	for (size_t i = 0; i < pending->count; i++)
		all += pending->runs[i].run.count;
	struct store_row *rows = calloc(all + 1, sizeof *rows);
	if (rows == NULL)
		abort();
	for (size_t i = 0; i < pending->count; i++)
		for (struct run_reader reader = run_read(&pending->runs[i].run); run_next(&reader, &entry);)
			rows[used++].token = entry.token;
	qsort(rows, used, sizeof *rows, compare_rows);
	*count = 0;
	for (size_t i = 0; i < used; i++)
		if (*count == 0 || rows[*count - 1].token != rows[i].token)
			rows[(*count)++] = rows[i];
	return rows;
}

/* How many of these the table has already. */
static bool
count_found(struct connection *connection, store_uid uid, const struct store_row *rows, size_t count, uint64_t *found,
	    struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	connection->batch = (struct batch){.rows = rows, .count = count};
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error))
		++*found;
	return !failed;
}

/* Those in the table, and those that are pending and not in the table. */
static bool
count_rows(struct connection *connection, struct size_work *work, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_COUNT, error);
	uint64_t found = 0;
	size_t count;
	bool failed = true;

	if (statement == NULL || !pending_load(connection, work->uid, error))
		return false;
	struct store_row *rows = pending_tokens(connection, &count);
	bool done = count_found(connection, work->uid, rows, count, &found, error);
	free(rows);
	if (!done)
		return false;
	sqlite3_bind_int64(statement, 1, work->uid);
	while (connection_step(connection, statement, &failed, error))
		work->size.rows = (uint64_t)sqlite3_column_int64(statement, 0) + count - found;
	work->size.bytes = work->size.rows * ROW_BYTES;
	return !failed;
}

static bool
measure(struct connection *connection, void *context, struct error *error)
{
	struct size_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURES_SIZE, error);
	bool failed = true;

	if (statement == NULL || !count_rows(connection, work, error))
		return false;
	sqlite3_bind_int64(statement, 1, work->uid);
	while (connection_step(connection, statement, &failed, error)) {
		work->size.signatures = (uint64_t)sqlite3_column_int64(statement, 0);
		work->size.bytes += (uint64_t)sqlite3_column_int64(statement, 1);
	}
	return !failed;
}

bool
sqlite_size(struct store *store, store_uid uid, struct store_size *size, struct error *error)
{
	struct size_work work = {.uid = uid};

	if (!connection_transaction(connection_of(store), CONNECTION_READ, measure, &work, error))
		return false;
	*size = work.size;
	return true;
}

/* ---- signatures ------------------------------------------------------------- */

bool
sqlite_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
		      void *context, size_t *count, struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURES_FROM, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_text(statement, 2, after, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 3, SIGNATURES_AT_ONCE);
	while (more && connection_step(connection, statement, &failed, error)) {
		const struct store_signature signature = {
			(const char *)sqlite3_column_text(statement, 0),
			span_of(sqlite3_column_blob(statement, 1), (size_t)sqlite3_column_bytes(statement, 1)),
			sqlite3_column_int(statement, 2)};
		++*count;
		more = each(context, &signature);
	}
	sqlite3_reset(statement);
	return !failed;
}
