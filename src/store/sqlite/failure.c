/* What SQLite's failures mean to the administrator. */
#include "store/sqlite/connection.h"

/* ERROR_TEMPORARY is for what another attempt may mend at once (transaction.c). */
static const struct failure {
	int code;
	enum error_code error;
	bool temporary;
	const char *advice;
} failures[] = {
	{SQLITE_BUSY, ERROR_TEMPORARY, true, "another program holds the file; try again, or raise SQLiteBusyTimeout"},
	{SQLITE_LOCKED, ERROR_TEMPORARY, true, "another program holds the file; try again"},
	{SQLITE_PROTOCOL, ERROR_TEMPORARY, true, "too many programs open the file at once; try again"},
	{SQLITE_FULL, ERROR_IO, true, "free space on its file system, or raise max_page_count if it is set"},
	{SQLITE_IOERR, ERROR_IO, true, "look for errors of the disk and for a full file system or quota"},
	{SQLITE_NOMEM, ERROR_OS, true, "no memory left"},
	{SQLITE_CANTOPEN, ERROR_FILE, true, "its directory must exist and be writable for this user"},
	{SQLITE_READONLY, ERROR_PERMISSION, false,
	 "the file, its -wal and -shm files and their directory must be writable for this user"},
	{SQLITE_PERM, ERROR_PERMISSION, false, "the file must be writable for this user"},
	{SQLITE_CORRUPT, ERROR_FILE, false,
	 "the file is damaged; restore a copy, or save what is left with "
	 "\"sqlite3 FILE .recover\""},
	{SQLITE_NOTADB, ERROR_FILE, false,
	 "the file is no SQLite database, or damaged; restore a copy, or name "
	 "another file with SQLiteFile"},
	{SQLITE_TOOBIG, ERROR_DATA, false, "a value is too large"},
};

bool
connection_error(struct connection *connection, struct error *error)
{
	int code = sqlite3_extended_errcode(connection->db);
	const char *text = sqlite3_errmsg(connection->db);

	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		const struct failure *failure = &failures[i];
		if (failure->code == (code & 0xFF))
			return (failure->temporary ? error_later : error_set)(error, failure->error, "store %s: %s; %s",
									      connection->path, text, failure->advice);
	}
	return error_set(error, ERROR_SOFTWARE, "store %s: %s (SQLite code %d)", connection->path, text, code);
}
