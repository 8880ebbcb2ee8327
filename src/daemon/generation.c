#include "daemon/generation.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/input.h"
#include "base/log.h"
#include "daemon/server_tls.h"

#define ARENA_SIZE ((size_t)1024 * 1024)
#define WORKERS_MAX 4
#define DLMTP_COMMAND ((size_t)16 * 1024) /* the arguments of dspam stand in one line */

/* ---- reading the file ------------------------------------------------------------ */

struct findings {
	unsigned errors;
};

static void
log_finding(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	struct findings *findings = context;

	enum log_level level = severity == CONFIG_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;

	findings->errors += severity == CONFIG_ERROR;
	if (line > 0)
		log_write(level, "%s:%u: %s", file, line, text);
	else
		log_write(level, "%s: %s", file, text);
}

static bool
load_config(const struct generation_source *source, struct config **config, struct error *error)
{
	struct findings findings = {.errors = 0};

	if (!config_load(source->path, log_finding, &findings, config, error) ||
	    !groups_check(*config, log_finding, &findings, error))
		return false;
	if (source->replaces && findings.errors > 0)
		return error_set(error, ERROR_CONFIG, "%s, or its file of groups, has %u errors", source->path,
				 findings.errors);
	return source->profile == NULL || config_use_profile(*config, source->profile, error);
}

/* ---- ServerParameters ------------------------------------------------------------ */

/* LMTP answers with a reply for each recipient and has no room for anything else. */
static bool
check_for_lmtp(const struct agent_options *options, struct error *error)
{
	const char *wrong = NULL;

	if (options->to_stdout)
		wrong = "--stdout";
	else if (options->request.classify)
		wrong = "--classify";
	else if (options->deliver & AGENT_WANT_SUMMARY)
		wrong = "--deliver=summary";
	else if (options->request.signature != NULL)
		wrong = "--signature";
	else if (options->recipients.count > 0)
		wrong = "--rcpt-to";
	return wrong == NULL || error_set(error, ERROR_CONFIG, "%s has no meaning over LMTP; leave it out", wrong);
}

/* Check as for a message: some user there will be. */
static bool
check_options(struct generation *generation, struct error *error)
{
	struct agent_options *options = &generation->options;
	const struct agent_caller daemon = {.login = "", .trusted = true};
	struct agent_list users = options->users;

	if (users.count == 0 && !agent_list_add(generation->arena, &options->users, "user"))
		return error_set(error, ERROR_CONFIG, "too long");
	if (!agent_options_check(generation->arena, &generation->site, &daemon, options, error))
		return false;
	options->users = users;
	return true;
}

static bool
read_parameters(struct generation *generation, struct error *error)
{
	const char *text = config_get(generation->config, "ServerParameters");
	struct agent_options *options = &generation->options;
	const char *const *words;
	size_t count;

	if (!agent_options_split(generation->arena, text != NULL ? text : "", &words, &count))
		return error_set(error, ERROR_CONFIG, "too long");
	if (!agent_options_read(generation->arena, words, count, options, error))
		return false;
	if (generation->lmtp.dialect == LMTP_DIALECT_DLMTP)
		return true; /* they are for plain LMTP */
	if (!agent_is_training(options) && (options->deliver & (AGENT_WANT_INNOCENT | AGENT_WANT_SPAM)) == 0) {
		log_notice("ServerParameters does not say what to deliver (--deliver=); innocent mail is delivered, "
			   "and spam is treated as spamAction says");
		options->deliver |= AGENT_WANT_INNOCENT;
	}
	return check_for_lmtp(options, error) && check_options(generation, error);
}

/* ---- clients of ours ------------------------------------------------------------- */

static void
note_client(void *context, const char *name, const char *password)
{
	struct generation *generation = context;
	struct lmtp_server_settings *lmtp = &generation->lmtp;

	(void)password;
	generation->clients = reallocarray(generation->clients, lmtp->client_count + 1, sizeof *generation->clients);
	if (generation->clients == NULL)
		abort();
	generation->clients[lmtp->client_count++] = span_from(name);
}

