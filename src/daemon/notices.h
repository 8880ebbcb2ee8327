/*
 * Notices on their way to users (agent/notice.h), in a thread of their own: a next hop that is slow to take them
 * holds up nobody's mail.
 */
#ifndef DSPAM_DAEMON_NOTICES_H
#define DSPAM_DAEMON_NOTICES_H

#include "agent/notice.h"
#include "daemon/generation.h"

struct notices;

/* Start the thread. False: the system has none to give. */
bool notices_new(struct notices **notices, struct error *error);

/*
 * Send what is due after the message of `task`, made by `generation`, was handed on. Any thread; returns at once. When
 * too many wait, it is for the next message to make them due again.
 */
void notices_post(struct notices *notices, struct generation *generation, const struct agent_task *task);

/* End; what still waits is dropped, and due again. NULL is allowed. */
void notices_free(struct notices *notices);

#endif
