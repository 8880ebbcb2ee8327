#include "agent/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/record.h"
#include "base/file.h"
#include "base/locked_file.h"
#include "base/log.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define ARENA_MAX ((size_t)8 * 1024 * 1024)
#define TIMEOUT 10000 /* milliseconds for sending one */
#define FILE_MODE 0660

struct agent_notice {
	struct agent_notice *next;
	struct arena *arena; /* holds the notice, too */
	struct agent_site site;
	struct agent_options options;
	struct agent_user user;
	const char *mark;
	const char *name; /* of the text */
	struct span text;
};

/* ---- what is due --------------------------------------------------------------------- */

static bool
always(const struct agent_task *task, struct arena *arena)
{
	(void)task;
	(void)arena;
	return true;
}

static bool
is_spam(const struct agent_task *task, struct arena *arena)
{
	(void)arena;
	return task->judgement.spam;
}

static bool
is_full(const struct agent_task *task, struct arena *arena)
{
	struct stat status;
	const char *path = task->way == AGENT_TO_QUARANTINE
				   ? home_file(&task->site->files, arena, agent_record_owner(task), "mbox")
				   : NULL;

	return path != NULL && stat(path, &status) == 0 && (unsigned long long)status.st_size > task->site->warn_size;
}

static const struct kind {
	const char *mark; /* ending of the file */
	const char *text;
	bool (*due)(const struct agent_task *task, struct arena *arena);
} kinds[] = {
	{"firstrun", "firstrun.txt", always},
	{"firstspam", "firstspam.txt", is_spam},
	{"mboxwarn", "quarantinefull.txt", is_full},
};

static bool
wants_notices(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;
	const struct agent_options *options = task->options;

	if (!judgement->judged || options->request.classify || agent_is_training(options) || options->to_stdout ||
	    (options->deliver & AGENT_WANT_SUMMARY) != 0)
		return false;
	return tristate_or(judgement->preferences.notifications, task->site->notifications) &&
	       (task->site->by_host || agent_site_command(task->site, options->trusted) != NULL);
}

/* ---- making one ------------------------------------------------------------------------- */

/* The text with a Date in front, and the user's name for $u. */
static bool
fill_in(struct arena *arena, struct span template, const char *user, struct span *text)
{
	struct buffer out = BUFFER_INIT(4 * TEXT_MAX);
	char date[64];
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S %z\n", &local);
	buffer_append_string(&out, date);
	for (size_t at; (at = span_find(template, SPAN("$u"))) != SPAN_NONE; template = span_skip(template, at + 2)) {
		buffer_append_span(&out, span_head(template, at));
		buffer_append_string(&out, user);
	}
	bool good = buffer_append_span(&out, template);
	char *copy = good ? arena_copy(arena, buffer_span(&out)) : NULL;
	*text = span_of(copy, out.size);
	buffer_free(&out);
	return copy != NULL;
}

/* Make the file that says it was sent; false when it is there, or cannot be made. */
static bool
set_mark(const struct agent_notice *notice)
{
	char line[32];
	int fd = home_make_directories(&notice->site.files, notice->mark)
			 ? open(notice->mark, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, FILE_MODE)
			 : -1;

	if (fd < 0) {
		if (errno != EEXIST)
			log_warning("user %s: %s is not sent, because %s cannot be written: %m", notice->user.name,
				    notice->name, notice->mark);
		return false;
	}
	snprintf(line, sizeof line, "%lld\n", (long long)time(NULL));
	bool written = locked_file_append(fd, span_from(line));
	if (close(fd) < 0 || !written)
		log_warning("%s: cannot be written: %m", notice->mark); /* its being there is what counts */
	return true;
}

/* Copies: the task, and an order of a client with its words, are gone when the notice is sent. */
static struct span *
copy_arguments(struct arena *arena, const struct agent_options *options)
{
	struct span *arguments = arena_calloc(arena, options->argument_count + 1, sizeof *arguments);

	for (size_t i = 0; arguments != NULL && i < options->argument_count; i++) {
		const char *copy = arena_copy(arena, options->arguments[i]);
		if (copy == NULL)
			return NULL;
		arguments[i] = span_of(copy, options->arguments[i].size);
	}
	return arguments;
}

