#include "daemon/recipient.h"

#include <stdio.h>

#include "agent/input.h"
#include "agent/lookup.h"
#include "base/log.h"
#include "net/stream.h"

/* ---- who it is ------------------------------------------------------------------------ */

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for the names of the recipients");
}

/* By LMTP: ServerParameters, and the envelope. *user may be that of the parameters, who take turns. */
static bool
settle_parameters(struct job *job, const char **user, const char **recipient, struct error *error)
{
	const struct agent_options *parameters = &job->generation->options;
	size_t named = parameters->users.count;

	job->options = *parameters;
	job->options.sender = arena_copy(job->arena, job->sender);
	*recipient = arena_copy(job->arena, job->recipients[job->current]);
	*user = named > 0 ? parameters->users.items[job->current % named] : *recipient;
	return (*recipient != NULL && job->options.sender != NULL) || no_room(error);
}

/* A user whom the headers have named is not called by the envelope. */
static bool
name_delivery(struct job *job, const char *user, struct error *error)
{
	struct span *name = &job->order->names[job->current];
	const char *copy = arena_copy(job->order->arena, span_from(user));

	if (copy == NULL)
		return no_room(error);
	*name = span_from(copy);
	return true;
}

bool
recipient_settle(struct job *job, struct agent_user *user, struct error *error)
{
	const struct agent_site *site = &job->generation->site;
	const char *name = NULL, *recipient = NULL;

	if (job->order == NULL) {
		if (!settle_parameters(job, &name, &recipient, error))
			return false;
	} else {
		job->options = job->order->options;
		order_delivery(job->order, job->current, &name, &recipient);
	}
	job->options.request.findings = &job->findings;
	/* from RCPT TO, which stands for the user and the recipient */
	const char *both = job->order == NULL                                      ? recipient
			   : recipient == NULL && job->current < job->order->given ? name
										   : NULL;
	job->options.users = (struct agent_list){.items = NULL};
	if (name != NULL && !agent_list_add(job->arena, &job->options.users, name))
		return no_room(error);
	if (!agent_input_address(site, job->arena, buffer_span(&job->message), &job->options, error))
		return false;
	const char *settled = job->options.users.items[0];
	if (name == NULL && !name_delivery(job, settled, error))
		return false;
	bool valid = settled == both ? agent_user_of_recipient(site, job->arena, both, user, error)
				     : agent_user_of(site, job->arena, settled, recipient != NULL ? recipient : both,
						     user, error);
	return valid && agent_lookup(site, job->arena, user, error);
}

/* ---- what is said ------------------------------------------------------------------------ */

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
void
recipient_failed(struct job *job, const struct error *error)
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

bool
recipient_learned(struct job *job)
{
	const char *why = agent_not_learned(&job->agent);
	char text[400];

	if (why == NULL || job->agent.way != AGENT_NOWHERE || job->generation->site.original_replies)
		return true;
	snprintf(text, sizeof text, "Nothing is learned: %s", why);
	job_answer(job, 554, "5.6.0", text);
	log_recipient(job, "refused");
	return false;
}

static void
answer_accepted(struct job *job)
{
	const struct judgement *judgement = &job->agent.judgement;

	if (job->order == NULL)
		job_answer(job, 250, "2.6.0", "Message accepted for delivery");
	else
		job_answer(job, 250, "2.6.0",
			   judgement->judged && judgement->spam ? "Message accepted for delivery: SPAM"
								: "Message accepted for delivery: INNOCENT");
}

void
recipient_answer(struct job *job, const struct deliver_result *result)
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
		answer_accepted(job);
		return;
	}
	job_answer(job, answers[result->outcome].code,
		   result->enhanced[0] == answers[result->outcome].class ? result->enhanced
									 : answers[result->outcome].fallback,
		   result->text);
	log_recipient(job, answers[result->outcome].status);
}

/* ---- what the client gets --------------------------------------------------------------- */

static bool
too_long(struct deliver_result *result)
{
	return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.1",
				  "The answer gets too long; send the message for fewer users at once");
}

/* Behind the message, or in its place; what recipient_write does is another matter. */
static bool
wants_summary(const struct job *job)
{
	return job->order != NULL && job->agent.way != AGENT_TO_STDOUT && agent_has_summary(&job->agent);
}

bool
recipient_reserve(struct job *job, struct deliver_result *result)
{
	return !wants_summary(job) || order_reserve_summary(job->order, &job->agent) || too_long(result);
}

bool
recipient_write(struct job *job, struct deliver_result *result)
{
	struct order *order = job->order;

	/* the result line stands before the message, as on the command line */
	if (agent_has_summary(&job->agent) && !order_add_summary(order, &job->agent))
		return too_long(result);
	if (!order_add_message(order, &job->agent))
		return too_long(result);
	return deliver_result_set(result, DELIVER_ACCEPTED, "2.0.0", "Written to the client");
}

void
recipient_done(struct job *job)
{
	if (wants_summary(job) && !order_add_summary(job->order, &job->agent))
		log_error("user %s: no memory is left for the result line", job->agent.user.name);
	log_recipient(job, agent_way_name(job->agent.way));
}
