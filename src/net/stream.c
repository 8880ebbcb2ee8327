#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct net_stream {
	int socket;
	char name[300];
};

int64_t
net_deadline(int64_t milliseconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + milliseconds;
}

int
net_remaining(int64_t deadline)
{
	int64_t left = deadline - net_deadline(0);

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

struct net_stream *
net_stream_new(int socket, const char *name)
{
	struct net_stream *stream = calloc(1, sizeof *stream);

	if (stream == NULL)
		abort();
	stream->socket = socket;
	snprintf(stream->name, sizeof stream->name, "%s", name);
	int flags = fcntl(socket, F_GETFL);
	if (flags >= 0)
		fcntl(socket, F_SETFL, flags | O_NONBLOCK);
	return stream;
}

void
net_close(struct net_stream *stream)
{
	if (stream == NULL)
		return;
	close(stream->socket);
	free(stream);
}

/* Wait until the socket is ready for `events`, or broken, which the next call then tells. */
static bool
stream_wait(struct net_stream *stream, short events, int64_t deadline, const char *doing, struct error *error)
{
	struct pollfd ready = {.fd = stream->socket, .events = events};
	int count;

	do
		count = poll(&ready, 1, net_remaining(deadline));
	while (count < 0 && errno == EINTR);
	if (count > 0)
		return true;
	if (count == 0)
		return error_later(error, ERROR_TEMPORARY, "%s %s: no answer in time", doing, stream->name);
	return error_later(error, ERROR_OS, "%s %s: poll: %m", doing, stream->name);
}

static bool
is_later(int code)
{
	return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

bool
net_read(struct net_stream *stream, char *data, size_t size, int64_t deadline, size_t *got, struct error *error)
{
	for (;;) {
		ssize_t count = recv(stream->socket, data, size, 0);
		if (count >= 0) {
			*got = (size_t)count;
			return true;
		}
		if (!is_later(errno))
			return error_later(error, ERROR_IO, "reading from %s: %m", stream->name);
		if (!stream_wait(stream, POLLIN, deadline, "reading from", error))
			return false;
	}
}

bool
net_write(struct net_stream *stream, struct span data, int64_t deadline, struct error *error)
{
	while (data.size > 0) {
		ssize_t count = send(stream->socket, data.data, data.size, MSG_NOSIGNAL);
		if (count >= 0)
			data = span_skip(data, (size_t)count);
		else if (!is_later(errno))
			return error_later(error, ERROR_IO, "writing to %s: %m", stream->name);
		else if (!stream_wait(stream, POLLOUT, deadline, "writing to", error))
			return false;
	}
	return true;
}

bool
net_is_quiet(struct net_stream *stream)
{
	char byte;

	return recv(stream->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && is_later(errno);
}
