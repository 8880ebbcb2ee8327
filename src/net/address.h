/* Where to connect to or listen at, as lists of socket addresses; and how addresses are written. */
#ifndef DSPAM_NET_ADDRESS_H
#define DSPAM_NET_ADDRESS_H

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"

/* Addresses of `host`, which may stand in brackets; NULL for all of this machine. Free with freeaddrinfo. */
bool net_lookup(const char *host, unsigned int port, int flags, struct addrinfo **list, struct error *error);

/* The address of a UNIX socket; false when the path is too long for one. */
bool net_unix_address(const char *path, struct sockaddr_un *address, struct error *error);

/* "192.0.2.1:24" or "[2001:db8::1]:24". */
void net_address_text(const struct sockaddr *address, socklen_t size, char *text, size_t text_size);

/* The same of the other end of a socket; "a local program" for a UNIX socket. */
void net_peer_text(int socket, char *text, size_t text_size);

#endif
