#include "daemon/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "agent/input.h"
#include "agent/lookup.h"
#include "agent/record.h"
#include "base/log.h"
#include "net/stream.h"

#define KEPT_CONNECTIONS 4
#define KEPT_TIME 30000 /* milliseconds */
#define REST_TIME 10    /* seconds */

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
	if (worker->generation != job->generation)
		disconnect(worker);
	if (worker->filter != NULL)
		return worker->filter;
	if (!filter_open(job->generation->settings, &worker->filter, error)) {
		worker->filter = NULL;
		return NULL;
	}
	worker->generation = generation_hold(job->generation);
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

/* ---- answers and the log ------------------------------------------------------------- */

/* One line for each recipient: who, what it is, what became of it, how long it took. */
static void
log_recipient(const struct job *job, const char *status)
{
	const struct judgement *judgement = &job->agent.judgement;
	const struct span *recipient = &job->recipients[job->current];

	log_info("user=%s recipient=<%.*s> result=%s status=%s signature=%s size=%zu ms=%lld",
		 job->agent.user.name != NULL ? job->agent.user.name : "-",
		 recipient->size < 200 ? (int)recipient->size : 200, recipient->data,
		 judgement->judged ? result_class_name(judgement->result_class) : "-", status,
		 judgement->judged && judgement->signature != NULL ? judgement->signature : "-", job->message.size,
		 (long long)(net_deadline(0) - job->began));
}

/* Only what is wrong with the message or its user itself is for good; all else may be better later. */
static void
answer_error(struct job *job, const struct error *error)
{
	bool user = error->code == ERROR_USER;
	bool for_good = !error->temporary && (user || error->code == ERROR_DATA || error->code == ERROR_USAGE);

	if (for_good)
		job_answer(job, user ? 550 : 554, user ? "5.1.1" : "5.6.0", error->text);
	else
		job_answer(job, 451, "4.3.0", error->text);
	log_error("%s: %s", for_good ? "refused" : "deferred", error->text);
	log_recipient(job, for_good ? "refused" : "deferred");
}

static void
answer_result(struct job *job, const struct deliver_result *result)
{
	static const struct {
		unsigned code;
		char class;
		const char *fallback, *status;
	} answers[] = {
		[DELIVER_TEMPORARY] = {451, '4', "4.3.0", "deferred"},
		[DELIVER_PERMANENT] = {550, '5', "5.3.0", "refused"},
	};

	if (result->outcome == DELIVER_ACCEPTED) {
		job_answer(job, 250, "2.6.0", "Message accepted for delivery");
		return;
	}
	job_answer(job, answers[result->outcome].code,
		   result->enhanced[0] == answers[result->outcome].class ? result->enhanced
									 : answers[result->outcome].fallback,
		   result->text);
	log_recipient(job, answers[result->outcome].status);
}

/* ---- judge ------------------------------------------------------------------------------ */

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for the names of the recipients");
}

/* The options for the current recipient: those of ServerParameters, with envelope and user. */
static bool
settle_options(struct job *job, const char **recipient, struct error *error)
{
	const struct agent_options *parameters = &job->generation->options;
	struct agent_options *options = &job->options;
	bool named = parameters->users.count > 0;

	*options = *parameters;
	*recipient = arena_copy(job->arena, job->recipients[job->current]);
	options->sender = arena_copy(job->arena, job->sender);
	options->users = (struct agent_list){.items = NULL};
	if (*recipient == NULL || options->sender == NULL)
		return no_room(error);
	/* users that ServerParameters names take turns */
	const char *user = named ? parameters->users.items[job->current % parameters->users.count] : *recipient;
	if (!agent_list_add(job->arena, &options->users, user))
		return no_room(error);
	return agent_input_address(&job->generation->site, job->arena, buffer_span(&job->message), options, error);
}

/* The user: the recipient itself, or another that the parameters or the headers have named. */
static bool
settle_user(struct job *job, struct agent_user *user, struct error *error)
{
	const struct agent_site *site = &job->generation->site;
	const char *recipient, *name;

	if (!settle_options(job, &recipient, error))
		return false;
	name = job->options.users.items[0];
	bool valid = name == recipient ? agent_user_of_recipient(site, job->arena, recipient, user, error)
				       : agent_user_of(site, job->arena, name, recipient, user, error);
	return valid && agent_lookup(site, job->arena, user, error);
}

/* Only once, since it changes the message. */
static bool
prepare(struct job *job, struct error *error)
{
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
	if (!prepare(job, &error) || !settle_user(job, &user, &error) || !judge_by(filter_worker, job, &user, &error)) {
		answer_error(job, &error);
		return false;
	}
	job->agent.keep_cr = true;
	return true;
}

/* ---- hand on and learn --------------------------------------------------------------------- */

/* All is done for this recipient: what remains is written down, and perhaps told. */
static void
conclude(const struct job_route *route, struct job *job)
{
	log_recipient(job, agent_way_name(job->agent.way));
	agent_record(&job->agent, NULL);
	notices_post(route->notices, job->generation, &job->agent);
}

static bool
worker_hand_on(void *delivery_worker, struct job *job)
{
	struct delivery_worker *worker = delivery_worker;
	struct deliver_result result;
	bool accepted = agent_hand_on(&job->agent, worker->hosts, STDOUT_FILENO, &result);

	answer_result(job, &result);
	if (!accepted)
		agent_record(&job->agent, result.text);
	else if (!job->agent.judgement.has_lesson)
		conclude(worker->route, job);
	return accepted && job->agent.judgement.has_lesson;
}

static void
worker_learn(void *filter_worker, struct job *job)
{
	struct filter_worker *worker = filter_worker;
	struct error error = {.code = ERROR_NONE};
	struct filter *filter = connect_for(worker, job, &error);
	bool learned = filter != NULL && agent_learn(&job->agent, filter, &error);

	if (filter == NULL)
		log_error("user %s: nothing is learned: %s", job->agent.user.name, error.text);
	disconnect_after(worker, &error);
	if (!learned && job->agent.way == AGENT_NOWHERE)
		answer_error(job, &error);
	else
		conclude(worker->route, job);
}

const struct job_steps worker_steps = {worker_judge, worker_hand_on, worker_learn};

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
