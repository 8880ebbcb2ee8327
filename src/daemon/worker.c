#include "daemon/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/input.h"
#include "agent/record.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/recipient.h"
#include "net/stream.h"

#define KEPT_CONNECTIONS 4
#define KEPT_TIME 30000         /* milliseconds */
#define REST_TIME 10            /* seconds */
#define CONNECT_PAUSE 250000000 /* nanoseconds */

struct filter_worker {
	const struct job_route *route;
	struct generation *generation; /* of the filter */
	struct filter *filter;         /* NULL: not connected */
};

struct delivery_worker {
	const struct job_route *route;
	struct deliver_hosts *hosts;
};

/* ---- the connection to the store --------------------------------------------------- */

static void
disconnect(struct filter_worker *worker)
{
	filter_close(worker->filter);
	generation_drop(worker->generation);
	worker->filter = NULL;
	worker->generation = NULL;
}

/* A connection by the generation of the job, or NULL. */
static struct filter *
connect_for(struct filter_worker *worker, const struct job *job, struct error *error)
{
	if (worker->generation != job->generation ||
	    (worker->filter != NULL && !store_is_current(filter_store(worker->filter))))
		disconnect(worker);
	if (worker->filter != NULL)
		return worker->filter;
	if (!filter_open(job->generation->settings, &worker->filter, error)) {
		worker->filter = NULL;
		return NULL;
	}
	worker->generation = generation_hold(job->generation);
	generation_advise(worker->generation, store_warning(filter_store(worker->filter)));
	return worker->filter;
}

/* A connection that has failed is not used again. */
static void
disconnect_after(struct filter_worker *worker, const struct error *error)
{
	if (error->code != ERROR_NONE && error->code != ERROR_DATA && error->code != ERROR_USER &&
	    error->code != ERROR_USAGE)
		disconnect(worker);
}

/* ---- scan -------------------------------------------------------------------------------- */

static void
worker_scan(struct job *job)
{
	agent_scan(&job->generation->site, job_options(job), buffer_span(&job->message), &job->findings);
}

/* ---- judge ------------------------------------------------------------------------------ */

/* Only once, since it changes the message. A lesson by signature has none, but what LMTP asks for: an empty line. */
static bool
prepare(struct job *job, struct error *error)
{
	bool by_signature = job->order != NULL && job->order->options.request.signature != NULL;

	if (by_signature && span_trim(buffer_span(&job->message)).size == 0) {
		buffer_clear(&job->message);
		return true;
	}
	if (job->message.size == 0)
		return error_set(error, ERROR_DATA, "the message is empty");
	if (!job->prepared && !agent_input_prepare(&job->generation->site, &job->message, error))
		return false;
	job->prepared = true;
	return true;
}

static bool
judge_by(struct filter_worker *worker, struct job *job, const struct agent_user *user, struct error *error)
{
	const struct agent_site *site = &job->generation->site;
	struct span message = buffer_span(&job->message);
	struct filter *filter = connect_for(worker, job, error);

	if (filter == NULL)
		return agent_judge_failed(site, &job->options, user, message, &job->agent, error);
	bool judged = agent_judge(site, filter, job->arena, &job->options, user, message, &job->agent, error);
	disconnect_after(worker, error);
	return judged;
}

static bool
worker_judge(void *filter_worker, struct job *job)
{
	struct error error = {.code = ERROR_NONE};
	struct agent_user user;

	job->began = net_deadline(0);
	arena_reset(job->arena);
	job->agent = (struct agent_task){.site = NULL};
	if (!prepare(job, &error) || !recipient_settle(job, &user, &error) ||
	    !judge_by(filter_worker, job, &user, &error)) {
		recipient_failed(job, &error);
		return false;
	}
	job->agent.keep_cr = true;
	return recipient_learned(job);
}

/* ---- hand on and learn --------------------------------------------------------------------- */

/* All is done for this recipient: what remains is written down, and perhaps told. */
static void
conclude(const struct job_route *route, struct job *job)
{
	recipient_done(job);
	agent_record(&job->agent, NULL);
	notices_post(route->notices, job->generation, &job->agent);
}

