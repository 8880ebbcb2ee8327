/* Ways to a database: the servers that may be asked, and the one that is. */
#include <poll.h>

#include "base/clock.h"
#include "store/server/server.h"

/* How often a server of a cluster that was named before the one in use is tried, and how long that may take. */
enum { RETURN_SECONDS = 30, RETURN_TIMEOUT = 2, CONNECT_TIMEOUT = 2 };

void
server_disconnect(struct server_link *link, const struct engine *engine)
{
	if (link->connection != NULL)
		engine->close(link->connection);
	link->connection = NULL;
}

void
server_leave(struct server_link *link, const struct engine *engine)
{
	server_disconnect(link, engine);
	link->target = (link->target + 1) % link->target_count;
}

/* A server that was stopped meanwhile has said so. Between two texts it has nothing else to say. */
static bool
is_alive(const struct server *server, const struct server_link *link)
{
	struct pollfd poller = {.fd = server->engine->descriptor(link->connection), .events = POLLIN};

	return poll(&poller, 1, 0) == 0;
}

/* Where there are several servers, a silent one takes its part of the time and no more. */
static unsigned
connect_timeout(const struct server_link *link)
{
	unsigned share = link->targets[0].connect_timeout / (unsigned)link->target_count;

	return share > CONNECT_TIMEOUT || link->target_count == 1 ? share : CONNECT_TIMEOUT;
}

static struct engine_connection *
connect_to(const struct server *server, struct server_link *link, size_t number, unsigned timeout,
	   enum engine_outcome *outcome, struct error *error)
{
	struct engine_target target = link->targets[number];

	target.connect_timeout = timeout;
	return server->engine->connect(&target, outcome, error);
}

/* The servers in turn, beginning with the one that was good last. */
bool
server_reach(struct server *server, struct server_link *link, struct error *error)
{
	enum engine_outcome outcome = ENGINE_LOST;

	for (size_t tried = 0; tried < link->target_count && outcome == ENGINE_LOST; tried++) {
		link->connection = connect_to(server, link, link->target, connect_timeout(link), &outcome, error);
		link->looked = clock_milliseconds() / 1000;
		if (link->connection != NULL)
			return true;
		link->target = (link->target + 1) % link->target_count;
	}
	return false;
}

/*
 * Back to a server that is named earlier, once it has come back: only from one member of a cluster to another. Of two
 * servers that do not know of each other the earlier one may be a primary that died, and does not know that another
 * one was promoted in its place.
 */
static void
go_back(struct server *server, struct server_link *link)
{
	enum engine_outcome outcome;
	struct error ignored;

	if (link->target == 0 || clock_milliseconds() / 1000 - link->looked < RETURN_SECONDS ||
	    !server->engine->is_member(link->connection))
		return;
	for (size_t i = 0; i < link->target; i++) {
		struct engine_connection *better = connect_to(server, link, i, RETURN_TIMEOUT, &outcome, &ignored);
		if (better != NULL && server->engine->is_member(better)) {
			server_disconnect(link, server->engine);
			link->connection = better;
			link->target = i;
			break;
		}
		if (better != NULL)
			server->engine->close(better);
	}
	link->looked = clock_milliseconds() / 1000;
}

bool
server_connect(struct server *server, enum server_mode mode, struct error *error)
{
	struct server_link *link = server->by_mode[mode];

	server->link = link;
	if (link->connection != NULL && !is_alive(server, link))
		server_disconnect(link, server->engine);
	if (link->connection != NULL)
		go_back(server, link);
	if (link->connection != NULL)
		return true;
	if (!server_reach(server, link, error))
		return false;
	if (server_inspect(server, error))
		return true;
	server_disconnect(link, server->engine);
	return false;
}
