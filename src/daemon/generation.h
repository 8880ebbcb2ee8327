/*
 * One reading of dspam.conf, as the daemon works with it.
 *
 * It does not change once it is made, and is counted: whoever works by it holds it, and the last
 * one to drop it frees it. So a new reading takes over (SIGHUP) without a message noticing.
 */
#ifndef DSPAM_DAEMON_GENERATION_H
#define DSPAM_DAEMON_GENERATION_H

#include <stdatomic.h>

#include "agent/options.h"
#include "filter/settings.h"
#include "net/tls_context.h"
#include "wire/lmtp_server.h"

struct generation {
	atomic_uint holders;
	atomic_bool advised; /* generation_advise */
	struct config *config;
	struct settings *settings;
	struct agent_site site;
	struct arena *arena;
	struct agent_options options; /* ServerParameters */
	struct span *clients;         /* names that have a ServerPass, for lmtp */

	struct lmtp_server_settings lmtp;
	struct tls_context *tls; /* NULL: clients cannot have it */
	int64_t timeout;         /* ServerTimeout in milliseconds */
	size_t connections, workers, deliveries;
};

/* What is read, and how strict: while there is an older generation, errors in a new one keep it out. */
struct generation_source {
	const char *path;
	const char *profile; /* NULL: DefaultProfile */
	bool replaces;
	bool debug; /* --debug: tell how every message is judged */
};

/* Read the configuration; what is wrong in it is logged with file and line. The caller holds the result. */
bool generation_load(const struct generation_source *source, struct generation **generation, struct error *error);

/* Whether a daemon could work by this configuration, in which nothing else is wrong. */
bool generation_check(struct config *config, struct error *error);

/* Log what the store could do better with, once for all of its connections; NULL: nothing. For any thread. */
void generation_advise(struct generation *generation, const char *advice);

struct generation *generation_hold(struct generation *generation);
/* NULL is allowed. */
void generation_drop(struct generation *generation);

#endif
