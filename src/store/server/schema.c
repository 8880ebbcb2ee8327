/* What the tables of a database look like: the original's of several versions, or ours. */
#include <stdlib.h>

#include "store/server/server.h"

/* The schema of this program; a database says the oldest program that it can work with. */
enum { SCHEMA_VERSION = 1 };

struct inspection {
	bool has_tokens, tokens_unsigned, has_generations, has_users, has_schema;
	int64_t oldest;
};

static void
see_table(void *context, const struct engine_row *row)
{
	struct inspection *found = context;
	struct span word = row->values[0];

	if (span_equal(word, SPAN("tokens"))) {
		found->has_tokens = true;
		found->tokens_unsigned = row->values[1].data != NULL;
	}
	found->has_generations |= span_equal(word, SPAN("generations"));
	found->has_schema |= span_equal(word, SPAN("schema"));
	found->has_users |= span_equal(word, SPAN("users"));
}

static void
see_oldest(void *context, const struct engine_row *row)
{
	struct inspection *found = context;

	found->oldest = server_integer(row->values[0]);
}

static const char *
host_of(const struct engine_target *target)
{
	return target->host != NULL ? target->host : "(local)";
}

static bool
check_version(struct server *server, struct inspection *found, struct error *error)
{
	const struct engine_target *target = &server->link->targets[server->link->target];

	buffer_clear(&server->text);
	server_statement(server, STATEMENT_SCHEMA, NULL, 0);
	if (!server_send(server, see_oldest, found, NULL, error))
		return false;
	if (found->oldest > SCHEMA_VERSION)
		return error_set(error, ERROR_FILE,
				 "%s %s: database %s was made for version %lld of the schema, this program knows %d;"
				 " install the newer dspam",
				 server->engine->name, host_of(target), target->database, (long long)found->oldest,
				 SCHEMA_VERSION);
	return true;
}

bool
server_inspect(struct server *server, struct error *error)
{
	const struct engine_target *target = &server->link->targets[server->link->target];
	struct inspection found = {.has_tokens = false};

	buffer_clear(&server->text);
	server->engine->ask_tables(server->link->connection, server->dialect.users, &server->text);
	if (!server_send(server, see_table, &found, NULL, error))
		return false;
	if (!found.has_tokens)
		return error_set(
			error, ERROR_FILE,
			"%s %s: database %s has no table dspam_token_data that user %s may read; make the tables"
			" with \"dspam_admin create-store\", or name another database with %sDb",
			server->engine->name, host_of(target), target->database,
			target->user != NULL ? target->user : "(default)", server->engine->directive);
	server->tokens_unsigned = found.tokens_unsigned;
	server->has_generations = found.has_generations;
	server->system_users = !found.has_users;
	server->cache = found.has_generations ? server->wanted_cache : NULL;
	return !found.has_schema || check_version(server, &found, error);
}

bool
server_create(const struct engine *engine, const struct store_options *options, struct error *error)
{
	struct server *server = server_new(engine);
	bool done = server_configure(server, options, error);

	if (done) {
		struct server_link *link = server->link = server->by_mode[SERVER_WRITE];
		enum engine_outcome outcome;
		link->connection = engine->connect(&link->targets[0], &outcome, error);
		done = link->connection != NULL;
	}
	if (done) {
		buffer_append_string(&server->text, engine->schema);
		done = server_send(server, NULL, NULL, NULL, error);
	}
	server_close(&server->store);
	return done;
}
