/* Connections that come and go, and transactions that do not care. */
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "store/server/server.h"

enum { ATTEMPTS = 8 };

/* ---- connections ------------------------------------------------------------ */

void
server_disconnect(struct server_link *link, const struct engine *engine)
{
	if (link->connection != NULL)
		engine->close(link->connection);
	link->connection = NULL;
}

/* A server that was stopped meanwhile has said so. Between two texts it has nothing else to say. */
static bool
is_alive(const struct server *server, const struct server_link *link)
{
	struct pollfd poller = {.fd = server->engine->descriptor(link->connection), .events = POLLIN};

	return poll(&poller, 1, 0) == 0;
}

/* The servers in turn, beginning with the one that was good last. */
static bool
find_server(struct server *server, struct server_link *link, struct error *error)
{
	enum engine_outcome outcome = ENGINE_LOST;

	for (size_t tried = 0; tried < link->target_count && outcome == ENGINE_LOST; tried++) {
		link->connection = server->engine->connect(&link->targets[link->target], &outcome, error);
		if (link->connection != NULL)
			return true;
		link->target = (link->target + 1) % link->target_count;
	}
	return false;
}

bool
server_connect(struct server *server, enum server_mode mode, struct error *error)
{
	struct server_link *link = server->by_mode[mode];

	server->link = link;
	if (link->connection != NULL && !is_alive(server, link))
		server_disconnect(link, server->engine);
	if (link->connection != NULL)
		return true;
	if (!find_server(server, link, error))
		return false;
	if (server_inspect(server, error))
		return true;
	server_disconnect(link, server->engine);
	return false;
}

/* ---- sending ------------------------------------------------------------------ */

bool
server_send(struct server *server, engine_each *each, void *context, uint64_t *affected, struct error *error)
{
	uint64_t ignored = 0;

	if (server->text.failed || server->literal.failed) {
		server->outcome = ENGINE_FAILED;
		return error_set(error, ERROR_DATA, "%s: one change of more than %zu bytes", server->engine->name,
				 server->text.limit);
	}
	server->outcome = server->engine->run(server->link->connection, buffer_span(&server->text), each, context,
					      affected != NULL ? affected : &ignored, error);
	buffer_clear(&server->text);
	if (server->outcome == ENGINE_LOST)
		server_disconnect(server->link, server->engine);
	return server->outcome == ENGINE_DONE;
}

/* Twice as long each time, and by chance, so that those who met do not meet again. */
static void
pause_before(unsigned attempt)
{
	uint32_t chance;

	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
		chance = (uint32_t)getpid();
	nanosleep(&(struct timespec){.tv_nsec = (1 + (long)(chance % 4)) * (1000000L << attempt) / 2}, NULL);
}

static bool
worth_another_try(const struct server *server, unsigned attempt)
{
	if (attempt + 1 >= ATTEMPTS || (server->outcome != ENGINE_CONFLICT && server->outcome != ENGINE_LOST))
		return false;
	/* A connection that is lost twice in a row will not come back by itself within our time. */
	if (server->outcome == ENGINE_LOST)
		return attempt == 0;
	pause_before(attempt);
	return true;
}

/* ---- transactions --------------------------------------------------------------- */

static void
roll_back(struct server *server)
{
	struct error ignored;
	enum engine_outcome outcome = server->outcome;

	buffer_clear(&server->text);
	if (server->link->connection != NULL) {
		buffer_append_string(&server->text, "ROLLBACK");
		server_send(server, NULL, NULL, NULL, &ignored);
	}
	server->outcome = outcome;
}

/* The connection was lost between our COMMIT and the answer to it. */
static bool
find_out(struct server *server, const struct server_transaction *transaction, struct error *error)
{
	bool done = false;

	if (transaction->is_done == NULL) {
		server->outcome = ENGINE_FAILED;
		return error_prefix(error, "whether the change was made is not known");
	}
	if (!transaction->is_done(server, transaction->context, &done, error)) {
		server->outcome = ENGINE_FAILED;
		return false;
	}
	server->outcome = ENGINE_LOST;
	return done;
}

static bool
attempt_once(struct server *server, const struct server_transaction *transaction, struct error *error)
{
	const struct engine *engine = server->engine;

	server->outcome = ENGINE_FAILED;
	if (!server_connect(server, transaction->mode, error))
		return false;
	server->outcome = ENGINE_DONE;
	buffer_clear(&server->text);
	buffer_append_string(&server->text,
			     transaction->mode == SERVER_READ ? engine->begin_read : engine->begin_write);
	if (!transaction->work(server, transaction->context, error)) {
		roll_back(server);
		return false;
	}
	buffer_append_string(&server->text, "COMMIT");
	if (server_send(server, transaction->each, transaction->context, NULL, error))
		return true;
	if (server->outcome == ENGINE_LOST)
		return transaction->mode == SERVER_WRITE && find_out(server, transaction, error);
	roll_back(server);
	return false;
}

bool
server_transaction(struct server *server, const struct server_transaction *transaction, struct error *error)
{
	for (unsigned attempt = 0; !attempt_once(server, transaction, error); attempt++)
		if (!worth_another_try(server, attempt))
			return false;
	return true;
}

bool
server_query(struct server *server, enum server_mode mode, server_work *work, engine_each *each, void *context,
	     struct error *error)
{
	for (unsigned attempt = 0;; attempt++) {
		server->outcome = ENGINE_FAILED;
		if (!server_connect(server, mode, error))
			return false;
		buffer_clear(&server->text);
		if (work(server, context, error) && server_send(server, each, context, NULL, error))
			return true;
		if (!worth_another_try(server, attempt))
			return false;
	}
}
