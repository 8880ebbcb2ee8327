/*
 * Notices to users: about their first message, their first spam, and a quarantine that has become large
 * (Notifications; dspam-behaviour: messages 13). The texts are firstrun.txt, firstspam.txt and quarantinefull.txt
 * in TxtDirectory; $u in them is the user.
 *
 * A notice comes after the message that it is about, and whatever becomes of it, the message is none the worse. A file
 * in the user's directory (.firstrun, .firstspam, .mboxwarn) tells that it was sent, so that it is sent once; if
 * it cannot be sent the file goes, and the next message tries again.
 *
 * A notice owns its memory but for the site and the delivery arguments of the task that it was made from, which must
 * outlive it. It belongs to one thread at a time.
 */
#ifndef DSPAM_AGENT_NOTICE_H
#define DSPAM_AGENT_NOTICE_H

#include "agent/agent.h"

struct agent_notice;

/*
 * The notices that are due after `task` was handed on, their files made; NULL: none, or there is no way to send one
 * apart from standard output, where only the message itself belongs.
 */
struct agent_notice *agent_notices_due(const struct agent_task *task);

/* Put `more` behind the notices of a list. */
void agent_notices_join(struct agent_notice **list, struct agent_notice *more);

/* Send one and all that follow it, as to a recipient of innocent mail, each within some seconds; and free them. */
void agent_notices_send(struct agent_notice *notices, struct deliver_hosts *hosts);

/* Free them unsent; the next message makes them due again. NULL is allowed. */
void agent_notices_drop(struct agent_notice *notices);

#endif
