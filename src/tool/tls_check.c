#include "tool/tls_check.h"

#include "agent/secure.h"
#include "daemon/server_tls.h"

static bool
check_server(const struct config *config, struct error *error)
{
	enum lmtp_server_tls offer;
	struct tls_context *context;
	bool good = server_tls_read(config, &offer, &context, error);

	tls_context_free(context);
	return good;
}

bool
tls_check(const struct config *config, struct error *error)
{
	struct agent_secure *secure = agent_secure_new(config);
	const char *daemon = config_get(config, "ClientHost");
	struct net_secure found;
	bool good = check_server(config, error) && agent_secure_check_mail(secure, error) &&
		    (daemon == NULL || agent_secure_find(secure, "Client", SPAN(""), daemon, &found, error));

	agent_secure_free(secure);
	return good;
}
