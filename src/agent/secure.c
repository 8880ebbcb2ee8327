#include "agent/secure.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define NAME_SIZE 320 /* of a directive with its suffix */

/* A context, and what it was made of; texts are the configuration's. */
struct credentials {
	struct credentials *next;
	struct tls_settings settings;
	bool verify;
	struct tls_context *context;
};

struct agent_secure {
	const struct config *config;
	pthread_mutex_t mutex; /* guards the list */
	struct credentials *first;
};

struct agent_secure *
agent_secure_new(const struct config *config)
{
	struct agent_secure *secure = calloc(1, sizeof *secure);

	if (secure == NULL)
		abort();
	secure->config = config;
	pthread_mutex_init(&secure->mutex, NULL);
	return secure;
}

void
agent_secure_free(struct agent_secure *secure)
{
	if (secure == NULL)
		return;
	while (secure->first != NULL) {
		struct credentials *next = secure->first->next;
		tls_context_free(secure->first->context);
		free(secure->first);
		secure->first = next;
	}
	pthread_mutex_destroy(&secure->mutex);
	free(secure);
}

/* ---- contexts ------------------------------------------------------------------------ */

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
fits(const struct credentials *credentials, const struct tls_settings *settings, bool verify)
{
	return credentials->verify == verify && same(credentials->settings.ca, settings->ca) &&
	       same(credentials->settings.certificate, settings->certificate) &&
	       same(credentials->settings.key, settings->key);
}

/* The context for these files, made if there is none yet; NULL: it cannot be. The mutex is held. */
static const struct tls_context *
context_for(struct agent_secure *secure, const struct tls_settings *settings, bool verify, struct error *error)
{
	struct tls_context *context;

	for (const struct credentials *at = secure->first; at != NULL; at = at->next)
		if (fits(at, settings, verify))
			return at->context;
	if (!tls_context_new_client(settings, verify, &context, error))
		return NULL;
	struct credentials *made = calloc(1, sizeof *made);
	if (made == NULL)
		abort();
	*made = (struct credentials){secure->first, *settings, verify, context};
	secure->first = made;
	return context;
}

/* ---- directives ---------------------------------------------------------------------- */

/* What is asked: directives of this prefix, for this domain. */
struct question {
	const struct config *config;
	const char *prefix;
	struct span domain;
};

/* The value of PREFIXTLSwhat.domain, else of PREFIXTLSwhat. */
static const char *
value_of(const struct question *question, const char *what)
{
	char name[NAME_SIZE];
	const char *value = NULL;

	snprintf(name, sizeof name, "%sTLS%s.%.*s", question->prefix, what, (int)question->domain.size,
		 question->domain.data);
	if (question->domain.size > 0 && question->domain.size < sizeof name - 64)
		value = config_get(question->config, name);
	if (value != NULL)
		return value;
	snprintf(name, sizeof name, "%sTLS%s", question->prefix, what);
	return config_get(question->config, name);
}

static bool
read_mode(const struct question *question, enum net_secure_mode *mode, struct error *error)
{
	static const char *const words[] = {[NET_CLEAR] = "off",
					    [NET_OPPORTUNISTIC] = "opportunistic",
					    [NET_STARTTLS] = "starttls",
					    [NET_IMPLICIT] = "implicit"};
	const char *value = value_of(question, "");

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (value != NULL && strcasecmp(value, words[i]) == 0) {
			*mode = (enum net_secure_mode)i;
			return true;
		}
	return error_set(error, ERROR_CONFIG, "%sTLS %s: it must be off, opportunistic, starttls or implicit",
			 question->prefix, value != NULL ? value : "");
}

/* What a certificate is checked for. Whoever takes anybody takes anybody's. */
static bool
read_name(const struct question *question, const char *host, struct net_secure *found, bool *verify,
	  struct error *error)
{
	const char *name = value_of(question, "Name");

	*verify = found->mode != NET_OPPORTUNISTIC && strcasecmp(value_of(question, "Verify"), "off") != 0;
	found->name = name != NULL && *name != '\0' ? name : host;
	if (found->name[0] != '/')
		return true;
	found->name = NULL; /* a UNIX socket has no name of its own */
	if (!*verify)
		return true;
	return error_set(error, ERROR_CONFIG, "%sTLSName is missing: it is the name in the certificate of %.200s",
			 question->prefix, host);
}

static const char *
directives_of(const char *prefix)
{
	static const struct {
		const char *prefix, *directives;
	} table[] = {
		{"Delivery", "DeliveryTLS"}, {"Client", "ClientTLS"}, {"Notify", "NotifyTLS"}, {"ClamAV", "ClamAVTLS"}};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(prefix, table[i].prefix) == 0)
			return table[i].directives;
	abort();
}

bool
agent_secure_find(struct agent_secure *secure, const char *prefix, struct span domain, const char *host,
		  struct net_secure *found, struct error *error)
{
	const struct question question = {secure->config, prefix, domain};
	bool verify;

	*found = (struct net_secure){.directives = directives_of(prefix)};
	if (!read_mode(&question, &found->mode, error))
		return false;
	if (found->mode == NET_CLEAR)
		return true;
	if (!read_name(&question, host, found, &verify, error))
		return false;
	const struct tls_settings settings = {
		.directives = found->directives,
		.certificate = value_of(&question, "Certificate"),
		.key = value_of(&question, "Key"),
		.ca = value_of(&question, "CA"),
	};
	pthread_mutex_lock(&secure->mutex);
	found->context = context_for(secure, &settings, verify, error);
	pthread_mutex_unlock(&secure->mutex);
	return found->context != NULL;
}

/* ---- the check ----------------------------------------------------------------------- */

struct check {
	struct agent_secure *secure;
	bool good;
	struct error *error;
};

static void
check_domain(void *context, const char *suffix, const char *value)
{
	struct check *check = context;
	struct net_secure found;
	const struct config *config = check->secure->config;
	char name[NAME_SIZE];

	(void)value;
	snprintf(name, sizeof name, *suffix != '\0' ? "DeliveryHost.%s" : "DeliveryHost", suffix);
	const char *host = config_get(config, name);
	if (host == NULL)
		host = config_get(config, "DeliveryHost");
	if (check->good && host != NULL)
		check->good =
			agent_secure_find(check->secure, "Delivery", span_from(suffix), host, &found, check->error) ||
			(*suffix != '\0' && error_prefix(check->error, "for the domain %s", suffix));
}

bool
agent_secure_check_mail(struct agent_secure *secure, struct error *error)
{
	static const char *const names[] = {"DeliveryHost",  "DeliveryTLS",     "DeliveryTLSVerify",
					    "DeliveryTLSCA", "DeliveryTLSName", "DeliveryTLSCertificate",
					    "DeliveryTLSKey"};
	struct check check = {secure, true, error};

	check_domain(&check, "", NULL);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		config_each_suffix(secure->config, names[i], check_domain, &check);
	const char *clamd = config_get(secure->config, "ClamAVHost");
	struct net_secure found;
	return check.good && (clamd == NULL || agent_secure_find(secure, "ClamAV", SPAN(""), clamd, &found, error));
}
