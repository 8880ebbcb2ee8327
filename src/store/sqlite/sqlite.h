/* The parts of the SQLite driver that stand in files of their own; store.h is their contract. */
#ifndef DSPAM_STORE_SQLITE_SQLITE_H
#define DSPAM_STORE_SQLITE_SQLITE_H

#include "store/sqlite/connection.h"

/* Inside a transaction, for writing one that writes. */
bool sqlite_totals_read(struct connection *connection, store_uid uid, struct totals *totals, struct error *error);
bool sqlite_totals_add(struct connection *connection, store_uid uid, const struct totals *totals, struct error *error);

/* Read up to `limit` rows of the table from token `first` on, in its order, into `rows`; what is pending is left out.
 */
bool sqlite_rows_from(struct connection *connection, store_uid uid, int64_t first, struct store_row *rows, size_t limit,
		      size_t *count, struct error *error);
bool sqlite_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		       struct store_walk *walk, struct error *error);
bool sqlite_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error);
bool sqlite_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows,
		  struct error *error);
/* move.c */
bool sqlite_import(struct store *store, const struct store_import *import, struct error *error);
bool sqlite_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error);
bool sqlite_size(struct store *store, store_uid uid, struct store_size *size, struct error *error);
bool sqlite_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
			   void *context, size_t *count, struct error *error);

bool sqlite_optimize(struct store *store, struct error *error);

/* Keep a signature, inside a transaction; with one of the two statements that do. */
bool sqlite_signature_write(struct connection *connection, sqlite3_stmt *statement, store_uid uid,
			    const struct store_signature *signature, struct error *error);
bool sqlite_signature_put(struct connection *connection, store_uid uid, const struct store_signature *signature,
			  struct error *error);
/* Whether the lesson's signature is what it replaces, inside a transaction; else an error that is temporary. */
bool sqlite_signature_is(struct connection *connection, const struct store_lesson *lesson, struct error *error);
bool sqlite_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
			  struct store_signature *signature, bool *found, struct error *error);
bool sqlite_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error);

bool sqlite_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
			    struct error *error);
bool sqlite_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
		 struct error *error);
bool sqlite_preference_set(struct store *store, store_uid uid, const char *name, const char *value,
			   struct error *error);

#endif
