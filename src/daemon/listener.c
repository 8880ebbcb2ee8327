#include "daemon/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "net/listen.h"

#define REST 1      /* seconds without accepting, when there are no descriptors */
#define AT_ONCE 100 /* connections accepted before the others get their turn */

struct listener {
	struct net_listeners sockets;
	enum listener_kind kinds[NET_LISTEN_MOST];
	struct event *events[NET_LISTEN_MOST];
	struct event *rested;
	listener_accepted *accepted;
	void *context;
	char *path; /* of the UNIX socket, or NULL */
	struct stat identity;
	char text[300];
};

/* ---- opening ------------------------------------------------------------------------ */

/* Those added since there were `before` of them are of this kind. */
static void
mark(struct listener *listener, size_t before, enum listener_kind kind)
{
	for (size_t i = before; i < listener->sockets.count; i++)
		listener->kinds[i] = kind;
}

static bool
listen_unix(struct listener *listener, const struct config *config, const char *path, struct error *error)
{
	size_t before = listener->sockets.count;

	if (!net_listen_unix(&listener->sockets, path, (mode_t)config_number(config, "ServerSocketMode"),
			     (int)config_number(config, "ServerQueueSize"), error))
		return error_prefix(error, "ServerDomainSocketPath");
	mark(listener, before, LISTENER_UNIX);
	listener->path = strdup(path);
	if (listener->path == NULL)
		abort();
	if (stat(path, &listener->identity) < 0)
		memset(&listener->identity, 0, sizeof listener->identity);
	return true;
}

static bool
listen_tcp(struct listener *listener, const struct config *config, const char *port, enum listener_kind kind,
	   struct error *error)
{
	const char *host = config_get(config, "ServerHost");
	size_t before = listener->sockets.count;

	if (!net_listen_tcp(&listener->sockets, host, (unsigned)config_number(config, port),
			    (int)config_number(config, "ServerQueueSize"), error))
		return error_prefix(error, "ServerHost, %s", port);
	mark(listener, before, kind);
	return true;
}

static void
describe(struct listener *listener, const struct config *config, bool tcp, bool tls)
{
	const char *host = config_get(config, "ServerHost");
	struct buffer text = BUFFER_INIT(sizeof listener->text - 1);

	if (tcp || tls)
		buffer_printf(&text, "%.100s", host != NULL ? host : "all addresses");
	if (tcp)
		buffer_printf(&text, " port %llu", config_number(config, "ServerPort"));
	if (tls)
		buffer_printf(&text, " %sport %llu with TLS", tcp ? "and " : "",
			      config_number(config, "ServerTLSPort"));
	if (listener->path != NULL)
		buffer_printf(&text, "%s%s", tcp || tls ? " and " : "", listener->path);
	snprintf(listener->text, sizeof listener->text, "%s", text.size > 0 ? buffer_string(&text) : "");
	buffer_free(&text);
}

static enum listener_kind
inherited_kind(const struct net_inherited *inherited, size_t index)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof address;

	getsockname(inherited->sockets.sockets[index], (struct sockaddr *)&address, &size);
	if (address.ss_family == AF_UNIX)
		return LISTENER_UNIX;
	return strncmp(inherited->names[index], "tls", 3) == 0 ? LISTENER_TLS : LISTENER_TCP;
}

static void
take_inherited(struct listener *listener, const struct net_inherited *inherited)
{
	size_t used = (size_t)snprintf(listener->text, sizeof listener->text, "sockets that it was given:");

	listener->sockets = inherited->sockets;
	for (size_t i = 0; i < inherited->sockets.count; i++)
		listener->kinds[i] = inherited_kind(inherited, i);
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
	bool tls = config_is_set(config, "ServerTLSPort");

	if (listener == NULL)
		abort();
	if (inherited->sockets.count > 0) {
		take_inherited(listener, inherited);
		*opened = listener;
		return true;
	}
	if ((tcp && !listen_tcp(listener, config, "ServerPort", LISTENER_TCP, error)) ||
	    (tls && !listen_tcp(listener, config, "ServerTLSPort", LISTENER_TLS, error)) ||
	    (path != NULL && !listen_unix(listener, config, path, error))) {
		listener_free(listener);
		return false;
	}
	describe(listener, config, tcp, tls);
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

static enum listener_kind
kind_of(const struct listener *listener, int socket)
{
	size_t i = 0;

	while (listener->sockets.sockets[i] != socket)
		i++;
	return listener->kinds[i];
}

static void
on_connection(evutil_socket_t socket, short what, void *context)
{
	struct listener *listener = context;

	(void)what;
	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			listener->accepted(listener->context, fd, kind_of(listener, socket));
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
	for (size_t i = 0; i < listener->sockets.count && listener->accepted != NULL; i++)
		on_connection(listener->sockets.sockets[i], EV_READ, listener);
	/* only now, for want of descriptors at one socket is a rest for all of them */
	for (size_t i = 0; i < listener->sockets.count && listener->accepted != NULL; i++)
		event_free(listener->events[i]);
	if (listener->rested != NULL)
		event_free(listener->rested);
	if (listener->path != NULL)
		remove_path(listener);
	net_listen_close(&listener->sockets);
	free(listener->path);
	free(listener);
}
