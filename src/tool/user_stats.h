/* The statistics of one user as dspam_stats and dspam_train print them. */
#ifndef DSPAM_TOOL_USER_STATS_H
#define DSPAM_TOOL_USER_STATS_H

#include "filter/home.h"
#include "store/store.h"
#include "tool/tally.h"

struct user_stats {
	struct store *store;
	const struct home *home;
	struct json *json; /* write objects, under `key`; NULL: text, in this form */
	const char *key;
	enum tally_form form;
	bool since_snapshot; /* -s */
	bool snapshot;       /* -r: write one; one that is there is read before */
	bool sum;            /* -t */
	struct tally total;  /* of all that were printed */
};

/* A user whom the store does not know has zeros. Without `out` and `json` only the snapshot is written. */
bool user_stats_print(struct user_stats *stats, const char *user, FILE *out, struct error *error);

#endif
