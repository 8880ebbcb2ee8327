#include "net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "net/address.h"

/* Finish a connection that is under way; 0 or the code of what went wrong. */
static int
connect_wait(int socket, int64_t deadline)
{
	struct pollfd ready = {.fd = socket, .events = POLLOUT};
	int count, code = 0;
	socklen_t size = sizeof code;

	do
		count = poll(&ready, 1, net_remaining(deadline));
	while (count < 0 && errno == EINTR);
	if (count == 0)
		return ETIMEDOUT;
	if (count < 0 || getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		return errno;
	return code;
}

static bool
connect_one(const struct sockaddr *address, socklen_t size, const char *name, int64_t deadline,
	    struct net_stream **stream, struct error *error)
{
	int code = 0, on = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_later(error, ERROR_OS, "connecting to %s: socket: %m", name);
	if (connect(fd, address, size) < 0)
		code = errno == EINPROGRESS || errno == EINTR ? connect_wait(fd, deadline) : errno;
	if (code != 0) {
		close(fd);
		errno = code;
		return error_later(error, ERROR_TEMPORARY, "connecting to %s: %m", name);
	}
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	*stream = net_stream_new(fd, name);
	return true;
}

static bool
connect_unix(const char *path, int64_t deadline, struct net_stream **stream, struct error *error)
{
	struct sockaddr_un address;

	if (!net_unix_address(path, &address, error))
		return false;
	return connect_one((const struct sockaddr *)&address, sizeof address, path, deadline, stream, error);
}

static size_t
list_size(const struct addrinfo *list)
{
	size_t count = 0;

	for (; list != NULL; list = list->ai_next)
		count++;
	return count;
}

static bool
connect_tcp(const char *host, unsigned int port, int64_t deadline, struct net_stream **stream, struct error *error)
{
	struct addrinfo *list;
	bool connected = false;

	if (!net_lookup(host, port, AI_ADDRCONFIG, &list, error) && !net_lookup(host, port, 0, &list, error))
		return false;
	for (const struct addrinfo *at = list; at != NULL && !connected; at = at->ai_next) {
		char name[300];
		int64_t share = net_deadline(net_remaining(deadline) / (int64_t)list_size(at));
		net_address_text(at->ai_addr, at->ai_addrlen, name, sizeof name);
		connected = connect_one(at->ai_addr, at->ai_addrlen, name, share, stream, error);
	}
	freeaddrinfo(list);
	return connected;
}

bool
net_connect(const char *host, unsigned int port, int64_t deadline, struct net_stream **stream, struct error *error)
{
	*stream = NULL;
	if (host[0] == '/' ? connect_unix(host, deadline, stream, error)
			   : connect_tcp(host, port, deadline, stream, error))
		return true;
	error->temporary = true; /* an address that can be none is for the administrator to mend, and the mail waits */
	return false;
}
