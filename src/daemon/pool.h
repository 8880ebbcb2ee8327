/*
 * Threads that take tasks from one queue. Of those with nothing to do the one that worked last is
 * woken first, so that little work keeps few connections busy, and those warm.
 *
 * Tasks are links inside the caller's own structs, so that handing one over never
 * fails for want of memory. Any thread may push, also a worker of this or another pool. The
 * signals of the process are blocked in all workers.
 */
#ifndef DSPAM_DAEMON_POOL_H
#define DSPAM_DAEMON_POOL_H

#include <stddef.h>
#include <stdbool.h>

#include "base/error.h"

struct pool;

struct pool_task {
	struct pool_task *next;
};

struct pool_plan {
	const char *name; /* of the threads, at most 10 bytes */
	size_t workers;
	size_t capacity; /* tasks that may wait */
	int rest;        /* seconds without a task after which a worker rests */

	/* All are called in the worker's own thread; what open returns is given to the others. */
	void *(*open)(void *context);
	void (*run)(void *worker, struct pool_task *task);
	void (*idle)(void *worker); /* it rests, and should let go of what it only keeps for speed */
	void (*close)(void *worker);
	void *context;
};

/* Start the threads. NULL: the system has none to give. */
struct pool *pool_new(const struct pool_plan *plan, struct error *error);

/* False when too many tasks wait, or the pool has ended. */
bool pool_push(struct pool *pool, struct pool_task *task);

/* Finish the tasks that wait, end the threads, and take no more tasks. NULL is allowed. */
void pool_end(struct pool *pool);

/* End it, if that has not been done. Nobody may push any more: pools that push to each other all end first. */
void pool_free(struct pool *pool);

#endif
