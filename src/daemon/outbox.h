/*
 * Finished tasks on their way back to the event loop: any thread puts them in, the loop is
 * woken by a descriptor and takes them all.
 */
#ifndef DSPAM_DAEMON_OUTBOX_H
#define DSPAM_DAEMON_OUTBOX_H

#include <pthread.h>

#include "daemon/pool.h"

struct outbox {
	pthread_mutex_t mutex; /* guards the list */
	struct pool_task *first, **last;
	int wake; /* readable while there is something */
};

bool outbox_init(struct outbox *outbox, struct error *error);
void outbox_end(struct outbox *outbox);

void outbox_put(struct outbox *outbox, struct pool_task *task);

/* All that is there, linked, in the order in which it came; NULL: nothing. */
struct pool_task *outbox_take(struct outbox *outbox);

#endif
