/* The server's end of a TLS connection, in a process of its own, which ends when something is wrong. */
#ifndef DSPAM_TESTS_NET_TLS_END_H
#define DSPAM_TESTS_NET_TLS_END_H

#include <sys/socket.h>
#include <unistd.h>

#include "net/tls.h"

/* TLS on a socket that blocks. */
struct end {
	int socket;
	struct tls *tls;
};

static inline void
end_flush(struct end *end)
{
	struct span output;

	while ((output = tls_output(end->tls)).size > 0) {
		ssize_t count = send(end->socket, output.data, output.size, MSG_NOSIGNAL);
		if (count <= 0)
			_exit(0);
		tls_written(end->tls, (size_t)count);
	}
}

static inline bool
end_fill(struct end *end)
{
	char data[4096];
	ssize_t count = recv(end->socket, data, sizeof data, 0);

	if (count > 0)
		tls_push(end->tls, span_of(data, (size_t)count));
	return count > 0;
}

static inline void
end_open(struct end *end, int socket)
{
	const struct tls_settings settings = {
		.directives = "ServerTLS", .certificate = "server.pem", .key = "server.key"};
	struct tls_context *context;
	struct error error;
	enum tls_status status;

	if (!tls_context_new_server(&settings, TLS_CLIENT_CERTIFICATE_OFF, &context, &error))
		_exit(1);
	*end = (struct end){socket, tls_new_server(context)};
	while ((status = tls_handshake(end->tls, &error)) == TLS_MORE) {
		end_flush(end);
		if (!end_fill(end))
			_exit(0);
	}
	end_flush(end);
	if (status != TLS_GOOD)
		_exit(0);
}

static inline void
end_write(struct end *end, struct span text)
{
	struct error error;
	size_t taken;

	while (text.size > 0 && tls_write(end->tls, text, &taken, &error) == TLS_GOOD) {
		text = span_skip(text, taken);
		end_flush(end);
	}
}

static inline size_t
end_read(struct end *end, char *data, size_t size)
{
	struct error error;
	size_t got;

	while (tls_read(end->tls, data, size, &got, &error) == TLS_MORE)
		if (!end_fill(end))
			return 0;
	return got;
}

#endif
