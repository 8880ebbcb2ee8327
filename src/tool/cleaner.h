/*
 * Purges the users of a store, one after the other, in batches with pauses between, so that mail need not wait.
 *
 * Owns nothing but an arena. For one thread. What was removed before a failure stays removed.
 */
#ifndef DSPAM_TOOL_CLEANER_H
#define DSPAM_TOOL_CLEANER_H

#include "filter/preferences.h"
#include "filter/settings.h"
#include "tool/purge_rule.h"

struct cleaner {
	const struct settings *settings;
	struct store *store;
	struct preference_defaults *defaults;
	struct arena *arena;
	struct purge_ages ages;
	int32_t today;
};

struct cleaned {
	size_t tokens;  /* that were looked at */
	size_t removed; /* of them */
	size_t signatures;
};

bool cleaner_begin(struct cleaner *cleaner, const struct settings *settings, struct store *store, struct error *error);
void cleaner_end(struct cleaner *cleaner);

/* `cleaned` tells what was done also when it fails. */
bool cleaner_clean(struct cleaner *cleaner, const char *user, store_uid uid, struct cleaned *cleaned,
		   struct error *error);

#endif
