/* Directives that need, hide or contradict each other. */
#include "config/check.h"

#include <arpa/inet.h>
#include <strings.h>

/* The first value of the file in force, or NULL. */
static const struct config_value *
value_of(const struct config *config, const char *name)
{
	struct span none;
	struct config_range range = config_in_force(config, directive_find(span_from(name), &none));

	return range.count > 0 && range.items[0].place.file != NULL ? range.items : NULL;
}

/* The same under any suffix. */
static const struct config_value *
any_value(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->values.count; i++)
		if (strcmp(config->values.items[i].directive->name, name) == 0)
			return &config->values.items[i];
	return NULL;
}

static void
check_required(struct config *config)
{
	struct config_place whole = config_whole(config);

	if (any_value(config, "Home") == NULL)
		config_note(
			config, CONFIG_ERROR, whole,
			"Home: it is missing, and nothing works without; add a line such as \"Home /var/spool/dspam\"");
	if (any_value(config, "TrainingMode") == NULL)
		config_note(config, CONFIG_WARNING, whole,
			    "TrainingMode: it is missing; teft is used, where DSPAM 3.10 refused to start");
	if (any_value(config, "Algorithm") == NULL)
		config_note(config, CONFIG_WARNING, whole,
			    "Algorithm: it is missing; adaptive is used, where DSPAM 3.10 gave every message the "
			    "probability -1");
}

static void
check_delivery(struct config *config)
{
	const struct config_value *host = any_value(config, "DeliveryHost");
	const struct config_value *protocol = any_value(config, "DeliveryProto");
	const struct config_value *mailbox = any_value(config, "QuarantineMailbox");

	if (host != NULL && protocol == NULL)
		check_note(config, CONFIG_ERROR, host, "it is not used without \"DeliveryProto LMTP\" or SMTP");
	if (host == NULL && protocol != NULL)
		check_note(config, CONFIG_WARNING, protocol, "there is no DeliveryHost to deliver to");
	if (host == NULL && mailbox != NULL)
		check_note(config, CONFIG_WARNING, mailbox,
			   "there is no DeliveryHost; the delivery agent must know such mailboxes");
}

static void
check_judging(struct config *config)
{
	const struct config_value *algorithm = any_value(config, "Algorithm");

	if (config_has(config, "Algorithm", "adaptive") && config_count(config, "Algorithm") > 1)
		check_note(config, CONFIG_ERROR, algorithm,
			   "adaptive stands alone: name it without others, or the others without it");
	if (any_value(config, "AdaptiveAdvisor") != NULL && !config_has(config, "Algorithm", "adaptive"))
		check_note(config, CONFIG_WARNING, any_value(config, "AdaptiveAdvisor"),
			   "it advises Algorithm adaptive alone, and has no effect on others");
	if (any_value(config, "SiteModel") != NULL && !config_has(config, "Algorithm", "adaptive"))
		check_note(config, CONFIG_WARNING, any_value(config, "SiteModel"),
			   "it has no effect without \"Algorithm adaptive\"");
	if (config_number(config, "SiteModelQuorum") > 0 && any_value(config, "SiteModel") == NULL)
		check_note(config, CONFIG_WARNING, any_value(config, "SiteModelQuorum"),
			   "it has no effect without SiteModel, which it lets users teach");
	if (config_has(config, "Algorithm", "chi-square") && !config_has(config, "PValue", "robinson"))
		check_note(
			config, CONFIG_WARNING, algorithm,
			"chi-square does not switch PValue to robinson, as sample files say; add \"PValue robinson\"");
}

static void
check_purging(struct config *config)
{
	static const char *const companions[] = {"PurgeHapaxes", "PurgeHits1S", "PurgeHits1I"};
	const struct config_value *unused = any_value(config, "PurgeUnused");

	if (unused == NULL || config_number(config, "PurgeUnused") == 0)
		return;
	for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++)
		if (any_value(config, companions[i]) == NULL)
			check_note(config, CONFIG_WARNING, unused,
				   "%s is missing beside it, which ended dspam_clean 3.10 with a crash; write it, with "
				   "days or off",
				   companions[i]);
}

