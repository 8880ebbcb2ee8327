/*
 * Handing a message on to an LMTP or SMTP server: DeliveryHost.
 *
 * Connections are kept for a while and used again. A struct deliver_hosts belongs to one
 * thread, which is why it needs no lock; each worker has its own.
 */
#ifndef DSPAM_DELIVER_HOST_H
#define DSPAM_DELIVER_HOST_H

#include "deliver/message.h"
#include "net/secure.h"
#include "wire/lmtp_client.h"

struct deliver_hosts;

struct deliver_route {
	enum lmtp_client_protocol protocol;
	const char *host; /* as for net_connect */
	unsigned int port;
	const char *ident; /* DeliveryIdent */
	int64_t timeout;   /* milliseconds for one message */
	struct net_secure secure;
};

/* Keep at most `most` idle connections, each for at most `idle` milliseconds. 0: none. Never NULL. */
struct deliver_hosts *deliver_hosts_new(size_t most, int64_t idle);
/* Says QUIT on idle connections. */
void deliver_hosts_free(struct deliver_hosts *hosts);

/*
 * Deliver to one recipient. A kept connection that the other side has closed meanwhile
 * is replaced, but only before it has taken the first command: nothing is ever sent
 * twice. Where TLS is opportunistic and cannot be had, a new connection goes without it. When the connection breaks
 * after the final dot nobody knows, and the result is temporary.
 */
bool deliver_host(struct deliver_hosts *hosts, const struct deliver_route *route, struct span sender,
		  struct span recipient, bool international, const struct deliver_message *message,
		  struct deliver_result *result);

#endif
