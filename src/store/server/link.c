/* Ways to a database: the servers that may be asked, and the one that is. */
#include <poll.h>

#include "base/clock.h"
#include "base/crc64.h"
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

/* Who reads and who writes may want different things of one server, and it may do only one of them. */
static uint64_t
name_of(const struct engine_target *target)
{
	const char *host = target->host != NULL ? target->host : "";
	uint64_t name = crc64(target->port * 2 + target->writable, span_from(host));

	return name != 0 ? name : 1;
}

/* Where there is one server only, nobody is told of another, and connections that work are kept. */
static bool
is_out(const struct server *server, const struct server_link *link)
{
	return link->target_count > 1 && outages_has(server->outages, name_of(&link->targets[link->target]));
}

void
server_leave(struct server *server, struct server_link *link)
{
	server_disconnect(link, server->engine);
	outages_begin(server->outages, name_of(&link->targets[link->target]), clock_milliseconds());
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
	struct engine_connection *connection = server->engine->connect(&target, outcome, error);
	if (connection != NULL)
		outages_end(server->outages, name_of(&target));
	else
		outages_begin(server->outages, name_of(&target), clock_milliseconds());
	return connection;
}

/* Numbers of the servers in the order in which to try them: that which was good last, those behind it, those that are
 * out. */
static void
put_in_order(const struct server *server, const struct server_link *link, size_t order[static SERVER_HOSTS])
{
	size_t out[SERVER_HOSTS], out_count = 0, count = 0;
	int64_t now = clock_milliseconds();

	for (size_t i = 0; i < link->target_count; i++) {
		size_t number = (link->target + i) % link->target_count;
		if (outages_avoid(server->outages, name_of(&link->targets[number]), now))
			out[out_count++] = number;
		else
			order[count++] = number;
	}
	for (size_t i = 0; i < out_count; i++)
		order[count++] = out[i];
}

/*
 * Members of a cluster are one database. Other servers that are named together may be a primary and what was promoted
 * in its place, which need not have the last lessons, and gives their generations to others.
 */
static void
distrust_cache(const struct server *server, const struct server_link *link)
{
	bool another = false;

	for (size_t i = 0; i < link->target_count; i++)
		another |= i != link->target && outages_has(server->outages, name_of(&link->targets[i]));
	if (another && !server->engine->is_member(link->connection))
		row_cache_forget(server->wanted_cache);
}

bool
server_reach(struct server *server, struct server_link *link, struct error *error)
{
	enum engine_outcome outcome = ENGINE_LOST;
	size_t order[SERVER_HOSTS];

	put_in_order(server, link, order);
	for (size_t tried = 0; tried < link->target_count && outcome == ENGINE_LOST; tried++) {
		link->target = order[tried];
		link->connection = connect_to(server, link, link->target, connect_timeout(link), &outcome, error);
		link->looked = clock_milliseconds() / 1000;
		if (link->connection != NULL) {
			distrust_cache(server, link);
			return true;
		}
	}
	link->target = order[0];
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
		if (outages_avoid(server->outages, name_of(&link->targets[i]), clock_milliseconds()))
			continue;
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
	if (link->connection != NULL && (!is_alive(server, link) || is_out(server, link)))
		server_disconnect(link, server->engine);
	if (link->connection != NULL)
		go_back(server, link);
	if (link->connection != NULL)
		return true;
	for (size_t tried = 0; tried < link->target_count && server_reach(server, link, error); tried++) {
		if (server_inspect(server, error))
			return true;
		if (link->connection != NULL)
			break;
		/* Lost while we looked at it: there are the others. */
	}
	server_disconnect(link, server->engine);
	return false;
}