static void
read_clients(struct generation *generation)
{
	const struct config *config = generation->config;
	struct lmtp_server_settings *lmtp = &generation->lmtp;

	struct span mode = span_from(config_get(config, "ServerMode"));

	if (span_equal_nocase(mode, SPAN("standard")))
		return;
	lmtp->dialect = span_equal_nocase(mode, SPAN("auto")) ? LMTP_DIALECT_AUTO : LMTP_DIALECT_DLMTP;
	lmtp->command = DLMTP_COMMAND;
	config_each_suffix(config, "ServerPass", note_client, generation);
	lmtp->clients = generation->clients;
	if (lmtp->client_count == 0 && lmtp->dialect == LMTP_DIALECT_DLMTP)
		log_warning("ServerMode dspam serves only clients with a password, and there is no ServerPass: nobody "
			    "can send anything; for mail servers set \"ServerMode standard\"");
}

/* ---- the whole -------------------------------------------------------------------- */

/* With a store of our own, more connections than processors only wear out each other's caches. */
static size_t
workers(const struct generation *generation)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = (size_t)config_number(generation->config, "ServerWorkers");

	if (wanted == 0)
		wanted = store_connections(&generation->settings->store);
	if (wanted > 0)
		return wanted;
	return processors < 1 ? 1 : processors < WORKERS_MAX ? (size_t)processors : WORKERS_MAX;
}

static void
read_limits(struct generation *generation)
{
	const struct config *config = generation->config;

	generation->lmtp = LMTP_SERVER_DEFAULTS;
	generation->lmtp.ident = config_get(config, "ServerIdent");
	generation->lmtp.message = AGENT_INPUT_MAX;
	generation->timeout = (int64_t)config_number(config, "ServerTimeout") * 1000;
	generation->connections = (size_t)config_number(config, "ServerMaxConnections");
	generation->workers = workers(generation);
	generation->deliveries = (size_t)config_number(config, "DeliveryWorkers");
	read_clients(generation);
}

/* Both sides: what clients get, and what we need to call others. */
static bool
read_tls(struct generation *generation, struct error *error)
{
	return server_tls_read(generation->config, &generation->lmtp.tls, &generation->tls, error) &&
	       agent_secure_check_mail(generation->site.secure, error);
}

static struct generation *
generation_new(void)
{
	struct generation *generation = calloc(1, sizeof *generation);

	if (generation == NULL)
		abort();
	atomic_init(&generation->holders, 1);
	atomic_init(&generation->advised, false);
	generation->arena = arena_new(ARENA_SIZE);
	return generation;
}

/* What the daemon makes of its config and settings. */
static bool
read_all(struct generation *generation, struct error *error)
{
	agent_site_init(&generation->site, generation->config);
	generation->site.secure = agent_secure_new(generation->config);
	read_limits(generation);
	return read_tls(generation, error) &&
	       (read_parameters(generation, error) || error_prefix(error, "ServerParameters"));
}

bool
generation_load(const struct generation_source *source, struct generation **loaded, struct error *error)
{
	struct generation *generation = generation_new();
	bool good = load_config(source, &generation->config, error) &&
		    settings_new(generation->config, &generation->settings, error);

	if (good) {
		settings_share_store(generation->settings);
		if (source->debug)
			debug_rules_all(&generation->settings->debug);
		good = read_all(generation, error) || error_prefix(error, "%s", source->path);
	}
	if (!good) {
		generation_drop(generation);
		return false;
	}
	*loaded = generation;
	return true;
}

bool
generation_check(struct config *config, struct error *error)
{
	struct generation *generation = generation_new();

	generation->config = config;
	bool good = settings_new(config, &generation->settings, error) && read_all(generation, error);
	generation->config = NULL; /* the caller's */
	generation_drop(generation);
	return good;
}

void
generation_advise(struct generation *generation, const char *advice)
{
	if (advice != NULL && !atomic_exchange(&generation->advised, true))
		log_warning("%s", advice);
}

struct generation *
generation_hold(struct generation *generation)
{
	atomic_fetch_add(&generation->holders, 1);
	return generation;
}

void
generation_drop(struct generation *generation)
{
	if (generation == NULL || atomic_fetch_sub(&generation->holders, 1) != 1)
		return;
	tls_context_free(generation->tls);
	agent_secure_free(generation->site.secure);
	settings_free(generation->settings);
	config_free(generation->config);
	arena_free(generation->arena);
	free(generation->clients);
	free(generation);
}