static bool
is_address(int family, struct span text)
{
	unsigned char bytes[16];
	char copy[64];

	if (text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return inet_pton(family, copy, bytes) == 1;
}

/* 192.0.2.53, 192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353 */
static bool
is_resolver(struct span text)
{
	size_t colon = text.size;
	unsigned long long port;

	if (is_address(AF_INET6, text) || is_address(AF_INET, text))
		return true;
	while (colon > 0 && text.data[colon - 1] != ':')
		colon--;
	if (colon == 0 || !span_to_number(span_skip(text, colon), 65535, &port))
		return false;
	text = span_head(text, colon - 1);
	if (text.size > 2 && text.data[0] == '[' && text.data[text.size - 1] == ']')
		return is_address(AF_INET6, span_of(text.data + 1, text.size - 2));
	return is_address(AF_INET, text);
}

/* Addresses and networks; names are not asked for. */
static void
check_own_servers(struct config *config)
{
	for (size_t i = 0; i < config->values.count; i++) {
		const struct config_value *value = &config->values.items[i];
		struct span text = span_from(value->text);

		text = span_head(text, span_find_byte(text, '/'));
		if (strcmp(value->directive->name, "LocalMX") == 0 && !is_address(AF_INET, text) &&
		    !is_address(AF_INET6, text))
			check_note(config, CONFIG_WARNING, value,
				   "it has no effect; write an address, or a network such as 192.0.2.0/24");
	}
}

static void
check_lists(struct config *config)
{
	const struct config_value *server = any_value(config, "LookupServer");
	struct span rest = span_from(server != NULL ? server->text : ""), word;

	if (server != NULL && any_value(config, "Lookup") == NULL)
		check_note(config, CONFIG_WARNING, server, "nobody is asked without a Lookup");
	while (span_next_word(&rest, ",", &word))
		if (!is_resolver(word))
			check_note(config, CONFIG_ERROR, server,
				   "it must be the address of a resolver, such as 192.0.2.53, 192.0.2.53:5353 or "
				   "[2001:db8::53]:5353");
}

static void
check_scanner(struct config *config)
{
	const struct config_value *host = any_value(config, "ClamAVHost");
	const struct config_value *port = any_value(config, "ClamAVPort");
	const struct config_value *answer = any_value(config, "ClamAVResponse");

	if (port != NULL && host == NULL)
		check_note(config, CONFIG_WARNING, port, "no virus scan takes place without ClamAVHost");
	if (host != NULL && port == NULL && host->text[0] != '/')
		check_note(config, CONFIG_WARNING, host, "no virus scan takes place without ClamAVPort");
	if (answer != NULL && strcasecmp(answer->text, "accept") == 0)
		check_note(config, CONFIG_WARNING, answer,
			   "infected mail is delivered, marked as Virus, where DSPAM 3.10 dropped it; write discard "
			   "for that, or reject, or spam");
}

/* Who is asked whether a user exists. */
static void
check_lookup(struct config *config)
{
	const struct config_value *lookup = any_value(config, "ExtLookup");
	const struct config_value *driver = any_value(config, "ExtLookupDriver");

	if (lookup == NULL || !config_is_on(config, "ExtLookup"))
		return;
#ifndef DSPAM_WITH_LDAP
	if (driver != NULL && strcasecmp(driver->text, "ldap") == 0)
		check_note(config, CONFIG_ERROR, driver,
			   "this program was built without LDAP, and mail waits until it can ask; write "
			   "\"ExtLookupDriver program\", and an ExtLookupServer that calls ldapsearch");
#endif
	if (driver != NULL && strcasecmp(driver->text, "ldap") == 0 && any_value(config, "ExtLookupQuery") == NULL)
		check_note(config, CONFIG_ERROR, driver,
			   "there is nothing to ask for, and mail waits; write an ExtLookupQuery, such as "
			   "\"(mail=%%u)\"");
	if (any_value(config, "ExtLookupServer") == NULL)
		check_note(config, CONFIG_ERROR, lookup,
			   "there is nobody to ask, and mail waits; write an ExtLookupServer with the command, or the "
			   "LDAP server");
	if (any_value(config, "ExtLookupMode") == NULL)
		check_note(config, CONFIG_WARNING, lookup, "ExtLookupMode is missing; verify is used");
}

static void
check_daemon(struct config *config)
{
	const struct config_value *path = any_value(config, "ServerDomainSocketPath");
	const struct config_value *port = any_value(config, "ServerPort");
	const struct config_value *arguments = any_value(config, "ServerParameters");
	const struct config_value *mode = any_value(config, "ServerMode");

	if (path != NULL && port != NULL)
		check_note(config, CONFIG_WARNING, port,
			   "the daemon does not listen there, because ServerDomainSocketPath is given");
	if (arguments != NULL && strstr(arguments->text, ", ") != NULL)
		check_note(config, CONFIG_WARNING, arguments,
			   "it is split at the space behind the comma, and what follows becomes an argument of the "
			   "delivery agent; write the list without spaces");
	if (mode != NULL && strcasecmp(mode->text, "dspam") == 0 && any_value(config, "ServerPass") == NULL)
		check_note(config, CONFIG_ERROR, mode, "no client can log in without a ServerPass.NAME");
}

static void
check_password(struct config *config, const char *suffix)
{
	struct span none;
	struct config_range range = config_range(config, directive_find(SPAN("ServerPass"), &none), suffix);

	if (range.count > 0 && strchr(range.items[0].text, '@') != NULL)
		check_note(config, CONFIG_ERROR, range.items,
			   "no client can log in with it: a password ends at the first @");
}

static void
each_password(void *context, const char *suffix, const char *value)
{
	(void)value;
	check_password(context, suffix);
}

static void
check_client(struct config *config)
{
	const struct config_value *ident = any_value(config, "ClientIdent");
	const struct config_value *host = any_value(config, "ClientHost");

	config_each_suffix(config, "ServerPass", each_password, config);
	if (ident != NULL &&
	    (strchr(ident->text, '@') == NULL || strchr(ident->text, '@') != strrchr(ident->text, '@')))
		check_note(config, CONFIG_ERROR, ident, "it must be \"password@name\", with one @");
	if (host != NULL && ident == NULL)
		check_note(config, CONFIG_WARNING, host,
			   "clients run without the daemon unless there is a ClientIdent");
}

/* Of two default preferences with one name the first counts, as everywhere. */
static void
check_preferences(struct config *config)
{
	enum { COMPARED = 200 }; /* more are not worth the time */
	struct span none;
	struct config_range lines = config_range(config, directive_find(SPAN("Preference"), &none), "");

	for (size_t i = 1; i < lines.count && i < COMPARED; i++)
		for (size_t j = 0; j < i; j++) {
			size_t equals = strcspn(lines.items[i].text, "=");

			if (strncasecmp(lines.items[i].text, lines.items[j].text, equals + 1) != 0)
				continue;
			check_note(config, CONFIG_WARNING, &lines.items[i],
				   "it is ignored, because the first one wins: \"%.80s\" of line %u",
				   lines.items[j].text, lines.items[j].place.line);
			break;
		}
}

/* Settings of a database beside another, or no, StorageDriver. */
static void
check_storage(struct config *config)
{
	static const struct {
		const char *setting;
		const char *driver;
	} databases[] = {{"MySQLServer", "mysql"}, {"PgSQLServer", "pgsql"}};
	const char *driver = config_get(config, "StorageDriver");

	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		const struct config_value *setting = value_of(config, databases[i].setting);

		if (setting == NULL || strcasestr(driver, databases[i].driver) != NULL)
			continue;
		check_note(config, CONFIG_WARNING, setting,
			   "it is not used, because the store is %s; StorageDriver says which one is", driver);
	}
}

/* With a profile in force, what has no suffix is without effect. */
static void
check_profile(struct config *config)
{
	if (config->profile == NULL)
		return;
	for (size_t i = 0; i < config->values.count; i++) {
		const struct config_value *value = &config->values.items[i];

		if ((value->directive->flags & DIRECTIVE_PROFILED) && *value->suffix == '\0')
			check_note(config, CONFIG_WARNING, value,
				   "it is not used while profile %.80s is active; write %s.%.80s", config->profile,
				   value->directive->name, config->profile);
	}
}

void
check_together(struct config *config)
{
	check_required(config);
	check_delivery(config);
	check_judging(config);
	check_purging(config);
	check_scanner(config);
	check_lookup(config);
	check_lists(config);
	check_own_servers(config);
	check_daemon(config);
	check_client(config);
	check_preferences(config);
	check_storage(config);
	check_tls(config);
	check_profile(config);
}
