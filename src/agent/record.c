#include "agent/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/history.h"
#include "base/file.h"
#include "base/locked_file.h"
#include "base/log.h"
#include "filter/signature.h"

#define ARENA_MAX ((size_t)8 * 1024 * 1024)
#define LOG_PATIENCE 2000 /* milliseconds to wait for the lock of a log */
#define FRAGMENT_SIZE 1023
#define FILE_MODE 0660

struct record {
	const struct agent_task *task;
	const struct home *home;
	const char *owner;
	struct arena *arena;
};

const char *
agent_record_owner(const struct agent_task *task)
{
	const char *local_store = task->judgement.preferences.local_store;

	return local_store != NULL ? local_store : task->user.name;
}

static void
warn(const struct record *record, const char *what, const char *why)
{
	log_warning("user %s: %s is not written: %s", record->task->user.name, what, why);
}

/* ---- logs ------------------------------------------------------------------------------- */

/* A log, with its directories when they are missing. */
static int
open_log(const struct record *record, const char *path)
{
	int fd = locked_file_open(path, true, LOG_PATIENCE);

	if (fd < 0 && errno == ENOENT && home_make_directories(record->home, path))
		fd = locked_file_open(path, true, LOG_PATIENCE);
	return fd;
}

static void
append(const struct record *record, const char *path, struct span line)
{
	int fd = path != NULL ? open_log(record, path) : -1;
	bool written = fd >= 0 && locked_file_append(fd, line);

	if (!written)
		warn(record, path != NULL ? path : "its log", path != NULL ? strerror(errno) : "there is no memory");
	if (fd >= 0)
		close(fd);
}

static void
write_logs(const struct record *record, const char *failure)
{
	const struct agent_site *site = record->task->site;
	struct buffer line = BUFFER_INIT(8192);
	struct history history;

	if (!site->user_log && !site->system_log)
		return;
	if (!history_of(record->task, failure, time(NULL), record->arena, &history)) {
		warn(record, "the history", "there is no memory");
		return;
	}
	if (site->user_log && history_user_line(&history, &line))
		append(record, home_file(record->home, record->arena, record->owner, "log"), buffer_span(&line));
	buffer_clear(&line);
	if (site->system_log && history_system_line(&history, &line))
		append(record, arena_printf(record->arena, "%s/system.log", record->home->path), buffer_span(&line));
	buffer_free(&line);
}

/* ---- totals -------------------------------------------------------------------------------- */

static int64_t
at_least_zero(int64_t number)
{
	return number > 0 ? number : 0;
}

/* TP,TN,SM,IM,SC,IC as they are with this message; a second line names the merged group that is counted in. */
static const char *
stats_text(struct arena *arena, const struct totals *before, const struct totals *change, const char *merged)
{
	int64_t spam_missed = before->spam_misclassified + change->spam_misclassified;
	int64_t innocent_missed = before->innocent_misclassified + change->innocent_misclassified;
	int64_t spam_corpus = before->spam_corpusfed + change->spam_corpusfed;
	int64_t innocent_corpus = before->innocent_corpusfed + change->innocent_corpusfed;
	int64_t spam = before->spam_learned + change->spam_learned + before->spam_classified + change->spam_classified;
	int64_t innocent = before->innocent_learned + change->innocent_learned + before->innocent_classified +
			   change->innocent_classified;

	return arena_printf(arena, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n%s%s",
			    at_least_zero(spam - spam_missed - spam_corpus),
			    at_least_zero(innocent - innocent_missed - innocent_corpus), spam_missed, innocent_missed,
			    spam_corpus, innocent_corpus, merged != NULL ? merged : "", merged != NULL ? "\n" : "");
}

