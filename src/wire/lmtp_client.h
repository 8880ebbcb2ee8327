/*
 * The client's side of an LMTP or SMTP session (RFC 2033, RFC 5321), without a socket.
 *
 *	lmtp_client_begin(client, &envelope, pieces, count);
 *	while ((need = lmtp_client_need(client)) != LMTP_CLIENT_DONE)
 *		write lmtp_client_output and tell lmtp_client_written, or
 *		read and tell lmtp_client_push, or lmtp_client_lost when the connection is gone, or
 *		shake hands and tell lmtp_client_secured
 *
 * One object is one connection; after a transaction the next may begin while
 * lmtp_client_reusable says so. Every recipient gets a result:
 *
 *	2xx at the end		accepted
 *	5xx at MAIL, RCPT, DATA or the end	permanent
 *	5xx at the greeting, LHLO or EHLO	temporary: it says nothing about this message
 *	4xx, no answer, garbage		temporary
 *	no answer after the final dot	unknown, to be taken for temporary: better twice than never
 *
 * A client belongs to one thread at a time. It owns its memory, which is bounded; the
 * message is encoded in pieces of 64 KiB as it is sent.
 */
#ifndef DSPAM_WIRE_LMTP_CLIENT_H
#define DSPAM_WIRE_LMTP_CLIENT_H

#include "base/span.h"

struct lmtp_client;

enum lmtp_client_protocol { LMTP_CLIENT_LMTP, LMTP_CLIENT_SMTP };

/* All of it must stay until the transaction is done. */
struct lmtp_client_envelope {
	struct span sender; /* empty: "<>" */
	const struct span *recipients;
	size_t count;
	bool international; /* the message came with SMTPUTF8 */
	bool keep_cr;       /* see struct dot_writer */
};

enum lmtp_client_outcome {
	LMTP_CLIENT_ACCEPTED,
	LMTP_CLIENT_TEMPORARY,
	LMTP_CLIENT_PERMANENT,
	LMTP_CLIENT_UNKNOWN,
};

struct lmtp_client_result {
	enum lmtp_client_outcome outcome;
	char enhanced[12]; /* "5.1.1" */
	char text[400];    /* the peer's answer on one line, "550 5.1.1 ..."; or what happened */
};

enum lmtp_client_need {
	LMTP_CLIENT_WRITE,
	LMTP_CLIENT_READ,
	LMTP_CLIENT_HANDSHAKE, /* make it a TLS connection, and tell lmtp_client_secured, or lmtp_client_lost */
	LMTP_CLIENT_DONE,
};

/* STARTTLS (RFC 3207). */
enum lmtp_client_tls {
	LMTP_CLIENT_TLS_NONE,     /* never say it */
	LMTP_CLIENT_TLS_OFFERED,  /* if the peer offers it; else in clear text */
	LMTP_CLIENT_TLS_REQUIRED, /* no word of a message in clear text: without it the result is temporary */
};

/* For a connection just made. `ident` (for LHLO, EHLO) must outlive the client. Never NULL. */
struct lmtp_client *lmtp_client_new(enum lmtp_client_protocol protocol, const char *ident);
void lmtp_client_free(struct lmtp_client *client);

/* Before the first transaction; not for a connection that speaks TLS from its first byte. */
void lmtp_client_starttls(struct lmtp_client *client, enum lmtp_client_tls tls);
/* The handshake is done, after LMTP_CLIENT_HANDSHAKE or before the first byte. */
void lmtp_client_secured(struct lmtp_client *client);

/* Start a transaction: at once on a reusable client, after the greeting on a new one. */
void lmtp_client_begin(struct lmtp_client *client, const struct lmtp_client_envelope *envelope,
		       const struct span *pieces, size_t count);

enum lmtp_client_need lmtp_client_need(const struct lmtp_client *client);
struct span lmtp_client_output(const struct lmtp_client *client);
void lmtp_client_written(struct lmtp_client *client, size_t count);
void lmtp_client_push(struct lmtp_client *client, struct span bytes);
/* The connection is gone or its time is up; `why` goes into the results that are still open. */
void lmtp_client_lost(struct lmtp_client *client, const char *why);

/* Of recipient number `index`, when nothing is needed any more. */
const struct lmtp_client_result *lmtp_client_result(const struct lmtp_client *client, size_t index);

/* Whether a next transaction may use this connection. */
bool lmtp_client_reusable(const struct lmtp_client *client);

/*
 * Whether the transaction failed before the peer took a single command of it: the
 * connection had been closed, or was closed by 421. It can be repeated on another
 * connection without doubling mail.
 */
bool lmtp_client_untouched(const struct lmtp_client *client);

/* A last QUIT as output, for a client that is reusable; nobody needs its answer. */
void lmtp_client_quit(struct lmtp_client *client);

#endif
