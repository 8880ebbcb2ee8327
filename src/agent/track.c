#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/log.h"
#include "scan/ip.h"

#define SEASONED 2500 /* innocent messages that a user has received, before others act on what his filter says */

static bool
is_seasoned(const struct totals *totals)
{
	return totals->innocent_learned + totals->innocent_classified > SEASONED;
}

/* A file for each source of spam, made or made young again: what reads the queue looks at names and times only. */
static void
touch(const char *directory, const char *source)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", directory, source);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0 || futimens(fd, NULL) < 0)
		log_warning("RABLQueue: cannot touch %s: %m", path);
	if (fd >= 0)
		close(fd);
}

static const char *
kind_of(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;

	if (judgement->result_class == RESULT_VIRUS)
		return task->site->track_virus ? "virus" : NULL;
	if (judgement->spam)
		return task->site->track_spam ? "spam" : NULL;
	return task->site->track_innocent ? "nonspam" : NULL;
}

void
agent_track(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;
	const struct scan_findings *findings = task->options->request.findings;
	struct ip ip;

	if (findings == NULL || !judgement->judged || !is_seasoned(&judgement->totals) ||
	    task->options->request.classify || agent_is_training(task->options) ||
	    !ip_parse(span_from(findings->source), &ip))
		return;
	if (kind_of(task) != NULL)
		log_always(LOG_LEVEL_INFO, "%s from %s, user %s", kind_of(task), findings->source, task->user.name);
	if (judgement->spam && judgement->result_class != RESULT_VIRUS && task->site->rabl_queue != NULL)
		touch(task->site->rabl_queue, findings->source);
}
