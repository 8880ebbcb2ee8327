/* Reading tokens: the table through the cache, and the lessons that are pending. */
#ifndef DSPAM_STORE_SQLITE_READ_H
#define DSPAM_STORE_SQLITE_READ_H

#include "store/sqlite/connection.h"

/*
 * Inside a transaction: fill `rows`, whose tokens are set and ascending. With `stale`, which is for transactions that
 * only read: *stale says that somebody has learned since the transaction began, that nothing was read, and that a
 * new one would find the rows in the cache.
 */
bool read_rows(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, bool *stale,
	       struct error *error);

/* The row of a token from the columns 1 and following of a statement, also if somebody else wrote there what we would
 * not. */
struct store_row read_row(sqlite3_stmt *statement, uint64_t token);

#endif
