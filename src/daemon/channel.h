/*
 * The bytes of one client: its socket, in clear text or with TLS on it.
 *
 * Nothing blocks. Belongs to the event loop's thread. What is kept in memory is one piece of what came and one of
 * what goes out, as long as the owner reads nothing while channel_has_output.
 */
#ifndef DSPAM_DAEMON_CHANNEL_H
#define DSPAM_DAEMON_CHANNEL_H

#include "base/span.h"
#include "net/tls.h"

struct channel {
	int socket;
	struct tls *tls; /* NULL: clear text */
	bool shaking;    /* hands */
	char peer[300];  /* for the log */
};

enum channel_status {
	CHANNEL_GOOD,
	CHANNEL_LATER,  /* nothing can be done now */
	CHANNEL_SECURE, /* the handshake has just been done */
	CHANNEL_GONE,   /* the client has closed, or broken off, or TLS has failed, which was logged */
};

/* Takes the socket over, which is non-blocking. */
void channel_open(struct channel *channel, int socket);
void channel_close(struct channel *channel);

/* Speak TLS from now on; it is the client's turn. What was read before must have been read in clear text. */
void channel_secure(struct channel *channel, const struct tls_context *context);

/* Read once; `got` is at least 1 if CHANNEL_GOOD. */
enum channel_status channel_read(struct channel *channel, char *data, size_t size, size_t *got);
/* Write the first bytes of `data`, `taken` of them if CHANNEL_GOOD. */
enum channel_status channel_write(struct channel *channel, struct span data, size_t *taken);
/* Write what TLS itself has to say, or has taken and not written yet; CHANNEL_LATER: some of it is left. */
enum channel_status channel_flush(struct channel *channel);
/* Nothing more will be written. */
void channel_end(struct channel *channel);

/* Whether channel_flush has something to do. */
bool channel_has_output(const struct channel *channel);
/* Whether channel_read may give something although the socket does not. */
bool channel_has_input(const struct channel *channel);

#endif
