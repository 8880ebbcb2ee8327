/* What the tables of a database look like: the original's of several versions, or ours. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/server/server.h"

/* The schema of this program; a database says the oldest program that it can work with. */
enum { SCHEMA_VERSION = 1 };

#define USERS "dspam_virtual_uids" /* as the schema names them */

struct inspection {
	bool has_tokens, tokens_unsigned, tokens_text, has_generations, has_users, has_schema, is_plain;
	int64_t oldest;
	struct buffer tables; /* the names of ours, each with a blank before and behind it */
};

static void
see_table(void *context, const struct engine_row *row)
{
	struct inspection *found = context;
	struct span word = row->values[0], more = row->values[1];

	if (span_equal(word, SPAN("tokens"))) {
		found->has_tokens = true;
		found->tokens_unsigned = span_equal(more, SPAN("unsigned"));
		found->tokens_text = span_equal(more, SPAN("text"));
	} else if (span_equal(word, SPAN("table"))) {
		buffer_printf(&found->tables, " %.*s ", (int)more.size, more.data);
	}
	found->has_generations |= span_equal(word, SPAN("generations"));
	found->has_schema |= span_equal(word, SPAN("schema"));
	found->has_users |= span_equal(word, SPAN("users"));
	found->is_plain |= span_equal(word, SPAN("plain"));
}

static void
see_oldest(void *context, const struct engine_row *row)
{
	struct inspection *found = context;

	found->oldest = server_integer(row->values[0]);
}

static const struct engine_target *
target_of(const struct server *server)
{
	return &server->link->targets[server->link->target];
}

static const char *
host_of(const struct engine_target *target)
{
	return target->host != NULL ? target->host : "(local)";
}

static bool
check_version(struct server *server, struct inspection *found, struct error *error)
{
	buffer_clear(&server->text);
	server_statement(server, STATEMENT_SCHEMA, NULL, 0);
	if (!server_send(server, see_oldest, found, NULL, error))
		return false;
	if (found->oldest > SCHEMA_VERSION)
		return error_set(error, ERROR_FILE,
				 "%s %s: database %s was made for version %lld of the schema, this program knows %d;"
				 " install the newer dspam",
				 server->engine->name, host_of(target_of(server)), target_of(server)->database,
				 (long long)found->oldest, SCHEMA_VERSION);
	return true;
}

/* What there is, and whether we can work with it; what is missing is not said here. */
static bool
look(struct server *server, struct inspection *found, struct error *error)
{
	const char *name = server->engine->name, *database = target_of(server)->database;

	buffer_clear(&server->text);
	server->engine->ask_tables(server->link->connection, server->dialect.users, &server->text);
	if (!server_send(server, see_table, found, NULL, error))
		return false;
	if (found->tokens_text)
		return error_set(error, ERROR_FILE,
				 "%s: database %s keeps tokens in a column that is not of numbers, as before DSPAM 3.4;"
				 " change the type of dspam_token_data.token to %s",
				 name, database, strcmp(name, "MySQL") == 0 ? "bigint unsigned" : "numeric(20)");
	if (server->table_named && !found->has_users)
		return error_set(error, ERROR_CONFIG,
				 "%s: database %s has no table %s that user %s may read; correct %sVirtualTable, or"
				 " leave it out",
				 name, database, server->dialect.users,
				 target_of(server)->user != NULL ? target_of(server)->user : "(default)",
				 server->engine->directive);
	return !found->has_schema || check_version(server, found, error);
}

/* Where nothing can be taken back, lessons and generations are not changed together: then nothing is cached. */
static void
use_tables(struct server *server, const struct inspection *found)
{
	server->tokens_unsigned = found->tokens_unsigned;
	server->has_generations = found->has_generations && !found->is_plain;
	server->has_preferences = span_find(buffer_span(&found->tables), SPAN(" dspam_preferences ")) != SPAN_NONE;
	server->system_users = !found->has_users;
	server->cache = server->has_generations ? server->wanted_cache : NULL;
	server->store.warning = !found->is_plain
					? NULL
					: "the table dspam_token_data has no transactions, so that a lesson may"
					  " be kept in part when the server ends, and rows are not cached;"
					  " ALTER TABLE dspam_token_data ENGINE=InnoDB, and likewise"
					  " dspam_stats and dspam_signature_data, mends that";
}

