#include "agent/way.h"

static bool
wants(const struct agent_options *options, bool spam)
{
	return options->deliver & (spam ? AGENT_WANT_SPAM : AGENT_WANT_INNOCENT);
}

static enum agent_way
deliver(const struct agent_site *site, const struct agent_options *options, bool spam)
{
	if (options->to_stdout)
		return AGENT_TO_STDOUT;
	return spam && site->quarantine_mailbox != NULL ? AGENT_TO_QUARANTINE_MAILBOX : AGENT_TO_RECIPIENT;
}

static enum agent_way
quarantine(const struct agent_site *site, const struct agent_options *options)
{
	/* who reads the summary decides himself what becomes of the message */
	if (options->deliver & AGENT_WANT_SUMMARY)
		return AGENT_NOWHERE;
	if (site->quarantine_command == NULL)
		return AGENT_TO_QUARANTINE;
	return options->to_stdout ? AGENT_TO_STDOUT : AGENT_TO_QUARANTINE_COMMAND;
}

/* A lesson is handed on only where that is asked for: this is how mail leaves the quarantine. */
static enum agent_way
way_of_lesson(const struct agent_site *site, const struct agent_options *options, const struct judgement *judgement)
{
	enum training_class training_class = options->request.training_class;
	bool spam = training_class == CLASS_NONE ? judgement->judged && judgement->spam : training_class == CLASS_SPAM;

	if (wants(options, spam))
		return deliver(site, options, spam);
	if (spam && options->request.source == SOURCE_INOCULATION)
		return quarantine(site, options);
	return AGENT_NOWHERE;
}

/* Mail that was not judged must not be lost; but who wants a summary alone has only asked about it. */
static enum agent_way
way_of_unjudged(const struct agent_site *site, const struct agent_options *options)
{
	return options->deliver == AGENT_WANT_SUMMARY ? AGENT_NOWHERE : deliver(site, options, false);
}

/* Infected mail goes as ClamAVResponse says, for lessons as for mail that arrives. */
static enum agent_way
way_of_virus(const struct agent_site *site, const struct agent_options *options)
{
	if (options->deliver == AGENT_WANT_SUMMARY || site->virus == AGENT_VIRUS_DISCARD)
		return AGENT_NOWHERE;
	return site->virus == AGENT_VIRUS_ACCEPT ? deliver(site, options, true) : AGENT_REFUSED;
}

enum agent_way
agent_way_of(const struct agent_site *site, const struct agent_options *options, const struct judgement *judgement)
{
	if (options->request.classify)
		return AGENT_NOWHERE;
	if (judgement->judged && judgement->result_class == RESULT_VIRUS && site->virus != AGENT_VIRUS_SPAM)
		return way_of_virus(site, options);
	if (agent_is_training(options))
		return way_of_lesson(site, options, judgement);
	if (!judgement->judged)
		return way_of_unjudged(site, options);
	if (wants(options, judgement->spam))
		return deliver(site, options, judgement->spam);
	if (!judgement->spam)
		return AGENT_NOWHERE;
	if (judgement->preferences.spam_action != SPAM_QUARANTINE)
		return deliver(site, options, true);
	return quarantine(site, options);
}

const char *
agent_way_name(enum agent_way way)
{
	static const char *const names[] = {
		[AGENT_NOWHERE] = "not handed on",
		[AGENT_REFUSED] = "refused",
		[AGENT_TO_STDOUT] = "written to standard output",
		[AGENT_TO_RECIPIENT] = "delivered",
		[AGENT_TO_QUARANTINE_MAILBOX] = "delivered to the QuarantineMailbox",
		[AGENT_TO_QUARANTINE_COMMAND] = "given to the QuarantineAgent",
		[AGENT_TO_QUARANTINE] = "quarantined",
	};

	return names[way];
}
