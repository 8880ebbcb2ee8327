#include "store/sqlite/pending_touch.h"

static bool
delete_runs(struct connection *connection, store_uid uid, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_DELETE, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	return connection_run(connection, statement, error);
}

/* As pending_settle leaves it: an empty run, whose number says the generation in its upper half. */
static bool
add_empty_run(struct connection *connection, store_uid uid, uint32_t generation, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_ADD, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)generation << 32);
	sqlite3_bind_blob(statement, 3, "", 0, SQLITE_STATIC);
	return connection_run(connection, statement, error);
}

bool
pending_touch(struct connection *connection, store_uid uid, struct error *error)
{
	return pending_load(connection, uid, error) && delete_runs(connection, uid, error) &&
	       add_empty_run(connection, uid, pending_generation(&connection->pending) + 1, error);
}
