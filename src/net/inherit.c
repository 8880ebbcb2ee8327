#include "net/inherit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST 3

static bool
number_of(const char *name, unsigned long long most, unsigned long long *number)
{
	const char *text = getenv(name);

	return text != NULL && span_to_number(span_from(text), most, number);
}

static bool
option_is(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t size = sizeof value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

/* As net_listen_tcp and net_listen_unix leave theirs. */
static bool
prepare(int fd, const char *name, struct error *error)
{
	int on = 1;

	if (!option_is(fd, SO_TYPE, SOCK_STREAM) || !option_is(fd, SO_ACCEPTCONN, 1))
		return error_set(error, ERROR_CONFIG,
				 "descriptor %d (%s), which we were started with, is no stream socket that listens: "
				 "write ListenStream, with Accept=no, in the socket unit",
				 fd, name);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails where it has no meaning */
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return error_set(error, ERROR_OS, "descriptor %d (%s): %m", fd, name);
	return true;
}

static bool
take(struct net_inherited *inherited, size_t count, struct error *error)
{
	const char *text = getenv("LISTEN_FDNAMES");
	struct span rest = span_from(text != NULL ? text : "");

	for (size_t i = 0; i < count; i++) {
		size_t end = span_find_byte(rest, ':');
		struct span name = span_head(rest, end);
		rest = end == SPAN_NONE ? span_of(NULL, 0) : span_skip(rest, end + 1);
		if (name.size == 0)
			name = SPAN("unknown");
		snprintf(inherited->names[i], NET_NAME_MAX, "%.*s", (int)name.size, name.data);
		if (!prepare(FIRST + (int)i, inherited->names[i], error))
			return false;
		inherited->sockets.sockets[inherited->sockets.count++] = FIRST + (int)i;
	}
	return true;
}

bool
net_inherit(struct net_inherited *inherited, struct error *error)
{
	unsigned long long pid, count;
	bool ours = number_of("LISTEN_PID", ~0ULL, &pid) && pid == (unsigned long long)getpid() &&
		    number_of("LISTEN_FDS", ~0ULL, &count);
	bool good = true;

	*inherited = (struct net_inherited){.sockets = {.count = 0}};
	if (ours && count > NET_LISTEN_MOST)
		good = error_set(error, ERROR_CONFIG, "LISTEN_FDS: %llu sockets, at most %d are possible", count,
				 NET_LISTEN_MOST);
	else if (ours)
		good = take(inherited, (size_t)count, error);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return good;
}