static struct agent_notice *
make(const struct agent_task *task, const struct kind *kind, const char *mark)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct agent_notice *notice = arena_calloc(arena, 1, sizeof *notice);
	struct span template = {NULL, 0};
	struct error error;

	if (notice == NULL)
		abort();
	*notice = (struct agent_notice){
		.arena = arena,
		.site = *task->site,
		.options = {.sender = "",
			    .deliver = AGENT_WANT_INNOCENT,
			    .arguments = copy_arguments(arena, task->options),
			    .argument_count = task->options->argument_count,
			    .trusted = task->options->trusted},
		.user = {.name = arena_copy(arena, span_from(task->user.name)),
			 .recipient = arena_copy(arena, span_from(task->user.recipient))},
		.mark = arena_copy(arena, span_from(mark)),
		.name = kind->text,
	};
	notice->site.timeout = notice->site.timeout < TIMEOUT ? notice->site.timeout : TIMEOUT;
	const char *path = arena_printf(arena, "%s/%s", task->site->text_directory, kind->text);
	if (notice->options.arguments == NULL || notice->user.name == NULL || notice->user.recipient == NULL ||
	    notice->mark == NULL || path == NULL)
		abort();
	if (!file_read(arena, path, TEXT_MAX, &template, &error) ||
	    !fill_in(arena, template, notice->user.name, &notice->text)) {
		log_warning("user %s: a notice is not sent: %s", task->user.name,
			    template.data == NULL ? error.text : "its text is too long");
		arena_free(arena);
		return NULL;
	}
	return notice;
}

/* The notice, if it is due, was not sent, and can be made. */
static struct agent_notice *
make_due(const struct agent_task *task, const struct kind *kind, struct arena *arena)
{
	const char *mark = home_file(&task->site->files, arena, agent_record_owner(task), kind->mark);

	if (mark == NULL || access(mark, F_OK) == 0 || !kind->due(task, arena))
		return NULL;
	struct agent_notice *notice = make(task, kind, mark);
	if (notice == NULL || set_mark(notice))
		return notice;
	arena_free(notice->arena);
	return NULL;
}

struct agent_notice *
agent_notices_due(const struct agent_task *task)
{
	struct agent_notice *first = NULL, **last = &first;

	if (!wants_notices(task))
		return NULL;
	struct arena *arena = arena_new((size_t)64 * 1024);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		*last = make_due(task, &kinds[i], arena);
		if (*last != NULL)
			last = &(*last)->next;
	}
	arena_free(arena);
	return first;
}

void
agent_notices_join(struct agent_notice **list, struct agent_notice *more)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = more;
}

/* ---- sending ------------------------------------------------------------------------------ */

static void
send_one(struct agent_notice *notice, struct deliver_hosts *hosts)
{
	const struct agent_task task = {
		.site = &notice->site,
		.options = &notice->options,
		.user = notice->user,
		.judgement = {.pieces = &notice->text, .piece_count = 1},
		.way = AGENT_TO_RECIPIENT,
	};
	struct deliver_result result;

	if (agent_hand_on(&task, hosts, STDOUT_FILENO, &result)) {
		log_info("user %s: %s is sent", notice->user.name, notice->name);
		return;
	}
	log_warning("user %s: %s could not be sent; the next message tries again", notice->user.name, notice->name);
	unlink(notice->mark);
}

void
agent_notices_send(struct agent_notice *notices, struct deliver_hosts *hosts)
{
	while (notices != NULL) {
		struct agent_notice *next = notices->next;

		send_one(notices, hosts);
		arena_free(notices->arena);
		notices = next;
	}
}

void
agent_notices_drop(struct agent_notice *notices)
{
	while (notices != NULL) {
		struct agent_notice *next = notices->next;

		unlink(notices->mark);
		arena_free(notices->arena);
		notices = next;
	}
}
