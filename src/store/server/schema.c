/* What the tables of a database look like: the original's of several versions, or ours. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/server/server.h"

/* The schema of this program; a database says the oldest program that it can work with. */
enum { SCHEMA_VERSION = 1, MAKING_ATTEMPTS = 3, COLUMN_ATTEMPTS = 100, MAKING_TIMEOUT = 3600 };

#define USERS "dspam_virtual_uids" /* as the schema names them */

struct inspection {
	bool has_tokens, tokens_unsigned, tokens_text, has_generations, generations_closed, has_users, has_schema,
		has_weights;
	int64_t oldest;
	/* Names, each with a blank before and behind it: what there is of ours, half-made indexes, and tables without
	 * transactions. */
	struct buffer tables, broken, plain;
};

static struct inspection
inspection_new(void)
{
	const struct buffer empty = BUFFER_INIT(SERVER_TEXT_LIMIT);

	return (struct inspection){.tables = empty, .broken = empty, .plain = empty};
}

static void
inspection_free(struct inspection *found)
{
	buffer_free(&found->tables);
	buffer_free(&found->broken);
	buffer_free(&found->plain);
}

static bool
has_name(const struct buffer *names, const char *name)
{
	char word[70];

	snprintf(word, sizeof word, " %s ", name);
	return span_find(buffer_span(names), span_from(word)) != SPAN_NONE;
}

static void
see_table(void *context, const struct engine_row *row)
{
	struct inspection *found = context;
	struct span word = row->values[0], more = row->values[1];

	if (span_equal(word, SPAN("tokens"))) {
		found->has_tokens = true;
		found->tokens_unsigned = span_equal(more, SPAN("unsigned"));
		found->tokens_text = span_equal(more, SPAN("text"));
	} else if (more.data != NULL) {
		struct buffer *names = span_equal(word, SPAN("table"))    ? &found->tables
				       : span_equal(word, SPAN("broken")) ? &found->broken
									  : &found->plain;
		buffer_printf(names, "%s%.*s ", names->size == 0 ? " " : "", (int)more.size, more.data);
	}
	found->has_generations |= span_equal(word, SPAN("generations"));
	found->generations_closed |= span_equal(word, SPAN("closed"));
	found->has_schema |= span_equal(word, SPAN("schema"));
	found->has_users |= span_equal(word, SPAN("users"));
	found->has_weights |= span_equal(word, SPAN("weights"));
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

static const char *
user_of(const struct server *server)
{
	const char *user = target_of(server)->user;

	return user != NULL ? user : "(default)";
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
				 name, database,
				 strcmp(name, "MySQL") == 0 ? "decimal(20), and then to bigint unsigned"
							    : "numeric(20)");
	if (server->table_named && !found->has_users)
		return error_set(error, ERROR_CONFIG,
				 "%s: database %s has no table %s that user %s may read; correct %sVirtualTable, or"
				 " leave it out",
				 name, database, server->dialect.users, user_of(server), server->engine->directive);
	return !found->has_schema || check_version(server, found, error);
}

/* The worst of what could be better about this database: one line, with the way out. */
static void
advise(struct server *server, const struct inspection *found)
{
	const char *name = server->engine->name, *database = target_of(server)->database;
	char *text = server->warning;

	text[0] = '\0';
	if (found->plain.size > 0)
		snprintf(text, sizeof server->warning,
			 "%s: database %s: the engine of%.*shas no transactions: a lesson may be kept in part"
			 " when the server ends%s; ALTER TABLE ... ENGINE=InnoDB mends that",
			 name, database, (int)found->plain.size, found->plain.data,
			 has_name(&found->plain, "dspam_token_data") ? ", and rows are not cached" : "");
	else if (found->generations_closed)
		snprintf(text, sizeof server->warning,
			 "%s: database %s: user %s may not use the table dspam_generation, so that rows are not cached;"
			 " GRANT SELECT, INSERT, UPDATE, DELETE ON dspam_generation TO that user",
			 name, database, user_of(server));
	else if (!found->has_generations && server->wanted_cache != NULL)
		snprintf(text, sizeof server->warning,
			 "%s: database %s has no table dspam_generation, so that rows are not cached;"
			 " \"dspam_admin migrate\" makes it, and the original can go on",
			 name, database);
	server->store.warning = text[0] != '\0' ? text : NULL;
}

