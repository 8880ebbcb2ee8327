/*
 * The connection to the daemon of ClientHost, with TLS as ClientTLS wants it.
 *
 * Blocks, but not beyond its deadline. For one thread at a time.
 */
#ifndef DSPAM_AGENT_CONNECT_H
#define DSPAM_AGENT_CONNECT_H

#include "agent/secure.h"

struct agent_connection {
	struct net_stream *stream;
	/*
	 * With ClientTLS starttls the greeting has been read: the daemon does not greet a second time. What is to be
	 * said next is LHLO, in any case.
	 */
	bool greeted;
	struct agent_secure *secure;
};

/* All errors are temporary but those of directives and files. `ident` is our name for the LHLO before STARTTLS. */
bool agent_connect(const struct config *config, const char *host, unsigned port, struct span ident, int64_t deadline,
		   struct agent_connection *connection, struct error *error);
void agent_disconnect(struct agent_connection *connection);

#endif
