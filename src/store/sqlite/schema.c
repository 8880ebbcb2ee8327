/* The tables of a new file, and whether an existing one is ours. */
#include "store/sqlite/connection.h"

/* schema/sqlite.sql, built in. */
extern const char sqlite_schema[];

enum { SCHEMA_VERSION = 2 };

/* From each version to the next. Statements of both must work on either: other programs have the file open. */
static const char *const upgrades[SCHEMA_VERSION] = {
	[1] = "ALTER TABLE dspam_token_pending RENAME TO dspam_token_pending_1;"
	      "CREATE TABLE dspam_token_pending (uid INTEGER NOT NULL, number INTEGER NOT NULL, changes BLOB NOT NULL,"
	      " UNIQUE (uid, number));"
	      "INSERT INTO dspam_token_pending (uid, number, changes) SELECT uid, number, changes FROM "
	      "dspam_token_pending_1;"
	      "DROP TABLE dspam_token_pending_1;"
	      "ALTER TABLE dspam_token_data ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE dspam_token_data ADD COLUMN gradient INTEGER NOT NULL DEFAULT 0;"
	      "UPDATE dspam_schema SET version = 2;",
};

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

static bool
ask_version(struct connection *connection, sqlite3_int64 *version, struct error *error)
{
	return ask(connection, "SELECT max(version) FROM dspam_schema", SCHEMA_VERSION, version, error);
}

static bool
upgrade(struct connection *connection, void *context, struct error *error)
{
	sqlite3_int64 version = 0;

	(void)context;
	if (!ask_version(connection, &version, error)) /* as above */
		return false;
	for (; version >= 1 && version < SCHEMA_VERSION; version++)
		if (sqlite3_exec(connection->db, upgrades[version], NULL, NULL, NULL) != SQLITE_OK)
			return connection_error(connection, error);
	return true;
}

/* The version of the file, 0 when it is not made; and whether it is ours. */
static bool
check(struct connection *connection, void *context, struct error *error)
{
	sqlite3_int64 *version = context, made = 0, oldest = 0;

	*version = 0;
	if (!is_made(connection, &made, error))
		return false;
	if (made == 0)
		return true;
	if (!ask_version(connection, version, error) ||
	    !ask(connection, "SELECT max(oldest) FROM dspam_schema", 0, &oldest, error))
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
	sqlite3_int64 version = 0;

	if (!connection_transaction(connection, CONNECTION_READ, check, &version, error))
		return false;
	if (version >= SCHEMA_VERSION)
		return true;
	return connection_transaction(connection, CONNECTION_WRITE, version == 0 ? make : upgrade, NULL, error);
}
