/*
 * One message on its way through the daemon, with a reply for each of its recipients.
 *
 * Scanners and lists are asked first, once for all, if there are any (by a scan worker: that waits for the network, and
 * while it hangs, mail that is not scanned, or is already, goes on). Then for each recipient in turn: judge (a filter
 * worker), hand on (a delivery worker), learn (a filter worker).
 * A job has one owner at a time: the session until it is submitted, then the worker that has it, and again the session
 * when it comes out of the outbox. Learning comes after the message has been handed on, so that what is deferred and
 * comes again is counted once.
 */
#ifndef DSPAM_DAEMON_JOB_H
#define DSPAM_DAEMON_JOB_H

#include "agent/agent.h"
#include "daemon/generation.h"
#include "daemon/notices.h"
#include "daemon/order.h"
#include "daemon/outbox.h"

/* What the mail server is told about one recipient. */
struct job_reply {
	unsigned code; /* 0: nothing yet */
	char enhanced[12];
	char text[400];
};

struct job {
	struct pool_task task; /* first, so that a task is its job */
	void *owner;           /* the session */
	struct generation *generation;

	struct span sender;
	const struct span *recipients; /* the session's, as is the sender */
	size_t count;
	struct buffer message; /* the job's own */
	bool prepared;
	bool to_scan; /* somebody is to be asked about it first */
	struct scan_findings findings;
	struct order *order; /* of a client of ours, the job's own; NULL: by LMTP, as ServerParameters says */

	size_t current; /* the recipient that is worked on */
	bool learning;  /* its message has been handed on */
	struct job_reply *replies;

	/* for the current recipient */
	struct arena *arena;
	struct agent_options options;
	struct agent_task agent;
	int64_t began; /* milliseconds on the monotonic clock */
};

/* How a recipient is served; a table, so that tests can watch the order. */
struct job_steps {
	/* Fills job->findings. */
	void (*scan)(struct job *job);
	/* False: it is answered, and there is nothing to hand on. */
	bool (*judge)(void *filter_worker, struct job *job);
	/* Answers it. False: there is nothing to learn. */
	bool (*hand_on)(void *delivery_worker, struct job *job);
	/* May change the answer, when the message went nowhere. */
	void (*learn)(void *filter_worker, struct job *job);
};

/* Where jobs go. */
struct job_route {
	const struct job_steps *steps;
	struct pool *scanners, *filters, *deliveries;
	struct pool *learners; /* filter workers, too, for stores with one writer at a time; NULL: the filters learn */
	struct notices *notices; /* NULL: none are sent */
	struct outbox *outbox;
};

/* Takes `message` over, and holds the generation. Sender and recipients must outlive it. */
struct job *job_new(struct generation *generation, struct span sender, const struct span *recipients, size_t count,
		    struct buffer *message);
void job_free(struct job *job);

static inline struct job *
job_of(struct pool_task *task)
{
	return (struct job *)task;
}

/* How it is to be worked on: as its client says, else as ServerParameters do. */
const struct agent_options *job_options(const struct job *job);

/* Send it on its way; should there be no room, it is answered with 451 and comes out at once. */
void job_submit(const struct job_route *route, struct job *job);

/* What a worker of each pool does with it. */
void job_scan(const struct job_route *route, struct job *job);
void job_filter(const struct job_route *route, void *filter_worker, struct job *job);
void job_deliver(const struct job_route *route, void *delivery_worker, struct job *job);

/* The reply for the current recipient: "<recipient> text". */
void job_answer(struct job *job, unsigned code, const char *enhanced, const char *text);

#endif
