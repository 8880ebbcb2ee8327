/* The conversation with clamd about one message, over sockets. */
#ifndef DSPAM_SCAN_VIRUS_H
#define DSPAM_SCAN_VIRUS_H

#include <stdint.h>

#include "base/error.h"
#include "net/secure.h"
#include "wire/clamd.h"

/*
 * Ask clamd at `host` (a name, an address, or the path of a UNIX socket) and `port` about `message`, by a `deadline` on
 * the monotonic clock. With `secure` NET_IMPLICIT by TLS, which something in front of clamd takes off again; clamd
 * itself has neither TLS nor STARTTLS. False: it could not be asked; else `reply` is complete.
 */
bool virus_ask(const char *host, unsigned port, const struct net_secure *secure, struct span message, int64_t deadline,
	       struct clamd_reply *reply, struct error *error);

#endif