static void
write_stats(const struct record *record)
{
	const struct judgement *judgement = &record->task->judgement;
	struct error error;

	if (!record->task->site->web_stats || !judgement->has_lesson)
		return;
	/* of a shared group: the group's, as the totals are */
	const char *owner = judgement->preferences.local_store != NULL ? record->owner : judgement->owner;
	const char *path = home_file(record->home, record->arena, owner, "stats");
	const char *line = stats_text(record->arena, &judgement->totals, &judgement->lesson.totals, judgement->merged);
	if (path == NULL || line == NULL)
		warn(record, "the file of totals", "there is no memory");
	else if (!home_make_directories(record->home, path))
		warn(record, path, strerror(errno));
	else if (!file_replace(path, span_from(line), &error))
		warn(record, path, error.text);
}

/* ---- copies ----------------------------------------------------------------------------------- */

/* A new file; half of one does not stay. */
static bool
write_file(const struct record *record, const char *path, struct span text)
{
	int fd = home_make_directories(record->home, path)
			 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, FILE_MODE)
			 : -1;
	bool written = fd >= 0 && locked_file_append(fd, text);
	int code = errno;

	if (fd >= 0 && close(fd) != 0 && written) {
		code = errno;
		written = false;
	}
	if (fd >= 0 && !written)
		unlink(path);
	errno = code;
	return written;
}

/* Where copy or fragment of a message is. The name is made of its signature, of which nothing leads elsewhere. */
static char *
copy_path(const struct record *record, const char *directory, const char *ending)
{
	const char *id = record->task->judgement.signature;
	char *name = signature_id_valid(span_from(id)) ? arena_printf(record->arena, "%s%s", id, ending) : NULL;

	return name != NULL ? home_file_in(record->home, record->arena, record->owner, directory, name) : NULL;
}

static void
keep(const struct record *record, const char *directory, const char *ending, struct span text)
{
	const char *path = copy_path(record, directory, ending);

	if (path == NULL || !write_file(record, path, text))
		warn(record, path != NULL ? path : "a copy of the message",
		     path != NULL ? strerror(errno) : "its signature cannot be a file name");
}

static const char *
corpus_directory(bool spam)
{
	return spam ? "corpus/spam" : "corpus/nonspam";
}

/* From the blank line behind the headers on. */
static struct span
fragment_of(struct span raw)
{
	struct span rest = raw, line;

	while (span_next_line(&rest, &line))
		if (line.size == 1 || (line.size == 2 && line.data[0] == '\r')) {
			size_t blank = (size_t)(line.data - raw.data);
			return span_head(span_skip(raw, blank > 0 ? blank - 1 : 0), FRAGMENT_SIZE);
		}
	return (struct span){NULL, 0};
}

/* A correction moves the copy to where it belongs. One that was never kept is none the worse. */
static void
move_copy(const struct record *record)
{
	bool spam = record->task->options->request.training_class == CLASS_SPAM;
	const char *old = copy_path(record, corpus_directory(!spam), ".msg");
	const char *new = copy_path(record, corpus_directory(spam), ".msg");

	if (old == NULL || new == NULL || access(old, F_OK) != 0)
		return;
	if (!home_make_directories(record->home, new) || rename(old, new) != 0)
		warn(record, new, strerror(errno));
}

static void
keep_copies(const struct record *record)
{
	const struct judgement *judgement = &record->task->judgement;
	const struct request *request = &record->task->options->request;

	if (judgement->signature == NULL)
		return;
	if (request->source == SOURCE_ERROR && judgement->preferences.make_corpus)
		move_copy(record);
	if (request->training_class != CLASS_NONE || record->task->raw.size == 0)
		return;
	if (judgement->preferences.store_fragments)
		keep(record, "frag", ".frag", fragment_of(record->task->raw));
	if (judgement->preferences.make_corpus)
		keep(record, corpus_directory(judgement->spam), ".msg", record->task->raw);
}

void
agent_record(const struct agent_task *task, const char *failure)
{
	if (!task->judgement.judged || task->options->request.classify || agent_not_learned(task) != NULL)
		return;
	struct record record = {
		.task = task,
		.home = &task->site->files,
		.owner = agent_record_owner(task),
		.arena = arena_new(ARENA_MAX),
	};
	write_logs(&record, failure);
	if (failure == NULL) {
		write_stats(&record);
		keep_copies(&record);
	}
	arena_free(record.arena);
}
