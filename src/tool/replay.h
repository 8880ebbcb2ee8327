/*
 * A replay of labelled mail, for dspam_eval: gives each message to the filter, notes what it said, and
 * sums up how good it was.
 */
#ifndef DSPAM_TOOL_REPLAY_H
#define DSPAM_TOOL_REPLAY_H

#include <stdio.h>

#include "tool/corpus.h"
#include "tool/figures.h"
#include "tool/teacher.h"

struct replay {
	struct teacher *teacher;
	const struct corpus *corpus;
	size_t skip, limit; /* messages of the corpus: left out at the beginning, then taken */
	FILE *scores;       /* "gold verdict score" of each message, or NULL */
	FILE *trace;        /* "N gold Spam|Innocent class probability confidence", or NULL */

	struct figures_list said;
	size_t unreadable, not_judged;
	int interrupted; /* the signal that stopped it; 0: none */
};

/* Files that cannot be read are named in the log and counted. SIGINT, SIGTERM and SIGHUP stop it early. */
bool replay_run(struct replay *replay, struct error *error);

/* The figures and times; sorts `said`. */
void replay_print(struct replay *replay, FILE *out);
/* The same as JSON; null for what is undefined. */
void replay_print_json(struct replay *replay, FILE *out);

#endif
