/* Directives of TLS that need, hide or contradict each other. */
#include "config/check.h"

#include <stdio.h>
#include <strings.h>

/* The first value of a directive under any suffix, or NULL. */
static const struct config_value *
value_of(const struct config *config, const char *prefix, const char *what)
{
	char name[64];

	snprintf(name, sizeof name, "%sTLS%s", prefix, what);
	for (size_t i = 0; i < config->values.count; i++)
		if (strcmp(config->values.items[i].directive->name, name) == 0)
			return &config->values.items[i];
	return NULL;
}

static bool
says(const struct config_value *value, const char *word)
{
	return value != NULL && strcasecmp(value->text, word) == 0;
}

static bool
is_on(const struct config_value *value)
{
	return value != NULL && !says(value, "off");
}

/* What has no effect, because there is no TLS. */
static void
check_unused(struct config *config, const char *prefix, const char *const *names, size_t count, const char *advice)
{
	for (size_t i = 0; i < count; i++) {
		const struct config_value *value = value_of(config, prefix, names[i]);

		if (value != NULL)
			check_note(config, CONFIG_WARNING, value, "it is not used without TLS; %s", advice);
	}
}

static void
check_server(struct config *config)
{
	static const char *const names[] = {"Certificate", "Key", "ClientCertificate", "CA"};
	const struct config_value *tls = value_of(config, "Server", "");
	const struct config_value *port = value_of(config, "Server", "Port");
	const struct config_value *demand = value_of(config, "Server", "ClientCertificate");
	const struct config_value *wants = is_on(tls) ? tls : port;

	if (wants == NULL) {
		check_unused(config, "Server", names, sizeof names / sizeof names[0],
			     "write \"ServerTLS starttls\", or a ServerTLSPort");
		return;
	}
	if (value_of(config, "Server", "Certificate") == NULL)
		check_note(config, CONFIG_ERROR, wants, "it needs a ServerTLSCertificate, and its ServerTLSKey");
	if (is_on(demand) && value_of(config, "Server", "CA") == NULL)
		check_note(config, CONFIG_ERROR, demand,
			   "it needs ServerTLSCA, the authorities that certificates of clients come from");
	if (says(demand, "require") && !says(tls, "required"))
		check_note(config, CONFIG_WARNING, demand,
			   "clients in clear text show no certificate; write \"ServerTLS required\" to shut them out");
}

/* Files and names for the connections that we make. */
static void
check_calling(struct config *config, const char *prefix, const char *advice)
{
	static const char *const names[] = {"Verify", "CA", "Name", "Certificate", "Key"};
	const struct config_value *tls = value_of(config, prefix, "");
	const struct config_value *verify = value_of(config, prefix, "Verify");

	if (tls == NULL || says(tls, "off"))
		check_unused(config, prefix, names, sizeof names / sizeof names[0], advice);
	else if (says(verify, "off") && value_of(config, prefix, "CA") != NULL)
		check_note(config, CONFIG_WARNING, verify, "nobody's certificate is checked, whatever the CA says");
	else if (says(tls, "opportunistic") && value_of(config, prefix, "CA") != NULL)
		check_note(config, CONFIG_WARNING, tls,
			   "no certificate is checked, and mail may go in clear text; write starttls to insist");
}

/* For the connections to a database, whose words are others: there is no Verify, but "verify". */
static void
check_database(struct config *config, const char *prefix, bool needs_ca)
{
	static const char *const names[] = {"CA", "Certificate", "Key"};
	const struct config_value *tls = value_of(config, prefix, "");
	const struct config_value *ca = value_of(config, prefix, "CA");
	char advice[64];

	snprintf(advice, sizeof advice, "write \"%sTLS verify\"", prefix);
	if (says(tls, "off"))
		check_unused(config, prefix, names, sizeof names / sizeof names[0], advice);
	else if (ca != NULL && !says(tls, "verify"))
		check_note(config, CONFIG_WARNING, ca,
			   "the name in the certificate is not checked, and perhaps nothing is; %s", advice);
	else if (ca == NULL && says(tls, "verify") && needs_ca)
		check_note(config, CONFIG_WARNING, tls,
			   "it needs %sTLSCA, the authorities that certificates of servers come from", prefix);
}

void
check_tls(struct config *config)
{
	check_server(config);
	check_calling(config, "Delivery", "write \"DeliveryTLS starttls\"");
	check_calling(config, "Notify", "write \"NotifyTLS starttls\"");
	check_calling(config, "ClamAV", "write \"ClamAVTLS implicit\"");
	check_calling(config, "Client", "write \"ClientTLS starttls\"");
	check_database(config, "PgSQL", true);
	check_database(config, "MySQL", false); /* whose library takes those that the system believes */
}
