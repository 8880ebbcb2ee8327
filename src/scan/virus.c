#include "scan/virus.h"

#include "net/stream.h"

#define CHUNK ((size_t)64 * 1024)

/* Send one chunk; one of size 0 is the end. */
static bool
send_chunk(struct net_stream *stream, struct span chunk, int64_t deadline, struct error *error)
{
	char size[CLAMD_CHUNK_SIZE];

	clamd_chunk(chunk.size, size);
	return net_write(stream, span_of(size, sizeof size), deadline, error) &&
	       net_write(stream, chunk, deadline, error);
}

/* Send the message, until clamd has something to say: it does not wait for the end when it has had enough. */
static bool
send_message(struct net_stream *stream, struct span message, int64_t deadline, struct error *error)
{
	if (!net_write(stream, CLAMD_COMMAND, deadline, error))
		return false;
	while (message.size > 0 && net_is_quiet(stream)) {
		if (!send_chunk(stream, span_head(message, CHUNK), deadline, error))
			return false;
		message = span_skip(message, CHUNK);
	}
	return message.size > 0 || send_chunk(stream, (struct span){NULL, 0}, deadline, error);
}

static bool
read_reply(struct net_stream *stream, int64_t deadline, struct clamd_reply *reply, struct error *error)
{
	char data[CLAMD_REPLY_MAX];
	size_t got;

	while (!reply->complete) {
		if (!net_read(stream, data, sizeof data, deadline, &got, error))
			return false;
		if (got == 0)
			clamd_reply_end(reply);
		else
			clamd_reply_push(reply, span_of(data, got));
	}
	return true;
}

bool
virus_ask(const char *host, unsigned port, const struct net_secure *secure, struct span message, int64_t deadline,
	  struct clamd_reply *reply, struct error *error)
{
	struct net_stream *stream;
	struct error broken;

	*reply = (struct clamd_reply){.size = 0};
	if (!net_connect_secure(host, port, secure, deadline, &stream, error))
		return false;
	bool sent = send_message(stream, message, deadline, error);
	/* a connection that breaks while we send may have brought its reason before */
	bool done = read_reply(stream, deadline, reply, sent ? error : &broken);
	net_close(stream);
	return done && (sent || reply->size > 0);
}
