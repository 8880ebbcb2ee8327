#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define WIRE_SIZE ((size_t)16 * 1024)

struct net_stream {
	int socket;
	struct tls *tls; /* or NULL */
	bool deaf;       /* writing failed for good */
	char name[300];
};

int64_t
net_deadline(int64_t milliseconds)
{
	return clock_milliseconds() + milliseconds;
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

/* ---- bytes as they are on the wire ------------------------------------------------------- */

static bool
wire_read(struct net_stream *stream, char *data, size_t size, int64_t deadline, size_t *got, struct error *error)
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

static bool
wire_write(struct net_stream *stream, struct span data, int64_t deadline, struct error *error)
{
	while (data.size > 0) {
		ssize_t count = send(stream->socket, data.data, data.size, MSG_NOSIGNAL);
		if (count >= 0)
			data = span_skip(data, (size_t)count);
		else if (!is_later(errno)) {
			stream->deaf = true;
			return error_later(error, ERROR_IO, "writing to %s: %m", stream->name);
		} else if (!stream_wait(stream, POLLOUT, deadline, "writing to", error))
			return false;
	}
	return true;
}

/* ---- TLS ----------------------------------------------------------------------------------- */

static bool
tls_flush(struct net_stream *stream, int64_t deadline, struct error *error)
{
	struct span output = tls_output(stream->tls);

	if (!wire_write(stream, output, deadline, error))
		return false;
	tls_written(stream->tls, output.size);
	return true;
}

/* TLS needs more of the peer; `ended` says that there is no more. */
static bool
tls_fill(struct net_stream *stream, int64_t deadline, bool *ended, struct error *error)
{
	char data[WIRE_SIZE];
	size_t got;

	if (!wire_read(stream, data, sizeof data, deadline, &got, error))
		return false;
	*ended = got == 0;
	tls_push(stream->tls, span_of(data, got));
	return true;
}

/* Tell the peer why, if that can be done at once, and who it is. */
static bool
tls_fail(struct net_stream *stream, struct error *error)
{
	struct error ignored;

	tls_flush(stream, net_deadline(0), &ignored);
	return error_prefix(error, "%s", stream->name);
}

bool
net_start_tls(struct net_stream *stream, const struct tls_context *context, const char *name, int64_t deadline,
	      struct error *error)
{
	enum tls_status status;
	bool ended = false;

	stream->tls = tls_new_client(context, name);
	while ((status = tls_handshake(stream->tls, error)) == TLS_MORE) {
		if (!tls_flush(stream, deadline, error) || !tls_fill(stream, deadline, &ended, error))
			return false;
		if (ended)
			return error_later(error, ERROR_IO, "%s closed the connection in the TLS handshake",
					   stream->name);
	}
	return status == TLS_GOOD ? tls_flush(stream, deadline, error) : tls_fail(stream, error);
}

static bool
secure_read(struct net_stream *stream, char *data, size_t size, int64_t deadline, size_t *got, struct error *error)
{
	enum tls_status status;
	bool ended = false;

	while ((status = tls_read(stream->tls, data, size, got, error)) == TLS_MORE && !ended) {
		/* who no longer listens may have said why */
		if (!tls_flush(stream, deadline, error) && !stream->deaf)
			return false;
		if (!tls_fill(stream, deadline, &ended, error))
			return false;
	}
	return status != TLS_FAILED || tls_fail(stream, error);
}

static bool
secure_write(struct net_stream *stream, struct span data, int64_t deadline, struct error *error)
{
	size_t taken;

	while (data.size > 0) {
		if (tls_write(stream->tls, data, &taken, error) != TLS_GOOD)
			return tls_fail(stream, error);
		if (!tls_flush(stream, deadline, error))
			return false;
		data = span_skip(data, taken);
	}
	return true;
}

const struct tls *
net_tls(const struct net_stream *stream)
{
	return stream->tls;
}

/* ---- for everybody ------------------------------------------------------------------------- */

void
net_close(struct net_stream *stream)
{
	struct error ignored;

	if (stream == NULL)
		return;
	if (stream->tls != NULL) {
		tls_shutdown(stream->tls);
		tls_flush(stream, net_deadline(0), &ignored);
		tls_free(stream->tls);
	}
	close(stream->socket);
	free(stream);
}

bool
net_read(struct net_stream *stream, char *data, size_t size, int64_t deadline, size_t *got, struct error *error)
{
	return (stream->tls != NULL ? secure_read : wire_read)(stream, data, size, deadline, got, error);
}

bool
net_write(struct net_stream *stream, struct span data, int64_t deadline, struct error *error)
{
	return (stream->tls != NULL ? secure_write : wire_write)(stream, data, deadline, error);
}

/* Whether what has come is talk of TLS alone, such as a ticket. */
static bool
is_quiet_inside(struct net_stream *stream)
{
	struct error ignored;
	char data[WIRE_SIZE];

	do {
		if (tls_peek(stream->tls, &ignored) != TLS_MORE)
			return false;
		ssize_t count = recv(stream->socket, data, sizeof data, MSG_DONTWAIT);
		if (count <= 0)
			return count < 0 && is_later(errno);
		tls_push(stream->tls, span_of(data, (size_t)count));
	} while (tls_output(stream->tls).size == 0);
	return false;
}

bool
net_is_quiet(struct net_stream *stream)
{
	char byte;

	if (stream->tls != NULL)
		return is_quiet_inside(stream);
	return recv(stream->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && is_later(errno);
}
