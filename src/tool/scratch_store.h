/*
 * A store that is thrown away: settings are pointed to it, so that trying them changes nothing that is kept.
 */
#ifndef DSPAM_TOOL_SCRATCH_STORE_H
#define DSPAM_TOOL_SCRATCH_STORE_H

#include <limits.h>

#include "filter/settings.h"

struct scratch_store {
	struct store_options site; /* what dspam.conf says; back in the settings at the end */
	struct store_option *options;
	char directory[PATH_MAX]; /* empty for a store in memory */
	char file[PATH_MAX];
};

/* `driver`: "memory", or "sqlite" in a new directory below $TMPDIR. */
bool scratch_store_begin(struct scratch_store *scratch, struct settings *settings, const char *driver,
			 struct error *error);
void scratch_store_end(struct scratch_store *scratch, struct settings *settings);

#endif