/* Where nothing can be taken back, lessons and generations are not changed together: then nothing is cached. */
static void
use_tables(struct server *server, const struct inspection *found)
{
	server->tokens_unsigned = found->tokens_unsigned;
	server->store.has_weights = found->has_weights;
	server_spell_weights(server, found->has_weights);
	server->has_generations = found->has_generations && !has_name(&found->plain, "dspam_token_data");
	server->has_preferences = has_name(&found->tables, "dspam_preferences");
	server->system_users = !found->has_users;
	server->store.users_elsewhere = server->system_users  ? "the accounts of the system"
					: server->table_named ? server->dialect.users
							      : NULL;
	server->cache = server->has_generations ? server->wanted_cache : NULL;
	advise(server, found);
}

bool
server_inspect(struct server *server, struct error *error)
{
	const struct engine_target *target = target_of(server);
	struct inspection found = inspection_new();
	bool good = look(server, &found, error);

	if (good)
		use_tables(server, &found);
	inspection_free(&found);
	if (!good)
		return false;
	if (!found.has_tokens)
		return error_set(
			error, ERROR_FILE,
			"%s %s: database %s has no table dspam_token_data that user %s may read; make the tables"
			" with \"dspam_admin create-store\", or name another database with %sDb",
			server->engine->name, host_of(target), target->database, user_of(server),
			server->engine->directive);
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

	if (strcmp(name, USERS) == 0 && (found->has_users || found->has_tokens))
		return false;
	return name[0] == '\0' || !has_name(&found->tables, name) || has_name(&found->broken, name);
}

/* Who makes the same at the same time comes first, or we do: then it is there, and nothing is left to be made. */
static bool
send_statement(struct server *server, struct span statement, struct error *error)
{
	bool done = false;

	for (unsigned attempt = 0; attempt < MAKING_ATTEMPTS && !done; attempt++) {
		buffer_clear(&server->text);
		buffer_append_span(&server->text, statement);
		done = server_send(server, NULL, NULL, NULL, error);
		if (!done && server->outcome != ENGINE_CONFLICT)
			return false;
	}
	return done;
}

/* What was left when an index could not be made to its end looks like one, and is of no use. */
static bool
drop_broken(const struct making *making, const char *name, struct error *error)
{
	char text[100];

	if (!has_name(&making->found.broken, name))
		return true;
	snprintf(text, sizeof text, "DROP INDEX CONCURRENTLY IF EXISTS %s", name);
	return send_statement(making->server, span_from(text), error);
}

/* While somebody holds the table for longer, let others at it in between. */
static bool
add_columns(struct server *server, struct span statement, struct error *error)
{
	for (unsigned attempt = 0; attempt < COLUMN_ATTEMPTS; attempt++) {
		if (attempt > 0)
			sleep(1);
		if (send_statement(server, statement, error))
			return true;
		if (server->outcome != ENGINE_CONFLICT)
			return false;
	}
	return false;
}

/* The connection may have been lost, and the columns added all the same, by us or by somebody else. */
static bool
has_weights_now(struct making *making)
{
	struct server *server = making->server;
	struct error ignored;

	return (server->link->connection != NULL || server_reach(server, server->link, &ignored)) &&
	       look(server, &making->found, &ignored) && making->found.has_weights;
}

/* Not every server knows ADD COLUMN IF NOT EXISTS; somebody else may have been faster. */
static bool
make_weights(struct making *making, struct span statement, struct error *error)
{
	if (making->found.has_weights)
		return true;
	if (add_columns(making->server, statement, error)) {
		if (making->each != NULL)
			making->each(making->context, "dspam_token_data (weight, gradient)");
		return true;
	}
	return has_weights_now(making) || error_prefix(error, "adding columns to dspam_token_data");
}

static bool
make_one(struct making *making, struct span statement, struct error *error)
{
	char name[64];

	if (span_find(statement, SPAN("ADD COLUMN")) != SPAN_NONE)
		return make_weights(making, statement, error);
	name_made(statement, name);
	if (!is_wanted(making, name))
		return true;
	if (!drop_broken(making, name, error) || !send_statement(making->server, statement, error))
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

/* An index of a large table takes longer than an answer may. */
static void
take_time(struct server_link *link)
{
	for (size_t i = 0; i < link->target_count; i++)
		link->targets[i].timeout = MAKING_TIMEOUT;
}

bool
server_create(const struct engine *engine, const struct store_options *options, store_made_callback *each,
	      void *context, struct error *error)
{
	struct server *server = server_new(engine);
	struct making making = {server, inspection_new(), each, context};
	bool done = server_configure(server, options, error);

	if (done) {
		server->link = server->by_mode[SERVER_WRITE];
		take_time(server->link);
		done = server_reach(server, server->link, error) && look(server, &making.found, error) &&
		       make_all(&making, error);
	}
	inspection_free(&making.found);
	server_close(&server->store);
	return done;
}