bool
server_inspect(struct server *server, struct error *error)
{
	const struct engine_target *target = target_of(server);
	struct inspection found = {.tables = BUFFER_INIT(SERVER_TEXT_LIMIT)};
	bool good = look(server, &found, error);

	if (good)
		use_tables(server, &found);
	buffer_free(&found.tables);
	if (!good)
		return false;
	if (!found.has_tokens)
		return error_set(
			error, ERROR_FILE,
			"%s %s: database %s has no table dspam_token_data that user %s may read; make the tables"
			" with \"dspam_admin create-store\", or name another database with %sDb",
			server->engine->name, host_of(target), target->database,
			target->user != NULL ? target->user : "(default)", server->engine->directive);
	return true;
}

/* ---- making --------------------------------------------------------------------- */

struct making {
	struct server *server;
	struct inspection found;
	store_made_callback *each;
	void *context;
};

/* The name behind "IF NOT EXISTS" in a statement; "": it makes nothing. */
static void
name_made(struct span statement, char name[static 64])
{
	static const char words[] = "IF NOT EXISTS ";
	size_t at = span_find(statement, SPAN("IF NOT EXISTS "));
	struct span rest = at == SPAN_NONE ? SPAN("") : span_skip(statement, at + sizeof words - 1);
	size_t size = 0;

	while (size < rest.size && size < 63 && (isalnum((unsigned char)rest.data[size]) || rest.data[size] == '_'))
		size++;
	snprintf(name, 64, "%.*s", (int)size, rest.size > 0 ? rest.data : "");
}

/*
 * Not what is there already, wherever the server finds it. And no table of users where they are in another one, or
 * where tokens are kept by the numbers of the system: it would give everybody another number.
 */
static bool
is_wanted(const struct making *making, const char *name)
{
	const struct inspection *found = &making->found;
	char word[70];

	if (strcmp(name, USERS) == 0 && (found->has_users || found->has_tokens))
		return false;
	snprintf(word, sizeof word, " %s ", name);
	return name[0] == '\0' || span_find(buffer_span(&found->tables), span_from(word)) == SPAN_NONE;
}

static bool
make_one(struct making *making, struct span statement, struct error *error)
{
	char name[64];

	name_made(statement, name);
	if (!is_wanted(making, name))
		return true;
	buffer_clear(&making->server->text);
	buffer_append_span(&making->server->text, statement);
	if (!server_send(making->server, NULL, NULL, NULL, error))
		return error_prefix(error, "making %s", name[0] != '\0' ? name : "the tables");
	if (name[0] != '\0' && making->each != NULL)
		making->each(making->context, name);
	return true;
}

/* Statements end with a semicolon at the end of a line. */
static bool
make_all(struct making *making, struct error *error)
{
	struct span rest = span_trim(span_from(making->server->engine->schema));

	while (rest.size > 0) {
		size_t end = span_find(rest, SPAN(";\n"));
		if (!make_one(making, span_head(rest, end == SPAN_NONE ? rest.size : end), error))
			return false;
		rest = end == SPAN_NONE ? SPAN("") : span_trim(span_skip(rest, end + 1));
	}
	return true;
}

bool
server_create(const struct engine *engine, const struct store_options *options, store_made_callback *each,
	      void *context, struct error *error)
{
	struct server *server = server_new(engine);
	struct making making = {server, {.tables = BUFFER_INIT(SERVER_TEXT_LIMIT)}, each, context};
	bool done = server_configure(server, options, error);

	if (done) {
		server->link = server->by_mode[SERVER_WRITE];
		done = server_reach(server, server->link, error) && look(server, &making.found, error) &&
		       make_all(&making, error);
	}
	buffer_free(&making.found.tables);
	server_close(&server->store);
	return done;
}
