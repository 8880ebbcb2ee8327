/*
 * Questions to DNS, several at once, with one deadline for all.
 *
 * Blocks the calling thread, and no other; any number of threads may ask. The deadline is a point of time on the
 * monotonic clock, as in stream.h.
 */
#ifndef DSPAM_NET_RESOLVER_H
#define DSPAM_NET_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NET_ADDRESSES_MAX 8 /* of one name; more are not kept */

struct net_question {
	const char *name; /* as it is, without the search list */
	/* The answer: */
	bool answered; /* false: `why` says why not. A name that does not exist is an answer without addresses. */
	uint32_t addresses[NET_ADDRESSES_MAX]; /* IPv4, in host order */
	size_t count;
	const char *why; /* constant text */
};

/*
 * Ask for the IPv4 addresses of all names. `server` is the resolver, "192.0.2.53", "192.0.2.53:5353" or
 * "[2001:db8::53]:5353", several with commas; NULL: those of resolv.conf. Fails when no question can be asked
 * at all.
 */
bool net_ask(const char *server, struct net_question *questions, size_t count, int64_t deadline, struct error *error);

#endif
