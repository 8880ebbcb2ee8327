#include "agent/agent.h"

#include <time.h>

#include "agent/explain.h"
#include "base/log.h"

static void
task_begin(struct agent_task *task, const struct agent_site *site, const struct agent_options *options,
	   const struct agent_user *user, struct span message)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	*task = (struct agent_task){
		.site = site,
		.options = options,
		.user = *user,
		.raw = message,
		.began = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
	};
}

const char *
agent_not_learned(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;
	bool done = judgement->training == TRAINING_NONE || judgement->training == TRAINING_DONE;

	if (judgement->judged ? done : !agent_is_training(task->options))
		return NULL;
	return judgement->note != NULL ? judgement->note : "no reason is known";
}

/* What the administrator should know about a message that goes its way. */
static void
report(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;
	const char *name = task->user.name;

	if (agent_not_learned(task) != NULL)
		log_error("user %s: nothing is learned: %s", name, agent_not_learned(task));
	else if (!judgement->judged)
		log_notice("user %s: the message is not judged: %s", name,
			   judgement->note != NULL ? judgement->note : "no reason is known");
	else if (judgement->result_class == RESULT_VIRUS)
		log_notice("user %s: the virus %s was detected; the message is %s", name,
			   task->options->request.findings->virus_text, agent_way_name(task->way));
	else if (task->way == AGENT_NOWHERE && !judgement->spam && !agent_is_training(task->options) &&
		 !agent_has_summary(task))
		log_warning("user %s: an innocent message is discarded, because --deliver does not name innocent",
			    name);
}

/* The message itself is at fault, and would be so the next time. */
static bool
is_hopeless(const struct error *error)
{
	return !error->temporary && error->code == ERROR_DATA;
}

/* What should not go on for its virus does not go on because nobody could judge it. */
static bool
is_infected(const struct agent_site *site, const struct agent_options *options)
{
	const struct scan_findings *findings = options->request.findings;

	if (findings == NULL)
		return false;
	return findings->virus == VIRUS_UNKNOWN ? site->scan_or_defer
						: findings->virus == VIRUS_FOUND && site->virus != AGENT_VIRUS_ACCEPT;
}

bool
agent_judge_failed(const struct agent_site *site, const struct agent_options *options, const struct agent_user *user,
		   struct span message, struct agent_task *task, struct error *error)
{
	bool wait = (site->defer || is_infected(site, options)) && !is_hopeless(error);

	task_begin(task, site, options, user, message);
	if (error->code == ERROR_USER && !error->temporary)
		return false;
	if (wait || options->request.classify || agent_is_training(options)) {
		error->temporary = !is_hopeless(error);
		return error_prefix(error, "user %s", user->name);
	}
	task->whole = message;
	task->judgement = (struct judgement){.pieces = &task->whole, .piece_count = 1};
	task->way = agent_way_of(site, options, &task->judgement);
	log_error("user %s: %s; the message goes on unchanged", user->name, error->text);
	return true;
}

bool
agent_judge(const struct agent_site *site, struct filter *filter, struct arena *arena,
	    const struct agent_options *options, const struct agent_user *user, struct span message,
	    struct agent_task *task, struct error *error)
{
	struct request request = options->request;

	task_begin(task, site, options, user, message);
	request.known_only = user->unknown;
	request.any_user = options->trusted;
	if (!filter_judge(filter, arena, &request, user->name, message, &task->judgement, error))
		return agent_judge_failed(site, options, user, message, task, error);
	if (site->scan_or_defer && task->judgement.unscanned)
		return error_later(error, ERROR_DATA, "user %s: the message cannot be scanned for viruses: %s",
				   user->name, options->request.findings->virus_text);
	task->user.name = task->judgement.user; /* whoever it is that a signature names */
	task->way = agent_way_of(site, options, &task->judgement);
	/* a lesson by --signature alone has no message */
	if (task->judgement.piece_count == 0)
		task->way = AGENT_NOWHERE;
	report(task);
	return true;
}

bool
agent_learn(const struct agent_task *task, struct filter *filter, struct error *error)
{
	if (filter_learn(filter, &task->judgement, error))
		return true;
	error_prefix(error, "user %s: nothing is learned", task->user.name);
	if (task->way == AGENT_NOWHERE)
		return false;
	log_error("%s; the message itself is %s", error->text, agent_way_name(task->way));
	return true;
}

/* ---- the result line ------------------------------------------------------------------ */

bool
agent_has_summary(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;

	return (task->options->request.classify || (task->options->deliver & AGENT_WANT_SUMMARY)) &&
	       judgement->judged && agent_not_learned(task) == NULL;
}

bool
agent_summary(const struct agent_task *task, struct buffer *text)
{
	const struct judgement *judgement = &task->judgement;

	if (!buffer_printf(text,
			   "X-DSPAM-Result: %s; result=\"%s\"; class=\"%s\"; probability=%01.4f; confidence=%02.2f; "
			   "signature=%s\n",
			   task->user.name, judgement->spam ? "Spam" : "Innocent",
			   result_class_name(judgement->result_class), judgement->probability, judgement->confidence,
			   judgement->signature != NULL ? judgement->signature : "N/A"))
		return false;
	return !task->options->request.explain || agent_explain(judgement, text);
}
