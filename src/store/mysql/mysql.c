/*
 * MariaDB and MySQL, and what speaks their protocol: libmariadb.
 *
 * Texts are latin1 on both sides of the connection, as the original's: so bytes go through as they are, whatever
 * encoding they are of.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/mysql/batch.h"
#include "store/mysql/dialect.h"
#include "store/mysql/failure.h"
#include "store/server/server.h"
#include "store/server/spell.h"

extern const char mysql_schema[];

struct engine_connection {
	MYSQL *client;
	bool is_member;       /* of a Galera cluster */
	bool has_rows_locked; /* not only whole tables */
	unsigned timeout;     /* seconds */
	char place[160];      /* for people */
};

enum { DEFAULT_PORT = 3306 };

/* ---- connecting ------------------------------------------------------------------ */

/* The path of one. */
static bool
is_socket(const struct engine_target *target)
{
	return target->host != NULL && target->host[0] == '/';
}

/* The library takes its socket for the name localhost, too, whatever the port. */
static bool
is_local(const struct engine_target *target)
{
	return target->host == NULL || is_socket(target) || strcmp(target->host, "localhost") == 0;
}

static void
set_tls(MYSQL *client, const struct engine_target *target)
{
	bool local = is_local(target); /* which has no name that could stand in a certificate */
	my_bool wanted = target->tls > (local ? ENGINE_TLS_OPPORTUNISTIC : ENGINE_TLS_OFF);
	my_bool verify = !local && target->tls == ENGINE_TLS_VERIFY;

	if (wanted)
		mysql_ssl_set(client, target->tls_key != NULL ? target->tls_key : target->tls_certificate,
			      target->tls_certificate, target->tls_ca, NULL, NULL);
	mysql_optionsv(client, MYSQL_OPT_SSL_ENFORCE, &wanted);
	mysql_optionsv(client, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

/* The library does without TLS where the server has none, whatever "enforce" says, if it is not to check a name. */
static bool
is_safe(const struct engine_connection *connection, const struct engine_target *target, struct error *error)
{
	if (target->tls < ENGINE_TLS_ON || is_local(target) || mysql_get_ssl_cipher(connection->client) != NULL)
		return true;
	return error_later(error, ERROR_UNAVAILABLE,
			   "%s: the server speaks no TLS; switch it on there (ssl-cert, ssl-key), or write \"MySQLTLS "
			   "opportunistic\"",
			   connection->place);
}

static void
set_options(MYSQL *client, const struct engine_target *target)
{
	mysql_optionsv(client, MYSQL_OPT_CONNECT_TIMEOUT, &target->connect_timeout);
	mysql_optionsv(client, MYSQL_OPT_READ_TIMEOUT, &target->timeout);
	mysql_optionsv(client, MYSQL_OPT_WRITE_TIMEOUT, &target->timeout);
	mysql_optionsv(client, MYSQL_SET_CHARSET_NAME, "latin1");
	/* What does not fit is refused, not cut off; and texts are written in one way, whatever the server's default.
	 */
	mysql_optionsv(client, MYSQL_INIT_COMMAND, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
	if (target->compress)
		mysql_optionsv(client, MYSQL_OPT_COMPRESS, NULL);
	set_tls(client, target);
}

static void
mysql_engine_close(struct engine_connection *connection)
{
	mysql_close(connection->client);
	free(connection);
}

/* ---- running --------------------------------------------------------------------- */

static void
give_rows(MYSQL_RES *result, size_t number, engine_each *each, void *context)
{
	enum { COLUMNS = 16 };
	struct span values[COLUMNS];
	unsigned columns = mysql_num_fields(result);
	MYSQL_ROW row;

	while (columns <= COLUMNS && (row = mysql_fetch_row(result)) != NULL) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		for (unsigned i = 0; i < columns; i++)
			values[i] = row[i] == NULL ? (struct span){0} : span_of(row[i], lengths[i]);
		each(context, &(struct engine_row){number, columns, values});
	}
}

/* One of the answers; false: it is a failure. */
static bool
take_result(MYSQL *client, size_t *number, engine_each *each, void *context, uint64_t *affected)
{
	MYSQL_RES *result = mysql_store_result(client);

	if (result != NULL) {
		if (each != NULL)
			give_rows(result, *number, each, context);
		mysql_free_result(result);
		++*number;
		return true;
	}
	if (mysql_field_count(client) != 0)
		return false;
	*affected += mysql_affected_rows(client);
	return true;
}

static enum engine_outcome
run_text(struct engine_connection *connection, struct span text, size_t *number, engine_each *each, void *context,
	 uint64_t *affected, struct error *error)
{
	MYSQL *client = connection->client;
	int more;

	if (mysql_real_query(client, text.data, text.size) != 0)
		return mysql_failure(connection->place, client, error);
	do {
		if (!take_result(client, number, each, context, affected))
			return mysql_failure(connection->place, client, error);
	} while ((more = mysql_next_result(client)) == 0);
	return more > 0 ? mysql_failure(connection->place, client, error) : ENGINE_DONE;
}

static size_t
first_statement(struct span text)
{
	const char *end = memmem(text.data, text.size, ENGINE_END, strlen(ENGINE_END));

	return end != NULL ? (size_t)(end - text.data) + strlen(ENGINE_END) : text.size;
}

/*
 * A node of a Galera cluster gives up a transaction that changes what another node has committed first. Between two
 * texts, or inside of a statement, it says so (1213). Between two statements of one text it does not: MariaDB does the
 * rest of the text outside of any transaction, and its COMMIT succeeds. So every statement goes by itself there, but
 * those that begin the transaction, when there is nothing yet to give up.
 */
static enum engine_outcome
mysql_engine_run(struct engine_connection *connection, struct span text, engine_each *each, void *context,
		 uint64_t *affected, struct error *error)
{
	enum engine_outcome outcome = ENGINE_DONE;
	size_t number = 0;

	*affected = 0;
	while (text.size > 0 && outcome == ENGINE_DONE) {
		size_t size = connection->is_member ? first_statement(text) : text.size;
		outcome = run_text(connection, span_head(text, size), &number, each, context, affected, error);
		text = span_skip(text, size);
	}
	return outcome;
}

/* ---- whether it will do ---------------------------------------------------------- */

struct state {
	bool read_only, is_member, is_ready, is_donor, has_rows_locked;
};

static void
see_state(void *context, const struct engine_row *row)
{
	struct state *state = context;
	struct span name = row->values[0], value = row->values[1];

	if (row->count != 2 || value.data == NULL)
		return;
	if (span_equal(name, SPAN("read_only")))
		state->read_only = !span_equal(value, SPAN("OFF"));
	else if (span_equal(name, SPAN("innodb_lock_wait_timeout")))
		state->has_rows_locked = true;
	else if (span_equal(name, SPAN("wsrep_on")))
		state->is_member = span_equal(value, SPAN("ON"));
	else if (span_equal(name, SPAN("wsrep_ready")))
		state->is_ready = span_equal(value, SPAN("ON"));
	else if (span_equal(name, SPAN("wsrep_local_state")))
		state->is_donor = span_equal(value, SPAN("2"));
}

/* A node of a Galera cluster that is not ready takes connections all the same, and then refuses every statement. */
static bool
will_do(struct engine_connection *connection, const struct engine_target *target, struct error *error)
{
	static const char query[] = "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
				    " ('read_only', 'wsrep_on', 'innodb_lock_wait_timeout');"
				    "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state')";
	struct state state = {.read_only = false};
	uint64_t affected;

	if (mysql_engine_run(connection, span_from(query), see_state, &state, &affected, error) != ENGINE_DONE)
		return false;
	connection->is_member = state.is_member;
	connection->has_rows_locked = state.has_rows_locked;
	if (state.is_member && (!state.is_ready || state.is_donor))
		return error_later(error, ERROR_UNAVAILABLE, "%s: this node %s", connection->place,
				   state.is_donor ? "is busy giving its data to another one"
						  : "is not part of its cluster at the moment");
	if (target->writable && state.read_only)
		return error_later(error, ERROR_UNAVAILABLE, "%s: this server only reads; name the one that writes",
				   connection->place);
	return true;
}

/* ---- the connection -------------------------------------------------------------- */

static struct engine_connection *
mysql_engine_connect(const struct engine_target *target, enum engine_outcome *outcome, struct error *error)
{
	struct engine_connection *connection = calloc(1, sizeof *connection);
	bool socket = is_socket(target);

	if (connection == NULL || (connection->client = mysql_init(NULL)) == NULL)
		abort();
	connection->timeout = target->timeout;
	snprintf(connection->place, sizeof connection->place, "MySQL %s, port %u, database %s",
		 target->host != NULL ? target->host : "(local)", target->port != 0 ? target->port : DEFAULT_PORT,
		 target->database);
	set_options(connection->client, target);
	bool made = mysql_real_connect(connection->client, socket ? NULL : target->host, target->user, target->password,
				       target->database, target->port, socket ? target->host : NULL,
				       CLIENT_MULTI_STATEMENTS | CLIENT_FOUND_ROWS) != NULL;
	if (!made)
		mysql_connect_failure(connection->place, connection->client, target, error);
	else if (is_safe(connection, target, error) && will_do(connection, target, error))
		return connection;
	*outcome = ENGINE_LOST;
	mysql_engine_close(connection);
	return NULL;
}

static bool
mysql_is_member(const struct engine_connection *connection)
{
	return connection->is_member;
}

static int
mysql_engine_descriptor(const struct engine_connection *connection)
{
	return (int)mysql_get_socket(connection->client);
}

/* ---- spelling -------------------------------------------------------------------- */

static void
mysql_quote(struct engine_connection *connection, struct span text, struct buffer *out)
{
	char *quoted = malloc(2 * text.size + 1);

	if (quoted == NULL)
		abort();
	unsigned long size = mysql_real_escape_string(connection->client, quoted, text.data, text.size);
	buffer_append_byte(out, '\'');
	buffer_append(out, quoted, size);
	buffer_append_byte(out, '\'');
	free(quoted);
}

static void
mysql_quote_bytes(struct span bytes, struct buffer *out)
{
	buffer_append_string(out, "X'");
	spell_hex(bytes, out);
	buffer_append_byte(out, '\'');
}

static void
mysql_bytes(struct span value, struct buffer *out)
{
	buffer_append_span(out, value);
}

/*
 * For locks of tables, and of rows, which a server without InnoDB does not know. It stays so for the session, but who
 * reads waits only for tables that are locked as a whole.
 */
static void
mysql_limit_waiting(const struct engine_connection *connection, struct buffer *out)
{
	unsigned seconds = connection->timeout > 1 ? connection->timeout / 2 : 1;

	buffer_printf(out, "SET SESSION lock_wait_timeout = %u", seconds);
	if (connection->has_rows_locked)
		buffer_printf(out, ", innodb_lock_wait_timeout = %u", seconds);
	buffer_append_byte(out, ';');
}

/* The table of users may stand in another database: other.dspam_virtual_uids. */
static void
mysql_ask_tables(struct engine_connection *connection, const char *users, struct buffer *out)
{
	buffer_append_string(out, "SET @users = ");
	mysql_quote(connection, span_from(users), out);
	buffer_append_string(
		out,
		"; SELECT 'tokens', IF(data_type <> 'bigint', 'text', IF(LOCATE('unsigned', column_type) > 0,"
		" 'unsigned', NULL))"
		" FROM information_schema.columns WHERE table_schema = DATABASE()"
		" AND table_name = 'dspam_token_data' AND column_name = 'token'"
		" UNION ALL SELECT 'weights', NULL FROM information_schema.columns WHERE table_schema = DATABASE()"
		" AND table_name = 'dspam_token_data' AND column_name = 'weight'"
		" UNION ALL SELECT CASE table_name WHEN 'dspam_generation' THEN 'generations' ELSE 'schema' END, NULL"
		" FROM information_schema.tables WHERE table_schema = DATABASE()"
		" AND table_name IN ('dspam_generation', 'dspam_schema')"
		" UNION ALL SELECT 'plain', table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
		" AND table_name IN ('dspam_token_data', 'dspam_stats', 'dspam_signature_data')"
		" AND engine IN ('MyISAM', 'Aria', 'MEMORY')"
		" UNION ALL SELECT 'table', table_name FROM information_schema.tables"
		" WHERE table_schema = DATABASE() AND table_name LIKE 'dspam%'"
		" UNION ALL SELECT 'users', NULL FROM information_schema.tables"
		" WHERE table_name = SUBSTRING_INDEX(@users, '.', -1)"
		" AND table_schema = IF(LOCATE('.', @users) > 0, SUBSTRING_INDEX(@users, '.', 1), DATABASE());");
}

static const struct engine engine_mysql = {
	.name = "MySQL",
	.directive = "MySQL",
	.data_file = "mysql.data",
	.dialect = &dialect_mysql,
	.begin_read = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
		      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;",
	.begin_write = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION;",
	.begin_certain = "SET SESSION wsrep_sync_wait = 1;",
	.end_certain = "SET SESSION wsrep_sync_wait = DEFAULT",
	.schema = mysql_schema,
	.optimize = "ANALYZE TABLE dspam_token_data",
	.connect = mysql_engine_connect,
	.close = mysql_engine_close,
	.run = mysql_engine_run,
	.descriptor = mysql_engine_descriptor,
	.is_member = mysql_is_member,
	.limit_waiting = mysql_limit_waiting,
	.ask_tables = mysql_ask_tables,
	.quote = mysql_quote,
	.quote_bytes = mysql_quote_bytes,
	.bytes = mysql_bytes,
	.rows = mysql_rows,
	.keys = mysql_keys,
};

static bool
mysql_open(const struct store_options *options, struct store **store, struct error *error)
{
	return server_open(&engine_mysql, options, store, error);
}

static bool
mysql_create(const struct store_options *options, store_made_callback *each, void *context, struct error *error)
{
	return server_create(&engine_mysql, options, each, context, error);
}

PLUGIN_DRIVER const struct store_driver store_driver_mysql = {
	.version = DSPAM_VERSION,
	.name = "mysql",
	.connections = "MySQLConnectionCache",
	.numbers = "MySQLUIDInSignature",
	.open = mysql_open,
	.create = mysql_create,
	SERVER_CALLS,
};
