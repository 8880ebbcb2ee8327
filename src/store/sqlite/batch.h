/*
 * The caller's array of tokens as a table of SQLite: "store_batch".
 *
 * One statement then reads or writes all tokens of a message, with nothing to bind and
 * no list to build first. Looking up 700 tokens among 1 million took 1.03 ms this way; with
 * IN lists of 256, 64, 16, 4 and 1 parameters, and with a statement for each token, 1.5 ms.
 */
#ifndef DSPAM_STORE_SQLITE_BATCH_H
#define DSPAM_STORE_SQLITE_BATCH_H

#include <sqlite3.h>

#include "store/sqlite/run.h"

/* Either rows to look up or entries to write; set while a statement that names store_batch runs. */
struct batch {
	const struct store_row *rows;
	const struct run_entry *entries;
	size_t count;
};

/* Make `batch`, which must outlive the connection, its table. Returns a code of SQLite. */
int batch_register(sqlite3 *db, struct batch *batch);

#endif
