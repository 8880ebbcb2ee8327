/*
 * TLS on one connection, without a socket.
 *
 *	tls_push(tls, bytes that have come);
 *	status = tls_handshake or tls_read or tls_write
 *	write tls_output, whatever the status is, and tell tls_written
 *
 * Bytes may come in any pieces. Memory is bounded when the owner pushes only after tls_read has said TLS_MORE and
 * while tls_output is empty, and at most 64 KiB at once. A connection belongs to one thread at a time.
 */
#ifndef DSPAM_NET_TLS_H
#define DSPAM_NET_TLS_H

#include "base/span.h"
#include "net/tls_context.h"

struct tls;

enum tls_status {
	TLS_GOOD,
	TLS_MORE,   /* the peer has to say something first */
	TLS_CLOSED, /* the peer has ended it properly */
	TLS_FAILED, /* for good; what is in the output tells the peer why */
};

/* The most that one tls_write takes. */
#define TLS_WRITE_MOST ((size_t)16 * 1024)

/* Never NULL. */
struct tls *tls_new_server(const struct tls_context *context);
/* `name` is whom we call: a host name or an address. It is checked if the context verifies; NULL: only the chain is. */
struct tls *tls_new_client(const struct tls_context *context, const char *name);
/* NULL is allowed. */
void tls_free(struct tls *tls);

/*
 * To be called first, again and again, as long as it is TLS_MORE; it is never TLS_CLOSED. Errors are temporary;
 * ERROR_PERMISSION: the peer's certificate is not accepted.
 */
enum tls_status tls_handshake(struct tls *tls, struct error *error);

/* What the peer has sent, decrypted: at least one byte if TLS_GOOD. */
enum tls_status tls_read(struct tls *tls, char *data, size_t size, size_t *got, struct error *error);
/* What tls_read would say; nothing is taken. */
enum tls_status tls_peek(struct tls *tls, struct error *error);
/* Encrypt the first bytes of `data`, at most TLS_WRITE_MOST; `taken` says how many. TLS_GOOD or TLS_FAILED. */
enum tls_status tls_write(struct tls *tls, struct span data, size_t *taken, struct error *error);
/* Say that nothing more will be written. */
void tls_shutdown(struct tls *tls);

/* Whether bytes were pushed that no call has looked at yet, so that tls_read may give some of them. */
bool tls_pending(const struct tls *tls);

/* Bytes of the peer as they came. */
void tls_push(struct tls *tls, struct span bytes);
/* Bytes for the peer; drop what was written with tls_written. Valid until the next call. */
struct span tls_output(const struct tls *tls);
void tls_written(struct tls *tls, size_t count);

/* Whether the connection was made with this context. */
bool tls_is_of(const struct tls *tls, const struct tls_context *context);

/* For the log: "TLSv1.3 with TLS_AES_256_GCM_SHA384"; and of the peer's certificate its subject, "" if it showed none.
 */
void tls_describe(const struct tls *tls, char *text, size_t size);
void tls_peer_subject(const struct tls *tls, char *text, size_t size);

#endif
