/*
 * A connection to the SQLite file: opening it, its schema, its transactions.
 *
 * Options (storage directives of dspam.conf):
 *   SQLiteFile         path; default HOME/dspam.sqlite (HOME: option Home)
 *   SQLitePragma       "name = value" or "name=value", run after ours; may stand several times
 *   SQLiteBusyTimeout  milliseconds to wait for another writer; default 10000
 */
#ifndef DSPAM_STORE_SQLITE_CONNECTION_H
#define DSPAM_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "store/driver.h"
#include "store/row_cache.h"
#include "store/sqlite/batch.h"
#include "store/sqlite/pending.h"
#include "store/statement.h"

/* How a transaction begins and ends. */
enum connection_frame { CONNECTION_READS, CONNECTION_WRITES, CONNECTION_COMMITS, CONNECTION_FRAMES };

struct connection {
	struct store store;
	sqlite3 *db;
	char *path;
	int64_t patience; /* milliseconds that a call waits for others at most */
	struct batch batch;
	struct pending pending;
	struct row_cache *cache;                   /* of the process; NULL: none */
	sqlite3_stmt *statements[STATEMENT_COUNT]; /* made when first used, kept */
	sqlite3_stmt *frames[CONNECTION_FRAMES];   /* what stands around a transaction; the same */
};

static inline struct connection *
connection_of(struct store *store)
{
	return (struct connection *)store;
}

bool connection_open(const struct store_options *options, struct connection **connection, struct error *error);
void connection_close(struct connection *connection);

/* Make the tables of a new file, bring an older one up to date; refuse one that is not ours or of a newer schema. */
bool connection_schema(struct connection *connection, struct error *error);

/* Fill `error` with what SQLite's last failure means; returns false. */
bool connection_error(struct connection *connection, struct error *error);

/*
 * Run `work` in one transaction; WRITE takes the lock of the writer at its beginning, so
 * that no work is lost to a conflict later; ALONE is for one statement that reads, which is a
 * transaction by itself. When others hold the file, all of it is
 * repeated while patience lasts; `work` must set, not add to, what it gives back.
 */
enum connection_mode { CONNECTION_ALONE, CONNECTION_READ, CONNECTION_WRITE };
typedef bool connection_work(struct connection *, void *context, struct error *);
bool connection_transaction(struct connection *connection, enum connection_mode mode, connection_work *work,
			    void *context, struct error *error);

/* Run statements outside of a transaction, again while others hold the file and patience lasts. */
bool connection_execute(struct connection *connection, const char *text, struct error *error);

/* The statement, ready to bind. NULL with `error`. */
sqlite3_stmt *connection_statement(struct connection *connection, enum statement which, struct error *error);

/* One row more? Resets the statement at its end and on failure; *failed tells these apart. */
bool connection_step(struct connection *connection, sqlite3_stmt *statement, bool *failed, struct error *error);

/* Run a statement that gives no rows. */
bool connection_run(struct connection *connection, sqlite3_stmt *statement, struct error *error);

#endif
