/* TLS for the daemon's clients, as dspam.conf wants it: ServerTLS and what belongs to it. */
#ifndef DSPAM_DAEMON_SERVER_TLS_H
#define DSPAM_DAEMON_SERVER_TLS_H

#include "config/config.h"
#include "net/tls_context.h"
#include "wire/lmtp_server.h"

/* What is offered by STARTTLS, and the context for it and for ServerTLSPort; NULL: TLS is off. The caller frees it. */
bool server_tls_read(const struct config *config, enum lmtp_server_tls *offer, struct tls_context **context,
		     struct error *error);

#endif
