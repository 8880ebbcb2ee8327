/*
 * A connection: bytes with a deadline, whatever carries them.
 *
 * Calls block, but never beyond the deadline that they are given: a point of time
 * on the monotonic clock (net_deadline). A failed call leaves the stream good
 * for net_close only; after a failed net_write what the peer said before it closed can still be read. Writing to a peer
 * that is gone gives an error, no SIGPIPE. A stream belongs to one thread at a time. All errors are temporary.
 */
#ifndef DSPAM_NET_STREAM_H
#define DSPAM_NET_STREAM_H

#include <stdint.h>

#include "base/error.h"
#include "base/span.h"
#include "net/tls.h"

struct net_stream;

/* Milliseconds on the monotonic clock, `milliseconds` from now. */
int64_t net_deadline(int64_t milliseconds);
/* Milliseconds until then, 0 if it has passed, at most INT_MAX: what poll() wants. */
int net_remaining(int64_t deadline);

/* Takes over a connected socket and makes it non-blocking; `name` says in errors who is at the other end. */
struct net_stream *net_stream_new(int socket, const char *name);
/* NULL is allowed. */
void net_close(struct net_stream *stream);

/*
 * Connect to `host` and `port` by `deadline`. The host is a name, an IPv4 or IPv6
 * address (brackets allowed), or the path of a UNIX socket when it begins with "/".
 * All addresses of a name are tried in turn, each with its share of the time. Looking up
 * a name is the resolver's own time (resolv.conf), which comes on top.
 */
bool net_connect(const char *host, unsigned int port, int64_t deadline, struct net_stream **stream,
		 struct error *error);

/*
 * Speak TLS from now on, as the side that calls: with `name` as for tls_new_client. Nothing that came before may be
 * unread. Reading, writing and closing are as they were.
 */
bool net_start_tls(struct net_stream *stream, const struct tls_context *context, const char *name, int64_t deadline,
		   struct error *error);

/* NULL: it is in clear text. */
const struct tls *net_tls(const struct net_stream *stream);

/* What is there, at least one byte; `got` is 0 at the end of the stream. */
bool net_read(struct net_stream *stream, char *data, size_t size, int64_t deadline, size_t *got, struct error *error);
/* All of it. */
bool net_write(struct net_stream *stream, struct span data, int64_t deadline, struct error *error);

/* Whether the peer has neither closed the connection nor sent something: an idle one that may be used again. */
bool net_is_quiet(struct net_stream *stream);

#endif
