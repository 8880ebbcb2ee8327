#include "daemon/notices.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/pool.h"

#define CAPACITY 1000   /* that may wait */
#define REST 10         /* seconds without one, until the connections are closed */
#define CONNECTIONS 1   /* that are kept */
#define IDLE_TIME 10000 /* milliseconds for which they are */

struct notices {
	struct pool *pool;
	atomic_bool ending;
};

/* What is sent after one message. */
struct posting {
	struct pool_task task; /* first, so that a task is its posting */
	struct generation *generation;
	struct agent_notice *notices;
};

struct sender {
	struct notices *notices;
	struct deliver_hosts *hosts;
};

static void *
sender_open(void *context)
{
	struct sender *sender = calloc(1, sizeof *sender);

	if (sender == NULL)
		abort();
	sender->notices = context;
	sender->hosts = deliver_hosts_new(CONNECTIONS, IDLE_TIME);
	return sender;
}

static void
sender_run(void *worker, struct pool_task *task)
{
	struct sender *sender = worker;
	struct posting *posting = (struct posting *)task;

	if (atomic_load(&sender->notices->ending))
		agent_notices_drop(posting->notices);
	else
		agent_notices_send(posting->notices, sender->hosts);
	generation_drop(posting->generation);
	free(posting);
}

static void
sender_idle(void *worker)
{
	struct sender *sender = worker;

	deliver_hosts_free(sender->hosts);
	sender->hosts = deliver_hosts_new(CONNECTIONS, IDLE_TIME);
}

static void
sender_close(void *worker)
{
	struct sender *sender = worker;

	deliver_hosts_free(sender->hosts);
	free(sender);
}

bool
notices_new(struct notices **made, struct error *error)
{
	struct notices *notices = calloc(1, sizeof *notices);

	if (notices == NULL)
		abort();
	const struct pool_plan plan = {
		.name = "notices",
		.workers = 1,
		.capacity = CAPACITY,
		.rest = REST,
		.open = sender_open,
		.run = sender_run,
		.idle = sender_idle,
		.close = sender_close,
		.context = notices,
	};
	notices->pool = pool_new(&plan, error);
	if (notices->pool == NULL) {
		free(notices);
		return false;
	}
	*made = notices;
	return true;
}

void
notices_post(struct notices *notices, struct generation *generation, const struct agent_task *task)
{
	struct agent_notice *due = notices != NULL ? agent_notices_due(task) : NULL;

	if (due == NULL)
		return;
	struct posting *posting = calloc(1, sizeof *posting);
	if (posting == NULL)
		abort();
	posting->generation = generation_hold(generation);
	posting->notices = due;
	if (pool_push(notices->pool, &posting->task))
		return;
	agent_notices_drop(due);
	generation_drop(generation);
	free(posting);
}

void
notices_free(struct notices *notices)
{
	if (notices == NULL)
		return;
	atomic_store(&notices->ending, true);
	pool_free(notices->pool);
	free(notices);
}
