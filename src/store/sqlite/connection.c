#include "store/sqlite/connection.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_DEFAULT 10000

/*
 * Measured with one user (1 million rows, 22 MB, messages of 700 tokens) and with four
 * connections on 2.7 million rows (60 MB):
 * - page cache: what a program that serves one message takes from the system costs more than reading
 *   a page twice; with 1 MB in place of 128 KB it took 0.6 ms more. Who serves many (with a cache of
 *   rows) reads and learns as fast with 1 MB as with 2 MB, since the system's cache holds the rest;
 * - mmap: reads a third faster, but the whole file counts as memory once for each connection;
 * - page size: 2048 and 1024 are slower to learn (1.4 and 1.5 ms instead of 1.2) and to read;
 * - checkpoint after 1,000 pages: 4,000 won nothing and made the log four times as long. The log
 *   is cut to 8 MB when adding runs to the table (pending.h) made it longer.
 */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA secure_delete = OFF;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA journal_size_limit = 8388608;";

static const char cache_of_many[] = "PRAGMA cache_size = -1000", cache_of_one[] = "PRAGMA cache_size = -128";

static bool
set_path(struct connection *connection, const struct store_options *options, struct error *error)
{
	const char *file = store_option(options, "SQLiteFile");
	const char *home = store_option(options, "Home");

	if (file == NULL && home == NULL)
		return error_set(error, ERROR_CONFIG, "StorageDriver sqlite: set SQLiteFile or Home");
	if ((file != NULL ? asprintf(&connection->path, "%s", file)
			  : asprintf(&connection->path, "%s/dspam.sqlite", home)) < 0)
		abort();
	return true;
}

static bool
set_patience(struct connection *connection, const struct store_options *options, struct error *error)
{
	const char *text = store_option(options, "SQLiteBusyTimeout");
	unsigned long long number = PATIENCE_DEFAULT;

	if (text != NULL && !span_to_number(span_from(text), INT_MAX, &number))
		return error_set(error, ERROR_CONFIG,
				 "SQLiteBusyTimeout %s: not a number of milliseconds; for instance 10000", text);
	connection->patience = (int64_t)number;
	return true;
}

/*
 * The file must not be made by SQLite, which would let everybody read it. mknod instead of
 * open, because closing a descriptor would drop the locks that another connection of this
 * process may hold on the file by then.
 */
static bool
make_file(const char *path, struct error *error)
{
	if (mknod(path, S_IFREG | 0660, 0) == 0 || errno == EEXIST)
		return true;
	if (errno == ENOENT || errno == ENOTDIR)
		return error_set(error, ERROR_CREATE,
				 "store %s: its directory does not exist; make it, or set SQLiteFile or Home", path);
	return (errno == ENOSPC || errno == EDQUOT ? error_later : error_set)(
		error, ERROR_CREATE, "store %s: cannot be made: %s; its directory must be writable for this user", path,
		strerror(errno));
}

/* SQLite's own way is to wait ever longer, up to 100 milliseconds, while most lessons take one. */
static int
wait_for_others(void *context, int times)
{
	const struct connection *connection = context;

	if (times >= connection->patience)
		return 0;
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return 1;
}

static bool
open_file(struct connection *connection, struct error *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	if (!make_file(connection->path, error))
		return false;
	if (sqlite3_open_v2(connection->path, &connection->db, flags, NULL) != SQLITE_OK)
		return connection_error(connection, error);
	connection->store.has_weights = true;
	sqlite3_busy_handler(connection->db, wait_for_others, connection);
	if (sqlite3_db_readonly(connection->db, "main") == 1)
		return error_set(error, ERROR_PERMISSION,
				 "store %s: user %u may only read it; change its owner or mode", connection->path,
				 (unsigned)geteuid());
	return true;
}

static bool
set_pragma(struct connection *connection, const char *pragma, struct error *error)
{
	struct buffer text = BUFFER_INIT(1024);
	bool done;

	if (strchr(pragma, ';') != NULL || !buffer_printf(&text, "PRAGMA %s", pragma)) {
		buffer_free(&text);
		return error_set(error, ERROR_CONFIG, "SQLitePragma %.200s: write one pragma as \"name = value\"",
				 pragma);
	}
	done = connection_execute(connection, buffer_string(&text), error);
	if (!done)
		error_prefix(error, "SQLitePragma %s", pragma);
	buffer_free(&text);
	return done;
}

static bool
set_up(struct connection *connection, const struct store_options *options, struct error *error)
{
	int keep = 1;

	/* Keep the log's file at the end: making and removing it costs a program of one message more than using it. */
	sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	if (!connection_execute(connection, settings, error) ||
	    !connection_execute(connection, options->cache != NULL ? cache_of_many : cache_of_one, error))
		return false;
	for (size_t i = 0; i < options->count; i++)
		if (span_equal_nocase(span_from(options->options[i].name), SPAN("SQLitePragma")) &&
		    !set_pragma(connection, options->options[i].value, error))
			return false;
	if (batch_register(connection->db, &connection->batch) != SQLITE_OK)
		return connection_error(connection, error);
	return connection_schema(connection, error);
}

bool
connection_open(const struct store_options *options, struct connection **connection, struct error *error)
{
	struct connection *made = calloc(1, sizeof *made);

	if (made == NULL)
		abort();
	made->cache = options->cache;
	if (!set_path(made, options, error) || !set_patience(made, options, error) || !open_file(made, error) ||
	    !set_up(made, options, error)) {
		connection_close(made);
		return false;
	}
	*connection = made;
	return true;
}

void
connection_close(struct connection *connection)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(connection->statements[i]);
	for (size_t i = 0; i < CONNECTION_FRAMES; i++)
		sqlite3_finalize(connection->frames[i]);
	sqlite3_close(connection->db);
	pending_free(&connection->pending);
	free(connection->path);
	free(connection);
}
