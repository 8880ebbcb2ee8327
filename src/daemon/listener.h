/*
 * Accepts connections in the event loop, on all sockets that the daemon listens on.
 *
 * When the system has no more descriptors it rests for a moment instead of spinning.
 */
#ifndef DSPAM_DAEMON_LISTENER_H
#define DSPAM_DAEMON_LISTENER_H

#include <event2/event.h>

#include "config/config.h"
#include "base/error.h"
#include "net/inherit.h"

struct listener;

/* Through which door a client came. */
enum listener_kind {
	LISTENER_TCP,
	LISTENER_TLS, /* ServerTLSPort: TLS from the first byte */
	LISTENER_UNIX,
};

/*
 * Listen as dspam.conf says: on ServerDomainSocketPath, and on ServerHost and ServerPort unless
 * only the path is given; also on ServerHost and ServerTLSPort if there is one. But when there are inherited sockets,
 * on these and nowhere else: one whose name begins with "tls" speaks TLS from the first byte. The sockets are open when
 * this returns, connections wait.
 */
bool listener_new(const struct config *config, const struct net_inherited *inherited, struct listener **listener,
		  struct error *error);

/* Where it listens, for the log: "192.0.2.1:24, /run/dspam/lmtp". */
const char *listener_text(const struct listener *listener);

/* Accept from now on; `accepted` takes over each socket, which is non-blocking and closed on exec. */
typedef void listener_accepted(void *context, int socket, enum listener_kind kind);
void listener_start(struct listener *listener, struct event_base *base, listener_accepted *accepted, void *context);

/* Accept what has come until now, then close the sockets and remove the path. NULL is allowed. */
void listener_free(struct listener *listener);

#endif
