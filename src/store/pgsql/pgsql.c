/*
 * PostgreSQL, and what speaks its protocol: libpq.
 *
 * A text of several statements goes as one simple query, which every pooler passes on as it is. Tokens go as one
 * literal of an array, which the server reads faster than a list of numbers. Nothing waits longer than the timeout:
 * the socket is read without blocking.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "store/pgsql/batch.h"
#include "store/pgsql/failure.h"
#include "store/server/server.h"
#include "store/server/spell.h"

extern const char pgsql_schema[];

struct engine_connection {
	PGconn *client;
	unsigned timeout; /* seconds */
	char place[160];  /* for people */
};

/* ---- connecting ------------------------------------------------------------------ */

enum { SETTINGS = 16, DEFAULT_PORT = 5432 };

struct settings {
	const char *names[SETTINGS], *values[SETTINGS];
	size_t count;
	char port[8], timeout[16];
};

static void
set(struct settings *settings, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	settings->names[settings->count] = name;
	settings->values[settings->count++] = value;
}

static const char *const tls_modes[] = {
	[ENGINE_TLS_OFF] = "disable",
	[ENGINE_TLS_OPPORTUNISTIC] = "prefer",
	[ENGINE_TLS_ON] = "require",
	[ENGINE_TLS_VERIFY] = "verify-full",
};

static void
fill(struct settings *settings, const struct engine_target *target)
{
	if (target->port != 0)
		snprintf(settings->port, sizeof settings->port, "%u", target->port);
	snprintf(settings->timeout, sizeof settings->timeout, "%u", target->connect_timeout);
	set(settings, "host", target->host);
	set(settings, "port", settings->port);
	set(settings, "user", target->user);
	set(settings, "password", target->password);
	set(settings, "dbname", target->database);
	set(settings, "connect_timeout", settings->timeout);
	set(settings, "sslmode", tls_modes[target->tls]);
	/* With a ticket of Kerberos libpq would encrypt by that instead, and look at no certificate. */
	if (target->tls >= ENGINE_TLS_ON)
		set(settings, "gssencmode", "disable");
	set(settings, "sslrootcert", target->tls_ca);
	set(settings, "sslcert", target->tls_certificate);
	set(settings, "sslkey", target->tls_key != NULL ? target->tls_key : target->tls_certificate);
	set(settings, "application_name", "dspam");
	set(settings, "target_session_attrs", target->writable ? "read-write" : "any");
}

static void
pgsql_close(struct engine_connection *connection)
{
	PQfinish(connection->client);
	free(connection);
}

static void
ignore_notice(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static struct engine_connection *
pgsql_connect(const struct engine_target *target, enum engine_outcome *outcome, struct error *error)
{
	struct engine_connection *connection = calloc(1, sizeof *connection);
	struct settings settings = {.count = 0};

	if (connection == NULL)
		abort();
	connection->timeout = target->timeout;
	snprintf(connection->place, sizeof connection->place, "PostgreSQL %s, port %u, database %s",
		 target->host != NULL ? target->host : "(local)", target->port != 0 ? target->port : DEFAULT_PORT,
		 target->database);
	fill(&settings, target);
	connection->client = PQconnectdbParams(settings.names, settings.values, 0);
	if (connection->client != NULL && PQstatus(connection->client) == CONNECTION_OK) {
		PQsetNoticeProcessor(connection->client, ignore_notice, NULL);
		PQsetnonblocking(connection->client, 1);
		return connection;
	}
	*outcome = pgsql_connect_failure(connection->place, connection->client, error);
	pgsql_close(connection);
	return NULL;
}

/* ---- running --------------------------------------------------------------------- */

/* Until the socket is ready for one of the events; false: not within the time. */
static bool
wait_for(const struct engine_connection *connection, short events, int64_t end)
{
	struct pollfd poller = {.fd = PQsocket(connection->client), .events = events};
	int64_t left = end - clock_milliseconds();

	return left > 0 && poll(&poller, 1, (int)left) != 0;
}

static enum engine_outcome
lost(struct engine_connection *connection, struct error *error)
{
	error_later(error, ERROR_TEMPORARY, "%s: the connection was lost: %s", connection->place,
		    pgsql_line(PQerrorMessage(connection->client)));
	return ENGINE_LOST;
}

static enum engine_outcome
too_slow(struct engine_connection *connection, struct error *error)
{
	error_later(error, ERROR_TEMPORARY, "%s: no answer within %u seconds; look at its load, or raise StoreTimeout",
		    connection->place, connection->timeout);
	return ENGINE_LOST;
}

static enum engine_outcome
send_text(struct engine_connection *connection, const char *text, int64_t end, struct error *error)
{
	int left;

	if (PQsendQuery(connection->client, text) == 0)
		return lost(connection, error);
	while ((left = PQflush(connection->client)) > 0) {
		if (!wait_for(connection, POLLIN | POLLOUT, end))
			return too_slow(connection, error);
		if (PQconsumeInput(connection->client) == 0)
			return lost(connection, error);
	}
	return left < 0 ? lost(connection, error) : ENGINE_DONE;
}

static void
give_rows(const PGresult *result, size_t number, engine_each *each, void *context)
{
	enum { COLUMNS = 16 };
	struct span values[COLUMNS];
	int columns = PQnfields(result);

	for (int row = 0; columns <= COLUMNS && row < PQntuples(result); row++) {
		for (int i = 0; i < columns; i++)
			values[i] = PQgetisnull(result, row, i)
					    ? (struct span){0}
					    : span_of(PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i));
		each(context, &(struct engine_row){number, (size_t)columns, values});
	}
}

