/* What PostgreSQL's failures mean to the administrator. */
#ifndef DSPAM_STORE_PGSQL_FAILURE_H
#define DSPAM_STORE_PGSQL_FAILURE_H

#include <libpq-fe.h>

#include "store/server/engine.h"

/* The message without its line ends and "ERROR: "; valid until the next call of the same thread. */
const char *pgsql_line(const char *message);

/* A connection that was not made; `client` may be NULL. ENGINE_LOST: another server may be better. */
enum engine_outcome pgsql_connect_failure(const char *place, PGconn *client, struct error *error);

enum engine_outcome pgsql_failure(const char *place, PGconn *client, const PGresult *result, struct error *error);

#endif
