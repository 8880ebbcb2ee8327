/*
 * One client: its socket, its LMTP session, and the message that is being worked on.
 *
 * Belongs to the event loop's thread. While a message is worked on, and while replies
 * wait to be written, the socket is not read, so that a client makes us keep one message and
 * one batch of replies at most. All replies to what came together go out in one write.
 */
#ifndef DSPAM_DAEMON_SESSION_H
#define DSPAM_DAEMON_SESSION_H

#include <event2/event.h>
#include <sys/queue.h>

#include "daemon/job.h"
#include "daemon/listener.h"

struct session;

LIST_HEAD(session_list, session);

/* What a session asks of the daemon. */
struct session_host {
	struct event_base *base;
	/* The generation that is in force now; the session holds it for as long as it needs it. */
	struct generation *(*generation)(void *context);
	/* Its job is to be done, and handed to session_finish. */
	void (*submit)(void *context, struct job *job);
	/* A session has ended and is gone. */
	void (*ended)(void *context);
	void *context;
	struct session_list sessions; /* all that there are */
};

/*
 * Greet a client and serve it; takes over the socket, which is non-blocking. With a `refusal` (one line) the
 * client is told 421 and that text, which must outlive the session, instead.
 */
void session_new(struct session_host *host, int socket, enum listener_kind kind, const char *refusal);

/* The job is done: reply, free it, go on. */
void session_finish(struct job *job);

/* End it as soon as no message is under way: at once, or after the replies to it. */
void session_stop(struct session *session);

/* Close it here and now. Not while it has a job. */
void session_close(struct session *session);

/* Call `each` for all sessions of the list; it may end the one that it is given. */
void session_each(struct session_list *list, void (*each)(struct session *session));

#endif
