#include "tool/dspam_run.h"

#include <stdio.h>
#include <unistd.h>

#include "agent/input.h"
#include "agent/lookup.h"
#include "agent/notice.h"
#include "agent/record.h"
#include "base/log.h"
#include "deliver/descriptor.h"

#define IDLE_CONNECTION 10000       /* milliseconds */
#define SUMMARY_MAX ((size_t)16384) /* with --explain */
#define STATUS_SPAM 99              /* Broken returnCodes */

/* The message and what works on it. */
struct work {
	struct dspam_run *run;
	struct span message;
	struct scan_findings findings;
	struct arena *arena; /* for one user */
	struct settings *settings;
	struct filter *filter;   /* NULL: the store is away, */
	struct error store_gone; /* for this reason */
	struct deliver_hosts *hosts;
	struct agent_notice *notices; /* sent when all messages are where they belong */
	size_t failed, temporary;
	enum error_code code; /* of the first failure that is none for a while */
	bool spam;
};

/* ---- the store, and the profiles that may stand in for it ---------------------------------------- */

static const char *
next_profile(const struct dspam_run *run)
{
	const char *profile = config_profile(run->config);
	const char *name = profile != NULL ? arena_printf(run->arena, "Failover.%s", profile) : NULL;

	return name != NULL ? config_get(run->config, name) : NULL;
}

/* One process a message: so it is said to who sits at a terminal, and by dspam_clean every night, and not each time. */
static void
advise(const struct store *store)
{
	if (store_warning(store) != NULL && isatty(STDERR_FILENO))
		log_warning("%s", store_warning(store));
}

static bool
try_open(struct work *work)
{
	if (settings_new(work->run->config, &work->settings, &work->store_gone)) {
		if (work->run->options.debug)
			debug_rules_all(&work->settings->debug);
		if (filter_open(work->settings, &work->filter, &work->store_gone)) {
			advise(filter_store(work->filter));
			return true;
		}
	}
	settings_free(work->settings);
	work->settings = NULL;
	work->filter = NULL;
	return false;
}

static void
open_filter(struct work *work)
{
	unsigned long long left = config_number(work->run->config, "FailoverAttempts");
	struct error error;

	while (!try_open(work)) {
		const char *profile = next_profile(work->run);
		if (left-- == 0 || profile == NULL)
			return;
		log_error("%s; the profile %s is tried next", work->store_gone.text, profile);
		if (!config_use_profile(work->run->config, profile, &error)) {
			log_error("%s", error.text);
			return;
		}
	}
}

/* ---- one user ------------------------------------------------------------------------------------- */

static void
note_failure(struct work *work, enum error_code code, bool temporary)
{
	work->failed++;
	work->temporary += temporary;
	if (!temporary && work->code == ERROR_NONE)
		work->code = code;
}

static void
note_error(struct work *work, const struct error *error)
{
	log_error("%s", error->text);
	note_failure(work, error->code, error->temporary);
}

static bool
judge(struct work *work, const struct agent_user *user, struct agent_task *task, struct error *error)
{
	const struct dspam_run *run = work->run;

	if (work->filter != NULL)
		return agent_judge(&run->site, work->filter, work->arena, &run->options, user, work->message, task,
				   error);
	*error = work->store_gone;
	return agent_judge_failed(&run->site, &run->options, user, work->message, task, error);
}

static bool
print_summary(const struct agent_task *task, struct error *error)
{
	struct buffer text = BUFFER_INIT(SUMMARY_MAX);
	bool printed = !agent_has_summary(task) ||
		       (agent_summary(task, &text) && deliver_write(STDOUT_FILENO, buffer_span(&text)));

	if (!printed)
		error_later(error, ERROR_IO, "standard output: %m");
	buffer_free(&text);
	return printed;
}