/* The answers to all statements; the first failure is the one that is told. */
static enum engine_outcome
read_results(struct engine_connection *connection, engine_each *each, void *context, uint64_t *affected, int64_t end,
	     struct error *error)
{
	enum engine_outcome outcome = ENGINE_DONE;
	PGresult *result;
	size_t number = 0;

	for (;;) {
		while (PQisBusy(connection->client)) {
			if (!wait_for(connection, POLLIN, end))
				return too_slow(connection, error);
			if (PQconsumeInput(connection->client) == 0)
				return lost(connection, error);
		}
		if ((result = PQgetResult(connection->client)) == NULL)
			return outcome;
		ExecStatusType status = PQresultStatus(result);
		if (status == PGRES_TUPLES_OK && each != NULL)
			give_rows(result, number, each, context);
		number += status == PGRES_TUPLES_OK;
		if (status == PGRES_COMMAND_OK)
			*affected += strtoull(PQcmdTuples(result), NULL, 10);
		else if (status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY && outcome == ENGINE_DONE)
			outcome = pgsql_failure(connection->place, connection->client, result, error);
		PQclear(result);
	}
}

static enum engine_outcome
pgsql_run(struct engine_connection *connection, struct span text, engine_each *each, void *context, uint64_t *affected,
	  struct error *error)
{
	int64_t end = clock_milliseconds() + (int64_t)connection->timeout * 1000;
	char *copy = malloc(text.size + 1);
	enum engine_outcome outcome;

	if (copy == NULL)
		abort();
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	*affected = 0;
	outcome = send_text(connection, copy, end, error);
	free(copy);
	if (outcome == ENGINE_DONE)
		outcome = read_results(connection, each, context, affected, end, error);
	return outcome;
}

static int
pgsql_descriptor(const struct engine_connection *connection)
{
	return PQsocket(connection->client);
}

/* Of several servers one is the primary; which one, target_session_attrs finds out. */
static bool
pgsql_is_member(const struct engine_connection *connection)
{
	(void)connection;
	return false;
}

/* ---- spelling -------------------------------------------------------------------- */

/* Without a backslash, which means what standard_conforming_strings says. */
static void
pgsql_quote_bytes(struct span bytes, struct buffer *out)
{
	buffer_append_string(out, "decode('");
	spell_hex(bytes, out);
	buffer_append_string(out, "', 'hex')");
}

static void
pgsql_quote(struct engine_connection *connection, struct span text, struct buffer *out)
{
	char *quoted = PQescapeLiteral(connection->client, text.data, text.size);

	if (quoted == NULL) { /* not of the encoding of this connection: let the server refuse the bytes */
		buffer_append_string(out, "convert_from(");
		pgsql_quote_bytes(text, out);
		buffer_append_string(out, ", 'UTF8')");
		return;
	}
	buffer_append_string(out, quoted);
	PQfreemem(quoted);
}

static void
pgsql_bytes(struct span value, struct buffer *out)
{
	size_t size;
	unsigned char *bytes = value.data == NULL ? NULL : PQunescapeBytea((const unsigned char *)value.data, &size);

	if (bytes == NULL)
		return;
	buffer_append(out, bytes, size);
	PQfreemem(bytes);
}

