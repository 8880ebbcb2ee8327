/* Transactions that do not care whether connections come and go. */
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/server/server.h"

/* LOST_PAUSE: nanoseconds until the servers are asked again. */
enum { ATTEMPTS = 8, LONGEST_PAUSE = 6, LOST_PAUSE = 250000000 };
/* Nothing here waits longer the longer a server is away: mail is judged and learned again at once when it is back. */
_Static_assert(LOST_PAUSE <= 1000000000, "a server that has come back is used within two seconds");

/* Nothing more can be had from this server at the moment. */
static bool
needs_another(enum engine_outcome outcome)
{
	return outcome == ENGINE_LOST || outcome == ENGINE_REFUSED;
}

/* ---- sending ------------------------------------------------------------------ */

bool
server_send(struct server *server, engine_each *each, void *context, uint64_t *affected, struct error *error)
{
	uint64_t ignored = 0;

	server->met = 0;
	if (server->text.failed || server->literal.failed) {
		server->outcome = ENGINE_FAILED;
		return error_set(error, ERROR_DATA, "%s: one change of more than %zu bytes", server->engine->name,
				 server->text.limit);
	}
	server->outcome = ENGINE_DONE;
	if (server->text.size == 0) /* not for every server a query */
		return true;
	server->outcome = server->engine->run(server->link->connection, buffer_span(&server->text), each, context,
					      affected != NULL ? affected : &ignored, error);
	buffer_clear(&server->text);
	if (needs_another(server->outcome))
		server_leave(server, server->link);
	return server->outcome == ENGINE_DONE;
}

/* Twice as long each time, and by chance, so that those who met do not meet again. */
static void
pause_before(unsigned attempt)
{
	uint32_t chance;

	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
		chance = (uint32_t)getpid();
	unsigned power = attempt < LONGEST_PAUSE ? attempt : LONGEST_PAUSE;
	nanosleep(&(struct timespec){.tv_nsec = (1 + (long)(chance % 4)) * (1000000L << power) / 2}, NULL);
}

/* As long as for a server that is slow; milliseconds. */
static int64_t
timeout_of(const struct server *server)
{
	return (int64_t)server->link->targets[0].timeout * 1000;
}

/* Neither another time nor another server makes it better. */
static bool
is_final(enum engine_outcome outcome)
{
	return outcome == ENGINE_FAILED || outcome == ENGINE_UNFILLED;
}