/* The result line stands before the message when both go to standard output; else it comes when all is done. */
static bool
finish(struct work *work, const struct agent_task *task, struct error *error)
{
	bool early = task->way == AGENT_TO_STDOUT;
	struct deliver_result result;

	if (early && !print_summary(task, error))
		return false;
	if (!agent_hand_on(task, work->hosts, STDOUT_FILENO, &result)) {
		note_failure(work, ERROR_UNAVAILABLE, result.outcome != DELIVER_PERMANENT);
		agent_record(task, result.text);
		return true;
	}
	log_info("user %s: the message is %s", task->user.name, agent_way_name(task->way));
	if (work->filter != NULL && !agent_learn(task, work->filter, error))
		return false;
	agent_record(task, NULL);
	agent_notices_join(&work->notices, agent_notices_due(task));
	work->spam |= task->judgement.judged && task->judgement.spam;
	return early || print_summary(task, error);
}

/* Whoever teaches must hear that nothing was learned, although the exit status is that of success. */
static void
say_nothing_learned(const struct work *work, const struct agent_task *task)
{
	const char *why = agent_not_learned(task);

	if (why != NULL && !work->run->to_stderr)
		fprintf(stderr, "dspam: error: user %s: nothing is learned: %s\n", task->user.name, why);
}

static void
work_for(struct work *work, size_t index)
{
	const struct dspam_run *run = work->run;
	struct agent_task task;
	struct agent_user user;
	struct error error;
	const char *name, *recipient;

	arena_reset(work->arena);
	agent_options_delivery(&run->options, index, &name, &recipient);
	if (!agent_user_of(&run->site, work->arena, name, recipient, &user, &error) ||
	    !agent_lookup(&run->site, work->arena, &user, &error) || !judge(work, &user, &task, &error)) {
		note_error(work, &error);
		return;
	}
	say_nothing_learned(work, &task);
	if (!finish(work, &task, &error))
		note_error(work, &error);
}

/* ---- all users ---------------------------------------------------------------------------------------- */

static int
exit_status(const struct work *work)
{
	if (work->failed > 0 && work->run->site.original_exits)
		return work->failed < 256 ? 256 - (int)work->failed : 1;
	if (work->failed > 0)
		return work->temporary > 0 ? ERROR_TEMPORARY : (int)work->code;
	return work->spam && work->run->site.status_is_spam ? STATUS_SPAM : 0;
}

static void
work_for_all(struct work *work)
{
	size_t count = agent_options_deliveries(&work->run->options);

	work->arena = arena_new(filter_arena_ceiling(work->message.size));
	work->run->site.secure = agent_secure_new(work->run->config);
	if (agent_wants_scan(&work->run->site, &work->run->options, work->message.size))
		agent_scan(&work->run->site, &work->run->options, work->message, &work->findings);
	work->run->options.request.findings = &work->findings;
	work->hosts = deliver_hosts_new(1, IDLE_CONNECTION);
	open_filter(work);
	for (size_t i = 0; i < count; i++)
		work_for(work, i);
	filter_close(work->filter);
	settings_free(work->settings);
	agent_notices_send(work->notices, work->hosts);
	deliver_hosts_free(work->hosts);
	agent_secure_free(work->run->site.secure);
	arena_free(work->arena);
}

static bool
read_message(struct dspam_run *run, struct buffer *text, struct error *error)
{
	if (run->options.request.signature == NULL &&
	    !(agent_input_read(STDIN_FILENO, text, error) && agent_input_prepare(&run->site, text, error)))
		return false;
	return agent_input_address(&run->site, run->arena, buffer_span(text), &run->options, error);
}

bool
dspam_run(struct dspam_run *run, int *status, struct error *error)
{
	struct buffer text = BUFFER_INIT(2 * AGENT_INPUT_MAX);
	bool read = read_message(run, &text, error);

	if (read) {
		struct work work = {.run = run, .message = buffer_span(&text)};
		work_for_all(&work);
		*status = exit_status(&work);
	}
	buffer_free(&text);
	return read;
}
