/*
 * Sockets that wait for connections. They are non-blocking and closed on exec; the
 * caller owns and closes them. To be called while the program starts, by one thread.
 */
#ifndef DSPAM_NET_LISTEN_H
#define DSPAM_NET_LISTEN_H

#include <sys/types.h>

#include "base/error.h"
#include "base/span.h"

#define NET_LISTEN_MOST 16

struct net_listeners {
	int sockets[NET_LISTEN_MOST];
	size_t count;
};

/* Add sockets on all addresses of `host`, IPv4 and IPv6; NULL or "*": of this machine. On failure none is added. */
bool net_listen_tcp(struct net_listeners *listeners, const char *host, unsigned int port, int backlog,
		    struct error *error);

/*
 * Add a UNIX socket with these access rights. What a program that has ended left at
 * the path is removed; a socket that is in use, and anything that is no socket, is
 * an error and stays.
 */
bool net_listen_unix(struct net_listeners *listeners, const char *path, mode_t mode, int backlog, struct error *error);

/* Close all; does not remove the paths of UNIX sockets. */
void net_listen_close(struct net_listeners *listeners);

#endif
