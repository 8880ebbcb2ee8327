/*
 * What dspam.conf says about TLS of the connections that we make: PREFIXTLS, PREFIXTLSVerify, PREFIXTLSCA,
 * PREFIXTLSName, PREFIXTLSCertificate and PREFIXTLSKey, where PREFIX is Delivery, ClamAV, Notify or Client; those of
 * Delivery also for one domain, as DeliveryHost is.
 *
 * Certificates are read when they are first needed, and then shared. Any thread may ask. It belongs to one reading of
 * dspam.conf, and must be freed before that.
 */
#ifndef DSPAM_AGENT_SECURE_H
#define DSPAM_AGENT_SECURE_H

#include "config/config.h"
#include "net/secure.h"

struct agent_secure;

struct agent_secure *agent_secure_new(const struct config *config);
/* NULL is allowed; no connection may be made by its values any more. */
void agent_secure_free(struct agent_secure *secure);

/*
 * How to call `host` (which the certificate must name, unless PREFIXTLSName is another). `domain` of the recipient, or
 * empty. False when the directives are wrong or a file cannot be used; the error names both. What is found
 * borrows `host` and the configuration.
 */
bool agent_secure_find(struct agent_secure *secure, const char *prefix, struct span domain, const char *host,
		       struct net_secure *found, struct error *error);

/* The same for all that mail needs, before it does: DeliveryHost, domains with directives of their own, ClamAVHost. */
bool agent_secure_check_mail(struct agent_secure *secure, struct error *error);

#endif
