#include "daemon/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "net/listen.h"

#define REST 1      /* seconds without accepting, when there are no descriptors */
#define AT_ONCE 100 /* connections accepted before the others get their turn */

struct listener {
	struct net_listeners sockets;
	struct event *events[NET_LISTEN_MOST];
	struct event *rested;
	listener_accepted *accepted;
	void *context;
	char *path; /* of the UNIX socket, or NULL */
	struct stat identity;
	char text[300];
};

/* ---- opening ------------------------------------------------------------------------ */

static bool
listen_unix(struct listener *listener, const struct config *config, const char *path, struct error *error)
{
	if (!net_listen_unix(&listener->sockets, path, (mode_t)config_number(config, "ServerSocketMode"),
			     (int)config_number(config, "ServerQueueSize"), error))
		return error_prefix(error, "ServerDomainSocketPath");
	listener->path = strdup(path);
	if (listener->path == NULL)
		abort();
	if (stat(path, &listener->identity) < 0)
		memset(&listener->identity, 0, sizeof listener->identity);
	return true;
}

static bool
listen_tcp(struct listener *listener, const struct config *config, struct error *error)
{
	const char *host = config_get(config, "ServerHost");
	unsigned port = (unsigned)config_number(config, "ServerPort");

	return net_listen_tcp(&listener->sockets, host, port, (int)config_number(config, "ServerQueueSize"), error) ||
	       error_prefix(error, "ServerHost, ServerPort");
}

static void
describe(struct listener *listener, const struct config *config, bool tcp)
{
	const char *host = config_get(config, "ServerHost");
	const char *path = listener->path;
	size_t used = 0;

	if (tcp)
		used = (size_t)snprintf(listener->text, sizeof listener->text, "%.100s port %llu%s",
					host != NULL ? host : "all addresses", config_number(config, "ServerPort"),
					path != NULL ? " and " : "");
	if (path != NULL)
		snprintf(listener->text + used, sizeof listener->text - used, "%s", path);
}

static void
take_inherited(struct listener *listener, const struct net_inherited *inherited)
{
	size_t used = (size_t)snprintf(listener->text, sizeof listener->text, "sockets that it was given:");

	listener->sockets = inherited->sockets;
	for (size_t i = 0; i < inherited->sockets.count && used < sizeof listener->text; i++)
		used += (size_t)snprintf(listener->text + used, sizeof listener->text - used, " %s",
					 inherited->names[i]);
}

bool
listener_new(const struct config *config, const struct net_inherited *inherited, struct listener **opened,
	     struct error *error)
{
	struct listener *listener = calloc(1, sizeof *listener);
	const char *path = config_get(config, "ServerDomainSocketPath");
	bool tcp = path == NULL || config_is_set(config, "ServerPort") || config_is_set(config, "ServerHost");

	if (listener == NULL)
		abort();
	if (inherited->sockets.count > 0) {
		take_inherited(listener, inherited);
		*opened = listener;
		return true;
	}
	if ((tcp && !listen_tcp(listener, config, error)) ||
	    (path != NULL && !listen_unix(listener, config, path, error))) {
		listener_free(listener);
		return false;
	}
	describe(listener, config, tcp);
	*opened = listener;
	return true;
}

const char *
listener_text(const struct listener *listener)
{
	return listener->text;
}

/* ---- accepting ------------------------------------------------------------------------- */

static void
on_rested(evutil_socket_t socket, short what, void *context)
{
	struct listener *listener = context;

	(void)socket;
	(void)what;
	for (size_t i = 0; i < listener->sockets.count; i++)
		event_add(listener->events[i], NULL);
}

static void
rest(struct listener *listener)
{
	const struct timeval time = {.tv_sec = REST};

	log_error("cannot accept a connection: %m; trying again in a second");
	for (size_t i = 0; i < listener->sockets.count; i++)
		event_del(listener->events[i]);
	event_add(listener->rested, &time);
}

/* Whether accept4 failed for want of something that comes back. */
static bool
is_want(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

static void
on_connection(evutil_socket_t socket, short what, void *context)
{
	struct listener *listener = context;

	(void)what;
	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			listener->accepted(listener->context, fd);
			continue;
		}
		if (is_want(errno))
			rest(listener);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

void
listener_start(struct listener *listener, struct event_base *base, listener_accepted *accepted, void *context)
{
	listener->accepted = accepted;
	listener->context = context;
	listener->rested = evtimer_new(base, on_rested, listener);
	for (size_t i = 0; i < listener->sockets.count; i++) {
		listener->events[i] =
			event_new(base, listener->sockets.sockets[i], EV_READ | EV_PERSIST, on_connection, listener);
		if (listener->rested == NULL || listener->events[i] == NULL)
			abort();
		event_add(listener->events[i], NULL);
	}
}

/* ---- closing ------------------------------------------------------------------------------ */

/* The path is ours only while it names the socket that we made. */
static void
remove_path(const struct listener *listener)
{
	struct stat status;

	if (lstat(listener->path, &status) == 0 && status.st_dev == listener->identity.st_dev &&
	    status.st_ino == listener->identity.st_ino)
		unlink(listener->path);
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	for (size_t i = 0; i < listener->sockets.count && listener->accepted != NULL; i++) {
		on_connection(listener->sockets.sockets[i], EV_READ, listener);
		event_free(listener->events[i]);
	}
	if (listener->rested != NULL)
		event_free(listener->rested);
	if (listener->path != NULL)
		remove_path(listener);
	net_listen_close(&listener->sockets);
	free(listener->path);
	free(listener);
}
