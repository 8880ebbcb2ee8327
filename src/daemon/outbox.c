#include "daemon/outbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool
outbox_init(struct outbox *outbox, struct error *error)
{
	outbox->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (outbox->wake < 0)
		return error_set(error, ERROR_OS, "cannot make a descriptor to wake the event loop: %m");
	pthread_mutex_init(&outbox->mutex, NULL);
	outbox->first = NULL;
	outbox->last = &outbox->first;
	return true;
}

void
outbox_end(struct outbox *outbox)
{
	close(outbox->wake);
	pthread_mutex_destroy(&outbox->mutex);
}

void
outbox_put(struct outbox *outbox, struct pool_task *task)
{
	pthread_mutex_lock(&outbox->mutex);
	bool was_empty = outbox->first == NULL;
	task->next = NULL;
	*outbox->last = task;
	outbox->last = &task->next;
	pthread_mutex_unlock(&outbox->mutex);
	if (was_empty)
		eventfd_write(outbox->wake, 1);
}

struct pool_task *
outbox_take(struct outbox *outbox)
{
	eventfd_t count;

	/* First the descriptor: what is put in from now on makes it readable again. */
	eventfd_read(outbox->wake, &count);
	pthread_mutex_lock(&outbox->mutex);
	struct pool_task *first = outbox->first;
	outbox->first = NULL;
	outbox->last = &outbox->first;
	pthread_mutex_unlock(&outbox->mutex);
	return first;
}
