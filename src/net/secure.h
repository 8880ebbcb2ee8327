/*
 * How a connection that we make is secured, and making it.
 *
 *	struct net_secure secure = ...;				(agent/secure.h reads it from dspam.conf)
 *	net_connect_secure(host, port, &secure, deadline, &stream, &error)
 *	if secure.mode is NET_STARTTLS: say STARTTLS as the protocol wants it, then net_secure_start
 *
 * A plain value that borrows what it points to. All errors are temporary: a peer that cannot be trusted today
 * gets nothing, and the message waits.
 */
#ifndef DSPAM_NET_SECURE_H
#define DSPAM_NET_SECURE_H

#include "net/stream.h"

enum net_secure_mode {
	NET_CLEAR,         /* no TLS */
	NET_OPPORTUNISTIC, /* STARTTLS if it is offered, with anybody; else clear text */
	NET_STARTTLS,      /* STARTTLS or nothing */
	NET_IMPLICIT,      /* TLS from the first byte or nothing */
};

struct net_secure {
	enum net_secure_mode mode;
	const struct tls_context *context; /* NULL with NET_CLEAR */
	const char *name;                  /* whom the certificate must name; NULL: nobody */
	const char *directives;            /* for errors, "DeliveryTLS" */
};

/* net_connect; with NET_IMPLICIT also the handshake. */
bool net_connect_secure(const char *host, unsigned int port, const struct net_secure *secure, int64_t deadline,
			struct net_stream **stream, struct error *error);

/* The handshake, at the moment that the protocol has for it; net_start_tls with a word about what is expected. */
bool net_secure_start(struct net_stream *stream, const struct net_secure *secure, int64_t deadline,
		      struct error *error);

#endif