static bool
worth_another_try(const struct server *server, unsigned attempt, int64_t began)
{
	if (attempt + 1 >= ATTEMPTS || is_final(server->outcome))
		return false;
	/* Who has no connection when all servers had their turn gets none by itself within our time. */
	if (needs_another(server->outcome))
		return attempt < server->link->target_count;
	/* A conflict may be a lock that was waited for. */
	if (clock_milliseconds() - began >= timeout_of(server))
		return false;
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

/* Whether an attempt whose end we did not hear of was done all the same; false in *known: that cannot be told. */
static bool
was_done(struct server *server, const struct server_transaction *transaction, bool *known, struct error *error)
{
	bool done = false;

	*known = transaction->is_done(server, transaction->context, &done, error);
	return *known && done;
}

/* What happened to the attempts of one transaction. */
struct attempts {
	unsigned count;    /* that have failed */
	int64_t began;     /* milliseconds */
	int64_t lost;      /* since when there is no server that does it; 0: there was one each time */
	int64_t conflicts; /* since when others are at the same rows; 0: they are not */
	bool in_doubt;     /* whether one of them was done, without our hearing of it */
	bool behind; /* one did not find what it expected: perhaps at a member of a cluster that is a moment behind */
};

static bool
at_member(const struct server *server)
{
	return server->link->connection != NULL && server->engine->is_member(server->link->connection);
}

static void
begin(struct server *server, enum server_mode mode, bool certain)
{
	const struct engine *engine = server->engine;

	buffer_clear(&server->text);
	if (certain)
		buffer_append_string(&server->text, engine->begin_certain);
	buffer_append_string(&server->text, mode == SERVER_READ ? engine->begin_read : engine->begin_write);
	if (mode == SERVER_WRITE)
		engine->limit_waiting(server->link->connection, &server->text);
	if (certain)
		buffer_printf(&server->text, "%s" ENGINE_END, engine->end_certain);
}

static bool
attempt_once(struct server *server, const struct server_transaction *transaction, struct attempts *attempts,
	     struct error *error)
{
	bool known = true;

	server->outcome = ENGINE_FAILED;
	if (!server_connect(server, transaction->mode, error)) {
		server->outcome = error->temporary ? ENGINE_REFUSED : ENGINE_FAILED;
		return false;
	}
	server->outcome = ENGINE_DONE;
	begin(server, transaction->mode, (attempts->in_doubt || attempts->behind) && at_member(server));
	if (attempts->in_doubt && was_done(server, transaction, &known, error)) {
		roll_back(server);
		return true;
	}
	if (!known || !transaction->work(server, transaction->context, error)) {
		roll_back(server);
		return false;
	}
	buffer_append_string(&server->text, "COMMIT");
	if (server_send(server, transaction->each, transaction->context, NULL, error))
		return true;
	if (server->outcome == ENGINE_LOST)
		attempts->in_doubt = transaction->mode == SERVER_WRITE;
	roll_back(server);
	return false;
}

/*
 * What is to be written has been judged, and perhaps delivered: nobody will come again with it. So we wait while
 * another server takes over, or while others are at the same rows, as long as for a server that is slow.
 */
static bool
write_again(const struct server *server, struct attempts *attempts)
{
	bool lost = needs_another(server->outcome);
	int64_t now = clock_milliseconds(), *since = lost ? &attempts->lost : &attempts->conflicts;

	if (server->outcome == ENGINE_DONE) {
		bool again = !attempts->behind && at_member(server);
		attempts->behind = true;
		return again;
	}
	if (*since == 0)
		*since = now;
	if (is_final(server->outcome) || now - *since >= timeout_of(server))
		return false;
	/* What was waited for a server that hung is no time in which others were at the rows. */
	if (lost) {
		attempts->conflicts = 0;
		nanosleep(&(struct timespec){.tv_nsec = LOST_PAUSE}, NULL);
	} else {
		pause_before(attempts->count);
	}
	attempts->count++;
	return true;
}

bool
server_not_done(struct server *server, void *context, bool *done, struct error *error)
{
	(void)server;
	(void)context;
	(void)error;
	*done = false;
	return true;
}

bool
server_transaction(struct server *server, const struct server_transaction *transaction, struct error *error)
{
	struct attempts attempts = {.began = clock_milliseconds()};

	while (!attempt_once(server, transaction, &attempts, error)) {
		bool can_ask = !attempts.in_doubt || transaction->is_done != NULL;
		if (can_ask &&
		    (transaction->mode == SERVER_WRITE ? write_again(server, &attempts)
						       : worth_another_try(server, attempts.count++, attempts.began)))
			continue;
		return attempts.in_doubt ? error_prefix(error, "whether the change was made is not known") : false;
	}
	return true;
}

bool
server_query(struct server *server, enum server_mode mode, server_work *work, engine_each *each, void *context,
	     struct error *error)
{
	int64_t began = clock_milliseconds();

	for (unsigned attempt = 0;; attempt++) {
		server->outcome = ENGINE_FAILED;
		if (!server_connect(server, mode, error))
			return false;
		buffer_clear(&server->text);
		if (work(server, context, error) && server_send(server, each, context, NULL, error))
			return true;
		if (!worth_another_try(server, attempt, began))
			return false;
	}
}

static bool
ask_certainly(struct server *server, server_work *work, engine_each *each, void *context, struct error *error)
{
	const struct engine *engine = server->engine;
	bool member = at_member(server);

	buffer_clear(&server->text);
	if (member)
		buffer_append_string(&server->text, engine->begin_certain);
	bool done = work(server, context, error) && server_send(server, each, context, NULL, error);
	if (done && member) {
		buffer_append_string(&server->text, engine->end_certain);
		done = server_send(server, NULL, NULL, NULL, error);
	}
	return done;
}

bool
server_query_again(struct server *server, server_work *work, engine_each *each, void *context, struct error *error)
{
	bool two = server->by_mode[SERVER_READ] != server->by_mode[SERVER_WRITE];
	int64_t began = clock_milliseconds();

	for (unsigned attempt = 0;; attempt++) {
		server->outcome = ENGINE_FAILED;
		if (!server_connect(server, SERVER_WRITE, error))
			return false;
		if ((!at_member(server) && !two) || ask_certainly(server, work, each, context, error))
			return true;
		if (!worth_another_try(server, attempt, began))
			return false;
	}
}
