/* What tls_context.c and tls.c share; for nobody else. */
#ifndef DSPAM_NET_TLS_PRIVATE_H
#define DSPAM_NET_TLS_PRIVATE_H

#include "net/openssl.h"
#include "net/tls_context.h"

struct tls_context {
	SSL_CTX *ssl;
	bool verify; /* the name of the peer, which each connection knows */
};

/* What OpenSSL says went wrong, as words; empties its queue of errors. */
void tls_reason(char *text, size_t size);

#endif