static bool
worker_hand_on(void *delivery_worker, struct job *job)
{
	struct delivery_worker *worker = delivery_worker;
	struct deliver_result result;
	bool to_client = job->agent.way == AGENT_TO_STDOUT;
	bool accepted = recipient_reserve(job, &result) &&
			(to_client ? recipient_write(job, &result)
				   : agent_hand_on(&job->agent, worker->hosts, STDOUT_FILENO, &result));

	recipient_answer(job, &result);
	if (!accepted)
		agent_record(&job->agent, result.text);
	else if (!judgement_teaches(&job->agent.judgement))
		conclude(worker->route, job);
	return accepted && judgement_teaches(&job->agent.judgement);
}

/*
 * What is to be learned belongs to a message that is where it should be: nobody will come again with it. So it waits
 * for the store as long as it does when the connection is lost in the middle.
 */
static struct filter *
connect_to_learn(struct filter_worker *worker, const struct job *job, struct error *error)
{
	int64_t timeout = (int64_t)config_number(job->generation->settings->config, "StoreTimeout");
	int64_t end = clock_milliseconds() + timeout * 1000;
	struct filter *filter;

	while ((filter = connect_for(worker, job, error)) == NULL && error->temporary && clock_milliseconds() < end)
		nanosleep(&(struct timespec){.tv_nsec = CONNECT_PAUSE}, NULL);
	return filter;
}

static void
worker_learn(void *filter_worker, struct job *job)
{
	struct filter_worker *worker = filter_worker;
	struct error error = {.code = ERROR_NONE};
	struct filter *filter = connect_to_learn(worker, job, &error);
	bool learned = filter != NULL && agent_learn(&job->agent, filter, &error);

	if (filter == NULL)
		log_error("user %s: nothing is learned: %s", job->agent.user.name, error.text);
	disconnect_after(worker, &error);
	if (!learned && job->agent.way == AGENT_NOWHERE)
		recipient_failed(job, &error);
	else
		conclude(worker->route, job);
}

const struct job_steps worker_steps = {worker_scan, worker_judge, worker_hand_on, worker_learn};

/* ---- the workers of the pools ----------------------------------------------------------------- */

static void *
filter_worker_open(void *context)
{
	struct filter_worker *worker = calloc(1, sizeof *worker);

	if (worker == NULL)
		abort();
	worker->route = context;
	return worker;
}

static void
filter_worker_run(void *worker, struct pool_task *task)
{
	job_filter(((struct filter_worker *)worker)->route, worker, job_of(task));
}

static void
filter_worker_idle(void *worker)
{
	disconnect(worker);
}

static void
filter_worker_close(void *worker)
{
	disconnect(worker);
	free(worker);
}

static void *
delivery_worker_open(void *context)
{
	struct delivery_worker *worker = calloc(1, sizeof *worker);

	if (worker == NULL)
		abort();
	worker->route = context;
	worker->hosts = deliver_hosts_new(KEPT_CONNECTIONS, KEPT_TIME);
	return worker;
}

static void
delivery_worker_run(void *worker, struct pool_task *task)
{
	job_deliver(((struct delivery_worker *)worker)->route, worker, job_of(task));
}

/* The hosts have better uses for connections than to keep them for us. */
static void
delivery_worker_idle(void *context)
{
	struct delivery_worker *worker = context;

	deliver_hosts_free(worker->hosts);
	worker->hosts = deliver_hosts_new(KEPT_CONNECTIONS, KEPT_TIME);
}

static void
delivery_worker_close(void *context)
{
	struct delivery_worker *worker = context;

	deliver_hosts_free(worker->hosts);
	free(worker);
}

/* A scanner keeps nothing between messages. */
static void *
scan_worker_open(void *context)
{
	return context;
}

static void
scan_worker_run(void *worker, struct pool_task *task)
{
	job_scan(worker, job_of(task));
}

static void
scan_worker_nothing(void *worker)
{
	(void)worker;
}

const struct pool_plan worker_scan_plan = {
	.name = "scan",
	.rest = REST_TIME,
	.open = scan_worker_open,
	.run = scan_worker_run,
	.idle = scan_worker_nothing,
	.close = scan_worker_nothing,
};

const struct pool_plan worker_filter_plan = {
	.name = "filter",
	.rest = REST_TIME,
	.open = filter_worker_open,
	.run = filter_worker_run,
	.idle = filter_worker_idle,
	.close = filter_worker_close,
};

const struct pool_plan worker_delivery_plan = {
	.name = "delivery",
	.rest = REST_TIME,
	.open = delivery_worker_open,
	.run = delivery_worker_run,
	.idle = delivery_worker_idle,
	.close = delivery_worker_close,
};
