#include "net/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/address.h"

/* A socket bound to the address, or -1 with errno; it does not listen yet. */
static int
bind_one(const struct sockaddr *address, socklen_t size)
{
	int on = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (address->sa_family != AF_UNIX) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* its connections inherit it */
	}
	if (address->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, address, size) == 0)
		return fd;
	int code = errno;
	close(fd);
	errno = code;
	return -1;
}

/* Where a protocol family is switched off, its addresses are passed over. */
static bool
family_is_absent(int code)
{
	return code == EAFNOSUPPORT || code == EADDRNOTAVAIL;
}

static bool
listen_one(struct net_listeners *listeners, const struct addrinfo *at, int backlog, struct error *error)
{
	char name[300];

	net_address_text(at->ai_addr, at->ai_addrlen, name, sizeof name);
	if (listeners->count == NET_LISTEN_MOST)
		return error_set(error, ERROR_CONFIG, "%s: more than %d addresses to listen at", name, NET_LISTEN_MOST);
	int fd = bind_one(at->ai_addr, at->ai_addrlen);
	if (fd >= 0 && listen(fd, backlog) == 0) {
		listeners->sockets[listeners->count++] = fd;
		return true;
	}
	error_set(error, ERROR_UNAVAILABLE, "cannot listen at %s: %m", name);
	bool absent = fd < 0 && family_is_absent(errno);
	if (fd >= 0)
		close(fd);
	return absent;
}

bool
net_listen_tcp(struct net_listeners *listeners, const char *host, unsigned int port, int backlog, struct error *error)
{
	struct addrinfo *list;
	size_t before = listeners->count;
	bool good = true;

	if (host != NULL && strcmp(host, "*") == 0)
		host = NULL;
	if (!net_lookup(host, port, AI_PASSIVE, &list, error))
		return false;
	for (const struct addrinfo *at = list; at != NULL && good; at = at->ai_next)
		good = listen_one(listeners, at, backlog, error);
	freeaddrinfo(list);
	if (good && listeners->count > before)
		return true;
	while (listeners->count > before)
		close(listeners->sockets[--listeners->count]);
	return false;
}

/* Make room for a new socket at the path. */
static bool
remove_stale(const char *path, const struct sockaddr_un *address, struct error *error)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT || error_set(error, ERROR_CREATE, "socket %s: %m", path);
	if (!S_ISSOCK(status.st_mode))
		return error_set(error, ERROR_CREATE, "socket %s: a file that is no socket stands there; remove it",
				 path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_later(error, ERROR_OS, "socket %s: %m", path);
	bool dead = connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
	close(fd);
	if (!dead)
		return error_set(error, ERROR_UNAVAILABLE, "socket %s: another program listens there; stop it first",
				 path);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(error, ERROR_CREATE, "socket %s: cannot remove the old one: %m", path);
	return true;
}

bool
net_listen_unix(struct net_listeners *listeners, const char *path, mode_t mode, int backlog, struct error *error)
{
	struct sockaddr_un address;

	if (!net_unix_address(path, &address, error) || !remove_stale(path, &address, error))
		return false;
	if (listeners->count == NET_LISTEN_MOST)
		return error_set(error, ERROR_CONFIG, "socket %s: more than %d addresses to listen at", path,
				 NET_LISTEN_MOST);
	int fd = bind_one((const struct sockaddr *)&address, sizeof address);
	if (fd < 0)
		return error_set(error, ERROR_CREATE, "socket %s: %m", path);
	/* Nobody can connect before listen, so the rights hold from the first connection on. */
	if (chmod(path, mode) < 0 || listen(fd, backlog) < 0) {
		error_set(error, ERROR_CREATE, "socket %s: %m", path);
		close(fd);
		return false;
	}
	listeners->sockets[listeners->count++] = fd;
	return true;
}

void
net_listen_close(struct net_listeners *listeners)
{
	while (listeners->count > 0)
		close(listeners->sockets[--listeners->count]);
}
