#include "store/sqlite/batch.h"

#include <stdlib.h>

struct batch_table {
	sqlite3_vtab base;
	const struct batch *batch;
};

struct batch_cursor {
	sqlite3_vtab_cursor base;
	size_t position;
};

static const struct batch *
batch_of(const sqlite3_vtab_cursor *cursor)
{
	return ((const struct batch_table *)(const void *)cursor->pVtab)->batch;
}

static struct batch_cursor *
cursor_of(sqlite3_vtab_cursor *cursor)
{
	return (struct batch_cursor *)(void *)cursor;
}

static int
batch_connect(sqlite3 *db, void *batch, int count, const char *const *arguments, sqlite3_vtab **table, char **error)
{
	struct batch_table *made = calloc(1, sizeof *made);

	(void)count;
	(void)arguments;
	(void)error;
	if (made == NULL)
		return SQLITE_NOMEM;
	made->batch = batch;
	*table = &made->base;
	return sqlite3_declare_vtab(db, "CREATE TABLE x (position, token, spam, innocent, day, weight, gradient)");
}

static int
batch_disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* There is one way to read it: from first to last. */
static int
batch_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedCost = 1000;
	info->estimatedRows = 1000;
	return SQLITE_OK;
}

static int
batch_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
	struct batch_cursor *made = calloc(1, sizeof *made);

	(void)table;
	*cursor = made == NULL ? NULL : &made->base;
	return made == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

static int
batch_close(sqlite3_vtab_cursor *cursor)
{
	free(cursor);
	return SQLITE_OK;
}

static int
batch_filter(sqlite3_vtab_cursor *cursor, int index, const char *name, int count, sqlite3_value **values)
{
	(void)index;
	(void)name;
	(void)count;
	(void)values;
	cursor_of(cursor)->position = 0;
	return SQLITE_OK;
}

static int
batch_next(sqlite3_vtab_cursor *cursor)
{
	cursor_of(cursor)->position++;
	return SQLITE_OK;
}

static int
batch_eof(sqlite3_vtab_cursor *cursor)
{
	return cursor_of(cursor)->position >= batch_of(cursor)->count;
}

/* The columns, of which rows have two. */
static int
batch_column(sqlite3_vtab_cursor *cursor, sqlite3_context *result, int column)
{
	const struct batch *batch = batch_of(cursor);
	size_t i = cursor_of(cursor)->position;

	if (batch->rows != NULL) {
		sqlite3_result_int64(result, column == 0 ? (sqlite3_int64)i : (sqlite3_int64)batch->rows[i].token);
	} else {
		const struct run_entry *entry = &batch->entries[i];
		const sqlite3_int64 columns[] = {(sqlite3_int64)i, (sqlite3_int64)entry->token,
						 entry->spam,      entry->innocent,
						 entry->day,       entry->weight,
						 entry->gradient};
		sqlite3_result_int64(result, columns[column]);
	}
	return SQLITE_OK;
}

static int
batch_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
	*rowid = (sqlite3_int64)cursor_of(cursor)->position;
	return SQLITE_OK;
}

/* Without xCreate the table is simply there, in every connection that registers it. */
static const sqlite3_module batch_module = {
	.xConnect = batch_connect,
	.xBestIndex = batch_best_index,
	.xDisconnect = batch_disconnect,
	.xOpen = batch_open,
	.xClose = batch_close,
	.xFilter = batch_filter,
	.xNext = batch_next,
	.xEof = batch_eof,
	.xColumn = batch_column,
	.xRowid = batch_rowid,
};

int
batch_register(sqlite3 *db, struct batch *batch)
{
	return sqlite3_create_module(db, "store_batch", &batch_module, batch);
}
