/* What the events of a session with one of our clients are answered. In the event loop. */
#ifndef DSPAM_DAEMON_DIALOGUE_H
#define DSPAM_DAEMON_DIALOGUE_H

#include "daemon/job.h"

/* LMTP_SERVER_LOGIN. A wrong password is logged with the address of the `peer`, for programs that lock such hosts out.
 */
void dialogue_login(struct lmtp_server *lmtp, const struct config *config, const char *peer);

/*
 * LMTP_SERVER_DATA: what is to be done is known before the message comes, so that what cannot be done is refused
 * before it. *order is replaced.
 */
void dialogue_data(struct lmtp_server *lmtp, const struct generation *generation, struct order **order);

/* The job is done, of whatever protocol: its replies, or the text that was asked for. */
void dialogue_finish(struct lmtp_server *lmtp, struct job *job);

#endif
