#include "base/clock.h"
#include "store/sqlite/connection.h"

/* More than any statement needs. */
enum { TEXT_MAXIMUM = 4096 };

sqlite3_stmt *
connection_statement(struct connection *connection, enum statement which, struct error *error)
{
	sqlite3_stmt **statement = &connection->statements[which];
	struct buffer text = BUFFER_INIT(TEXT_MAXIMUM);

	if (*statement != NULL)
		return *statement;
	statement_write(which, &dialect_sqlite, NULL, &text);
	if (sqlite3_prepare_v3(connection->db, buffer_string(&text), -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
	    SQLITE_OK)
		connection_error(connection, error);
	buffer_free(&text);
	return *statement;
}

bool
connection_step(struct connection *connection, sqlite3_stmt *statement, bool *failed, struct error *error)
{
	int code = sqlite3_step(statement);

	*failed = code != SQLITE_ROW && code != SQLITE_DONE;
	if (*failed)
		connection_error(connection, error);
	if (code != SQLITE_ROW)
		sqlite3_reset(statement);
	return code == SQLITE_ROW;
}

bool
connection_run(struct connection *connection, sqlite3_stmt *statement, struct error *error)
{
	bool failed;

	while (connection_step(connection, statement, &failed, error))
		continue;
	return !failed;
}

static bool
execute(struct connection *connection, const char *text, struct error *error)
{
	return sqlite3_exec(connection->db, text, NULL, NULL, NULL) == SQLITE_OK || connection_error(connection, error);
}

/* Prepared once: every message has several transactions. */
static bool
run_frame(struct connection *connection, enum connection_frame which, struct error *error)
{
	static const char *const texts[CONNECTION_FRAMES] = {
		[CONNECTION_READS] = "BEGIN",
		[CONNECTION_WRITES] = "BEGIN IMMEDIATE",
		[CONNECTION_COMMITS] = "COMMIT",
	};
	sqlite3_stmt **frame = &connection->frames[which];

	if (*frame == NULL &&
	    sqlite3_prepare_v3(connection->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, frame, NULL) != SQLITE_OK)
		return connection_error(connection, error);
	return connection_run(connection, *frame, error);
}

static bool
attempt(struct connection *connection, enum connection_mode mode, connection_work *work, void *context,
	struct error *error)
{
	if (mode == CONNECTION_ALONE)
		return work(connection, context, error);
	if (!run_frame(connection, mode == CONNECTION_WRITE ? CONNECTION_WRITES : CONNECTION_READS, error))
		return false;
	if (work(connection, context, error) && run_frame(connection, CONNECTION_COMMITS, error))
		return true;
	/* SQLite may have rolled back by itself already; then this one fails, and should. */
	sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
	/* It may hold runs that never came true, and whose numbers others will use. */
	if (mode == CONNECTION_WRITE)
		pending_free(&connection->pending);
	return false;
}

/* SQLite itself waits for most locks up to the patience; what comes back sooner is worth another try. */
static bool
worth_another_try(const struct error *error, int64_t end)
{
	if (error->code != ERROR_TEMPORARY || clock_milliseconds() >= end)
		return false;
	clock_pause();
	return true;
}

bool
connection_execute(struct connection *connection, const char *text, struct error *error)
{
	int64_t end = clock_milliseconds() + connection->patience;

	while (!execute(connection, text, error))
		if (!worth_another_try(error, end))
			return false;
	return true;
}

bool
connection_transaction(struct connection *connection, enum connection_mode mode, connection_work *work, void *context,
		       struct error *error)
{
	int64_t end = clock_milliseconds() + connection->patience;

	while (!attempt(connection, mode, work, context, error))
		if (!worth_another_try(error, end))
			return false;
	return true;
}
