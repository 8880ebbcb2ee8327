/* The current recipient of a job: which user it is, what its client is told, and what the log says. */
#ifndef DSPAM_DAEMON_RECIPIENT_H
#define DSPAM_DAEMON_RECIPIENT_H

#include "daemon/job.h"

/* Fill job->options, and find the user: the recipient itself, or another that the arguments or the headers name. */
bool recipient_settle(struct job *job, struct agent_user *user, struct error *error);

/* Answer a failure. */
void recipient_failed(struct job *job, const struct error *error);

/*
 * False, after an answer, when a lesson was asked for that cannot be made, and there is nothing to hand on either:
 * who teaches must hear that nothing was learned. (With Compat trainingReplies he does not.)
 */
bool recipient_learned(struct job *job);

/*
 * Before it is handed on: room for its result line, if that is wanted. Without it nothing is handed on, because
 * afterwards no failure could be answered any more: the message would come again.
 */
bool recipient_reserve(struct job *job, struct deliver_result *result);

/* Answer what became of handing it on. */
void recipient_answer(struct job *job, const struct deliver_result *result);

/* In place of agent_hand_on, for --stdout: to the client. */
bool recipient_write(struct job *job, struct deliver_result *result);

/* All is done: the result line, if it is wanted, and the log. */
void recipient_done(struct job *job);

#endif
