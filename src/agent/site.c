#include "agent/site.h"

#include <stdio.h>

static void
note_domain(void *context, const char *suffix, const char *value)
{
	(void)value;
	*(bool *)context |= *suffix != '\0';
}

static void
read_host(struct agent_site *site)
{
	const struct config *config = site->config;
	const char *protocol = config_get(config, "DeliveryProto");

	if (protocol == NULL)
		return;
	config_each_suffix(config, "DeliveryHost", note_domain, &site->host_of_domain);
	site->host = config_get(config, "DeliveryHost");
	site->port = (unsigned)config_number(config, "DeliveryPort");
	site->by_host = (site->host != NULL || site->host_of_domain) &&
			(strcmp(protocol, "LMTP") == 0 || strcmp(protocol, "SMTP") == 0);
	config_each_suffix(config, "DeliveryPort", note_domain, &site->host_of_domain);
	site->protocol = strcmp(protocol, "SMTP") == 0 ? LMTP_CLIENT_SMTP : LMTP_CLIENT_LMTP;
}

static void
read_delivery(struct agent_site *site)
{
	const struct config *config = site->config;

	site->trusted_command = config_get(config, "TrustedDeliveryAgent");
	site->untrusted_command = config_get(config, "UntrustedDeliveryAgent");
	site->quarantine_command = config_get(config, "QuarantineAgent");
	site->quarantine_mailbox = config_get(config, "QuarantineMailbox");
	if (site->quarantine_mailbox != NULL && *site->quarantine_mailbox == '\0')
		site->quarantine_mailbox = NULL;
	site->ident = config_get(config, "DeliveryIdent");
	site->timeout = (int64_t)config_number(config, "DeliveryTimeout") * 1000;
	site->errors_permanent = config_is_on(config, "LMTPLDAErrorsPermanent");
	read_host(site);
}

static void
read_users(struct agent_site *site)
{
	const struct config *config = site->config;
	const char *plus = config_get(config, "PlusedCharacter");

	site->lower_case = config_has(config, "Broken", "case");
	site->plused = config_is_on(config, "EnablePlusedDetail");
	site->plused_lower_case = config_is_on(config, "PlusedUserLowercase");
	site->plus = plus != NULL && *plus != '\0' ? *plus : '+';
	site->strip_domain = config_is_on(config, "StripRcptDomain");
}

static void
read_lookup(struct agent_site *site)
{
	const struct config *config = site->config;

	if (!config_is_on(config, "ExtLookup"))
		return;
	site->lookup = AGENT_LOOKUP_VERIFY;
	if (config_has(config, "ExtLookupMode", "map"))
		site->lookup = AGENT_LOOKUP_MAP;
	else if (config_has(config, "ExtLookupMode", "strict"))
		site->lookup = AGENT_LOOKUP_STRICT;
	if (!config_has(config, "ExtLookupDriver", "ldap"))
		site->lookup_command = config_get(config, "ExtLookupServer");
}

static void
read_reading(struct agent_site *site)
{
	const struct config *config = site->config;

	site->strip_cr = config_has(config, "Broken", "lineStripping");
	site->document = config_has(config, "DataSource", "document");
	site->parse_to = config_is_on(config, "ParseToHeaders");
	site->parse_to_class = config_is_on(config, "ChangeModeOnParse");
	if (config_has(config, "ChangeUserOnParse", "full"))
		site->parse_to_user = AGENT_PARSE_ADDRESS;
	else if (config_is_on(config, "ChangeUserOnParse") || config_has(config, "ChangeUserOnParse", "user"))
		site->parse_to_user = AGENT_PARSE_LOCAL_PART;
}

static void
read_scanners(struct agent_site *site)
{
	static const char *const responses[] = {
		[AGENT_VIRUS_REJECT] = "reject",
		[AGENT_VIRUS_SPAM] = "spam",
		[AGENT_VIRUS_ACCEPT] = "accept",
		[AGENT_VIRUS_DISCARD] = "discard",
	};
	const struct config *config = site->config;

	scanner_init(&site->scanner, config);
	for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++)
		if (span_equal_nocase(span_from(config_get(config, "ClamAVResponse")), span_from(responses[i])))
			site->virus = (enum agent_virus)i;
	site->scan_or_defer = !config_has(config, "ClamAVFailure", "deliver");
	site->track_spam = config_has(config, "TrackSources", "spam");
	site->track_innocent = config_has(config, "TrackSources", "nonspam");
	site->track_virus = config_has(config, "TrackSources", "virus");
	site->rabl_queue = config_get(config, "RABLQueue");
}

static void
read_records(struct agent_site *site)
{
	const struct config *config = site->config;

	site->user_log = config_is_on(config, "UserLog");
	site->system_log = config_is_on(config, "SystemLog");
	site->web_stats = config_is_on(config, "WebStats");
	site->notifications = config_is_on(config, "Notifications");
	site->text_directory = config_get(config, "TxtDirectory");
	site->warn_size = config_number(config, "QuarantineWarnSize");
}

void
agent_site_init(struct agent_site *site, const struct config *config)
{
	*site = (struct agent_site){.config = config};
	home_init(&site->files, config);
	read_users(site);
	read_lookup(site);
	read_reading(site);
	read_delivery(site);
	read_scanners(site);
	read_records(site);
	site->defer = !config_has(config, "StoreFailure", "deliver");
	site->status_is_spam = config_has(config, "Broken", "returnCodes");
	site->original_exits = config_has(config, "Compat", "exitCodes");
	site->original_replies = config_has(config, "Compat", "trainingReplies");
}

const char *
agent_site_command(const struct agent_site *site, bool trusted)
{
	return trusted ? site->trusted_command : site->untrusted_command;
}

/* The value of NAME.domain, else of NAME; *found is the name that has it. */
static const char *
value_for(const struct config *config, const char *name, struct span domain, char *found, size_t size)
{
	snprintf(found, size, "%s.%.*s", name, (int)domain.size, domain.data);
	if (domain.size > 0 && domain.size < size - 32 && config_get(config, found) != NULL)
		return config_get(config, found);
	snprintf(found, size, "%s", name);
	return config_get(config, found);
}

static struct span
domain_of(struct span recipient)
{
	struct span domain = {NULL, 0};

	for (size_t i = 0; i < recipient.size; i++)
		if (recipient.data[i] == '@')
			domain = span_skip(recipient, i + 1);
	return domain;
}

bool
agent_site_secure(const struct agent_site *site, struct span recipient, const char *host, struct net_secure *secure,
		  struct error *error)
{
	if (site->secure == NULL) /* nobody may find out by clear text that this was forgotten */
		return error_set(error, ERROR_SOFTWARE, "this program has not read what dspam.conf says about TLS");
	return agent_secure_find(site->secure, "Delivery", domain_of(recipient), host, secure, error);
}

const char *
agent_site_host(const struct agent_site *site, struct span recipient, unsigned *port)
{
	struct span domain = domain_of(recipient);
	char name[300];

	if (!site->by_host)
		return NULL;
	*port = site->port;
	if (!site->host_of_domain)
		return site->host;
	value_for(site->config, "DeliveryPort", domain, name, sizeof name);
	*port = (unsigned)config_number(site->config, name);
	return value_for(site->config, "DeliveryHost", domain, name, sizeof name);
}
