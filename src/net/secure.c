#include "net/secure.h"

#include <stdio.h>
#include <string.h>

bool
net_secure_start(struct net_stream *stream, const struct net_secure *secure, int64_t deadline, struct error *error)
{
	if (net_start_tls(stream, secure->context, secure->name, deadline, error))
		return true;
	if (error->code == ERROR_PERMISSION) { /* its certificate is not accepted */
		size_t size = strlen(error->text);
		snprintf(error->text + size, sizeof error->text - size, " (see %sCA, %sName, %sVerify)",
			 secure->directives, secure->directives, secure->directives);
	}
	return false;
}

bool
net_connect_secure(const char *host, unsigned int port, const struct net_secure *secure, int64_t deadline,
		   struct net_stream **stream, struct error *error)
{
	if (!net_connect(host, port, deadline, stream, error))
		return false;
	if (secure->mode != NET_IMPLICIT || net_secure_start(*stream, secure, deadline, error))
		return true;
	net_close(*stream);
	*stream = NULL;
	return false;
}
