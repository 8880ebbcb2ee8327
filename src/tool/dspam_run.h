/* One run of dspam: a message from standard input, for all its users. For the main thread. */
#ifndef DSPAM_TOOL_DSPAM_RUN_H
#define DSPAM_TOOL_DSPAM_RUN_H

#include "agent/agent.h"

struct dspam_run {
	const char *name;    /* of the program */
	struct arena *arena; /* for all of the run */
	struct agent_options options;
	struct agent_site site;
	struct config *config;
	bool to_stderr; /* the log goes to standard error too */
};

/*
 * Take the message through. False: the run as a whole has failed. Else *status is the exit status:
 * with users of different fates the one that keeps the mail from being lost, temporary failure
 * before permanent failure before success.
 */
bool dspam_run(struct dspam_run *run, int *status, struct error *error);

#endif
