/*
 * A replay of labelled mail, for dspam_eval: gives each message to all contenders, and each what its user says of it
 * when the time has come. A message is read once for all of them, and once more where its report comes late.
 */
#ifndef DSPAM_TOOL_REPLAY_H
#define DSPAM_TOOL_REPLAY_H

#include "tool/contender.h"
#include "tool/corpus.h"

struct replay {
	struct contender *contenders;
	size_t count;
	const struct corpus *corpus;
	size_t skip, limit; /* messages of the corpus: left out at the beginning, then taken */
	bool shuffle;       /* mix those that are taken */
	uint64_t shuffle_seed;

	size_t unreadable;
	int interrupted; /* the signal that stopped it; 0: none */
};

/* Files that cannot be read are named in the log and counted. SIGINT, SIGTERM and SIGHUP stop it early. */
bool replay_run(struct replay *replay, struct error *error);

#endif
