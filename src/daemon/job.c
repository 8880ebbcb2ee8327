#include "daemon/job.h"

#include <stdio.h>
#include <stdlib.h>

struct job *
job_new(struct generation *generation, struct span sender, const struct span *recipients, size_t count,
	struct buffer *message)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		abort();
	job->generation = generation_hold(generation);
	job->sender = sender;
	job->recipients = recipients;
	job->count = count;
	job->message = *message;
	*message = BUFFER_INIT(0);
	job->arena = arena_new(filter_arena_ceiling(job->message.size));
	job->replies = calloc(count, sizeof *job->replies);
	if (job->replies == NULL)
		abort();
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	generation_drop(job->generation);
	buffer_free(&job->message);
	arena_free(job->arena);
	order_free(job->order);
	free(job->replies);
	free(job);
}

void
job_answer(struct job *job, unsigned code, const char *enhanced, const char *text)
{
	struct job_reply *reply = &job->replies[job->current];
	const struct span *recipient = &job->recipients[job->current];
	int shown = recipient->size < 200 ? (int)recipient->size : 200;

	reply->code = code;
	snprintf(reply->enhanced, sizeof reply->enhanced, "%s", enhanced);
	snprintf(reply->text, sizeof reply->text, "<%.*s> %s", shown, recipient->data, text);
}

/* Put it into a queue that has room for all jobs there can be; should it be full all the same, nobody waits for ever.
 */
static void
job_queue(const struct job_route *route, struct pool *pool, struct job *job)
{
	if (pool_push(pool, &job->task))
		return;
	for (; job->current < job->count; job->current++)
		if (job->replies[job->current].code == 0)
			job_answer(job, 451, "4.3.2", "Too many messages wait, try again later");
	outbox_put(route->outbox, &job->task);
}

const struct agent_options *
job_options(const struct job *job)
{
	return job->order != NULL ? &job->order->options : &job->generation->options;
}

void
job_submit(const struct job_route *route, struct job *job)
{
	job->to_scan = agent_wants_scan(&job->generation->site, job_options(job), job->message.size);
	job_queue(route, job->to_scan ? route->scanners : route->filters, job);
}

void
job_scan(const struct job_route *route, struct job *job)
{
	route->steps->scan(job);
	job->to_scan = false;
	job_queue(route, route->filters, job);
}

void
job_filter(const struct job_route *route, void *filter_worker, struct job *job)
{
	if (job->learning) {
		route->steps->learn(filter_worker, job);
		job->learning = false;
		job->current++;
	}
	for (; job->current < job->count; job->current++) {
		if (route->steps->judge(filter_worker, job)) {
			job_queue(route, route->deliveries, job);
			return;
		}
	}
	outbox_put(route->outbox, &job->task);
}

void
job_deliver(const struct job_route *route, void *delivery_worker, struct job *job)
{
	job->learning = route->steps->hand_on(delivery_worker, job);
	if (!job->learning)
		job->current++;
	if (job->learning && route->learners != NULL)
		job_queue(route, route->learners, job);
	else if (job->current < job->count)
		job_queue(route, route->filters, job);
	else
		outbox_put(route->outbox, &job->task);
}