/* Of this transaction alone, so that a pooler may give the session to anybody else behind it. */
static void
pgsql_limit_waiting(const struct engine_connection *connection, struct buffer *out)
{
	buffer_printf(out, "SET LOCAL lock_timeout = %u;", connection->timeout * 1000 / 2);
}

static void
pgsql_ask_tables(struct engine_connection *connection, const char *users, struct buffer *out)
{
	buffer_append_string(out,
			     "SELECT 'tokens', CASE t.typname WHEN 'numeric' THEN 'unsigned' WHEN 'int8' THEN NULL"
			     " ELSE 'text' END FROM pg_attribute a"
			     " JOIN pg_type t ON t.oid = a.atttypid WHERE a.attname = 'token'"
			     " AND a.attrelid = to_regclass('dspam_token_data')"
			     " UNION ALL SELECT CASE WHEN has_table_privilege(oid, 'SELECT')"
			     " AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')"
			     " AND has_table_privilege(oid, 'DELETE') THEN 'generations' ELSE 'closed' END, NULL"
			     " FROM pg_class WHERE oid = to_regclass('dspam_generation')"
			     " UNION ALL SELECT 'weights', NULL FROM pg_attribute WHERE attname = 'weight'"
			     " AND NOT attisdropped AND attrelid = to_regclass('dspam_token_data')"
			     " UNION ALL SELECT 'schema', NULL FROM pg_class WHERE oid = to_regclass('dspam_schema')"
			     " AND has_table_privilege(oid, 'SELECT')"
			     " UNION ALL SELECT 'table', relname FROM pg_class WHERE relname LIKE 'dspam%'"
			     " AND pg_table_is_visible(oid)"
			     " UNION ALL SELECT 'broken', relname FROM pg_index JOIN pg_class ON oid = indexrelid"
			     " WHERE NOT indisvalid AND relname LIKE 'dspam%' AND pg_table_is_visible(oid)"
			     " UNION ALL SELECT 'users', NULL WHERE to_regclass(");
	pgsql_quote(connection, span_from(users), out);
	buffer_append_string(out, ") IS NOT NULL;");
}

static const struct dialect dialect_pgsql = {
	.greatest = "greatest",
	.upsert_open = "ON CONFLICT (",
	.upsert_close = ") DO UPDATE SET",
	.new_open = "excluded.",
	.new_close = "",
	.ignore_open = "ON CONFLICT (",
	.ignore_by = ") DO NOTHING /* ",
	.ignore_close = " */",
	.some_open = "coalesce(",
	.some_close = ", 0)",
	.days_open = "(",
	.days_close = " - DATE '1970-01-01')",
	.date_open = "(DATE '1970-01-01' + ",
	.date_close = ")",
	.weights_open = "/* ",
	.weights_close = " */",
	.users = "dspam_virtual_uids",
	.users_uid = "uid",
	.users_name = "username",
};

static const struct engine engine_pgsql = {
	.name = "PostgreSQL",
	.directive = "PgSQL",
	.data_file = "pgsql.data",
	.dialect = &dialect_pgsql,
	.begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;",
	.begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED;",
	.schema = pgsql_schema,
	.optimize = "VACUUM ANALYZE dspam_token_data",
	.connect = pgsql_connect,
	.close = pgsql_close,
	.run = pgsql_run,
	.descriptor = pgsql_descriptor,
	.is_member = pgsql_is_member,
	.limit_waiting = pgsql_limit_waiting,
	.ask_tables = pgsql_ask_tables,
	.quote = pgsql_quote,
	.quote_bytes = pgsql_quote_bytes,
	.bytes = pgsql_bytes,
	.rows = pgsql_rows,
	.keys = pgsql_keys,
};

static bool
pgsql_open(const struct store_options *options, struct store **store, struct error *error)
{
	return server_open(&engine_pgsql, options, store, error);
}

static bool
pgsql_create(const struct store_options *options, store_made_callback *each, void *context, struct error *error)
{
	return server_create(&engine_pgsql, options, each, context, error);
}

PLUGIN_DRIVER const struct store_driver store_driver_pgsql = {
	.version = DSPAM_VERSION,
	.name = "pgsql",
	.connections = "PgSQLConnectionCache",
	.numbers = "PgSQLUIDInSignature",
	.open = pgsql_open,
	.create = pgsql_create,
	SERVER_CALLS,
};
