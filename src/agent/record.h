/*
 * What a message leaves behind in the files of its user, once its fate is known (dspam-behaviour: messages 9, 10):
 * lines in user.log and system.log (UserLog, SystemLog), the totals in user.stats (WebStats), a fragment
 * (storeFragments) and a copy (makeCorpus).
 *
 * None of this may cost anybody a message: what cannot be written is logged as a warning, and that is all.
 */
#ifndef DSPAM_AGENT_RECORD_H
#define DSPAM_AGENT_RECORD_H

#include "agent/agent.h"

/*
 * Record `task` after it was handed on and learned, or with `failure`, why it could not be handed on. Does nothing for
 * --classify, for mail that was not judged, and for lessons of which nothing came.
 */
void agent_record(const struct agent_task *task, const char *failure);

/* Whose files hold it: the user, or his localStore. */
const char *agent_record_owner(const struct agent_task *task);

#endif
