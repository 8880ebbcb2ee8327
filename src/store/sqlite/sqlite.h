/* The parts of the SQLite driver that stand in files of their own; store.h is their contract. */
#ifndef DSPAM_STORE_SQLITE_SQLITE_H
#define DSPAM_STORE_SQLITE_SQLITE_H

#include "store/sqlite/connection.h"

/* Keep a signature, inside a transaction. */
bool sqlite_signature_put(struct connection *connection, store_uid uid, const struct store_signature *signature,
			  struct error *error);
/* Whether the lesson's signature is what it replaces, inside a transaction; else an error that is temporary. */
bool sqlite_signature_is(struct connection *connection, const struct store_lesson *lesson, struct error *error);
bool sqlite_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
			  struct store_signature *signature, bool *found, struct error *error);
bool sqlite_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error);

bool sqlite_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
			    struct error *error);
bool sqlite_preference_set(struct store *store, store_uid uid, const char *name, const char *value,
			   struct error *error);

#endif
