/*
 * What the TLS connections of one kind share: our certificate and key, whom we believe, what is demanded.
 *
 * TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers; no renegotiation, no compression; sessions are
 * resumed by tickets, so that a context does not grow. A context does not change once it is made: any thread may use
 * it, and connections keep what they need of it when it is freed. New files are read by making a new one.
 */
#ifndef DSPAM_NET_TLS_CONTEXT_H
#define DSPAM_NET_TLS_CONTEXT_H

#include "base/error.h"

struct tls_context;

/* What a server wants to know about its clients. */
enum tls_client_certificate {
	TLS_CLIENT_CERTIFICATE_OFF,     /* they are not asked */
	TLS_CLIENT_CERTIFICATE_ASK,     /* one that is shown must be good */
	TLS_CLIENT_CERTIFICATE_REQUIRE, /* there must be a good one */
};

/* Paths of PEM files; NULL: there is none. They are not looked at any more once the context is made. */
struct tls_settings {
	const char *directives;  /* in errors: "ServerTLS" stands for ServerTLSCertificate, ServerTLSKey, ServerTLSCA */
	const char *certificate; /* ours, with those that link it to a root behind it */
	const char *key;         /* NULL: in the same file */
	const char *ca; /* file or directory of those we believe; NULL: a client believes those of the system */
};

/* For connections that are made to us. The certificate is required, and ca if clients are asked for theirs. */
bool tls_context_new_server(const struct tls_settings *settings, enum tls_client_certificate demand,
			    struct tls_context **context, struct error *error);

/*
 * For connections that we make. With `verify` the peer must show a certificate that is good, and good
 * for the name that we call; otherwise any will do, and keeps out only those who listen.
 */
bool tls_context_new_client(const struct tls_settings *settings, bool verify, struct tls_context **context,
			    struct error *error);

/* NULL is allowed. */
void tls_context_free(struct tls_context *context);

#endif
