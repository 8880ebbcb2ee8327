#include "daemon/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "net/address.h"

#define READ_SIZE ((size_t)16 * 1024)

void
channel_open(struct channel *channel, int socket)
{
	*channel = (struct channel){.socket = socket};
	net_peer_text(socket, channel->peer, sizeof channel->peer);
}

void
channel_close(struct channel *channel)
{
	tls_free(channel->tls);
	close(channel->socket);
}

void
channel_secure(struct channel *channel, const struct tls_context *context)
{
	channel->tls = tls_new_server(context);
	channel->shaking = true;
}

static enum channel_status
status_of_errno(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? CHANNEL_LATER : CHANNEL_GONE;
}

static enum channel_status
socket_read(struct channel *channel, char *data, size_t size, size_t *got)
{
	ssize_t count = recv(channel->socket, data, size, 0);

	*got = count > 0 ? (size_t)count : 0;
	if (count > 0)
		return CHANNEL_GOOD;
	return count == 0 ? CHANNEL_GONE : status_of_errno();
}

static enum channel_status
socket_write(struct channel *channel, struct span data, size_t *taken)
{
	ssize_t count = send(channel->socket, data.data, data.size, MSG_NOSIGNAL);

	*taken = count > 0 ? (size_t)count : 0;
	return count >= 0 ? CHANNEL_GOOD : status_of_errno();
}

enum channel_status
channel_flush(struct channel *channel)
{
	struct span output;
	size_t taken;

	while (channel->tls != NULL && (output = tls_output(channel->tls)).size > 0) {
		enum channel_status status = socket_write(channel, output, &taken);
		if (status != CHANNEL_GOOD)
			return status;
		tls_written(channel->tls, taken);
	}
	return CHANNEL_GOOD;
}

static void
log_secure(const struct channel *channel)
{
	char version[100], subject[300];

	tls_describe(channel->tls, version, sizeof version);
	tls_peer_subject(channel->tls, subject, sizeof subject);
	log_info("%s: %s%s%s", channel->peer, version, *subject != '\0' ? ", certificate of " : "", subject);
}

static enum channel_status
fail(struct channel *channel, const struct error *error)
{
	log_warning("client %s: %s", channel->peer, error->text);
	channel_flush(channel); /* it is told why, if that can be done at once */
	return CHANNEL_GONE;
}

static enum channel_status
shake_hands(struct channel *channel)
{
	struct error error;

	switch (tls_handshake(channel->tls, &error)) {
	case TLS_GOOD:
		channel->shaking = false;
		log_secure(channel);
		return CHANNEL_SECURE;
	case TLS_MORE:
		return channel_flush(channel) == CHANNEL_GONE ? CHANNEL_GONE : CHANNEL_LATER;
	case TLS_CLOSED:
	case TLS_FAILED:
		break;
	}
	return fail(channel, &error);
}

static enum channel_status
secure_read(struct channel *channel, char *data, size_t size, size_t *got)
{
	struct error error;

	switch (tls_read(channel->tls, data, size, got, &error)) {
	case TLS_GOOD:
		return CHANNEL_GOOD;
	case TLS_MORE:
		return channel_flush(channel) == CHANNEL_GONE ? CHANNEL_GONE : CHANNEL_LATER;
	case TLS_CLOSED:
		return CHANNEL_GONE;
	case TLS_FAILED:
		break;
	}
	return fail(channel, &error);
}

enum channel_status
channel_read(struct channel *channel, char *data, size_t size, size_t *got)
{
	if (channel->tls == NULL)
		return socket_read(channel, data, size, got);
	if (!tls_pending(channel->tls)) {
		char wire[READ_SIZE];
		enum channel_status status = socket_read(channel, wire, sizeof wire, got);
		if (status != CHANNEL_GOOD)
			return status;
		tls_push(channel->tls, span_of(wire, *got));
	}
	*got = 0;
	return channel->shaking ? shake_hands(channel) : secure_read(channel, data, size, got);
}

enum channel_status
channel_write(struct channel *channel, struct span data, size_t *taken)
{
	enum channel_status status = channel_flush(channel);
	struct error error;

	*taken = 0;
	if (channel->tls == NULL)
		return socket_write(channel, data, taken);
	if (status != CHANNEL_GOOD)
		return status;
	if (channel->shaking)
		return CHANNEL_LATER;
	if (tls_write(channel->tls, data, taken, &error) != TLS_GOOD)
		return fail(channel, &error);
	return channel_flush(channel) == CHANNEL_GONE ? CHANNEL_GONE : CHANNEL_GOOD;
}

void
channel_end(struct channel *channel)
{
	if (channel->tls != NULL) {
		tls_shutdown(channel->tls);
		channel_flush(channel);
	}
	shutdown(channel->socket, SHUT_WR);
}

bool
channel_has_output(const struct channel *channel)
{
	return channel->tls != NULL && tls_output(channel->tls).size > 0;
}

bool
channel_has_input(const struct channel *channel)
{
	return channel->tls != NULL && tls_pending(channel->tls);
}
