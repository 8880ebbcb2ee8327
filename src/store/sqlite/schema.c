/* The tables of a new file, and whether an existing one is ours. */
#include "store/sqlite/connection.h"

/* schema/sqlite.sql, built in. */
extern const char sqlite_schema[];

enum { SCHEMA_VERSION = 1 };

/* The number that `text` gives, or `otherwise` when it gives no row. */
static bool
ask(struct connection *connection, const char *text, sqlite3_int64 otherwise, sqlite3_int64 *number,
    struct error *error)
{
	sqlite3_stmt *statement;
	int code;

	if (sqlite3_prepare_v2(connection->db, text, -1, &statement, NULL) != SQLITE_OK)
		return connection_error(connection, error);
	code = sqlite3_step(statement);
	*number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : otherwise;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		connection_error(connection, error);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static bool
is_made(struct connection *connection, void *made, struct error *error)
{
	return ask(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'dspam_schema'", 0, made, error);
}

static bool
make(struct connection *connection, void *context, struct error *error)
{
	sqlite3_int64 made = 0, tables = 0;

	(void)context;
	/* Another process may have been faster. */
	if (!is_made(connection, &made, error) ||
	    !ask(connection, "SELECT count(*) FROM sqlite_master", 0, &tables, error))
		return false;
	if (made != 0)
		return true;
	if (tables != 0)
		return error_set(error, ERROR_FILE,
				 "store %s: holds tables of another program; name a new file with SQLiteFile"
				 " (a file of the original DSPAM is imported, not used)",
				 connection->path);
	return sqlite3_exec(connection->db, sqlite_schema, NULL, NULL, NULL) == SQLITE_OK ||
	       connection_error(connection, error);
}

/* Whether it is made, and then whether it is ours. */
static bool
check(struct connection *connection, void *context, struct error *error)
{
	sqlite3_int64 *made = context, oldest = 0;

	if (!is_made(connection, made, error))
		return false;
	if (*made != 0 && !ask(connection, "SELECT max(oldest) FROM dspam_schema", 0, &oldest, error))
		return false;
	if (oldest > SCHEMA_VERSION)
		return error_set(error, ERROR_FILE,
				 "store %s: made for version %lld of the schema, this program knows %d; install the"
				 " newer dspam, or name another file with SQLiteFile",
				 connection->path, (long long)oldest, SCHEMA_VERSION);
	return true;
}

bool
connection_schema(struct connection *connection, struct error *error)
{
	sqlite3_int64 made = 0;

	return connection_transaction(connection, CONNECTION_READ, check, &made, error) &&
	       (made != 0 || connection_transaction(connection, CONNECTION_WRITE, make, NULL, error));
}
