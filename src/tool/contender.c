#include "tool/contender.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/ascii.h"

#define USER "dspam_eval"

/* ---- names -------------------------------------------------------------------------- */

static bool
is_name_byte(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("._-", c) != NULL);
}

/* What cannot stand in the name of a file becomes one hyphen. */
static void
make_name(struct contender *contender, struct span text)
{
	size_t used = 0;

	for (size_t i = 0; i < text.size && used < CONTENDER_NAME_SIZE - 1; i++) {
		if (is_name_byte(text.data[i]))
			contender->name[used++] = text.data[i];
		else if (used > 0 && contender->name[used - 1] != '-')
			contender->name[used++] = '-';
	}
	while (used > 0 && contender->name[used - 1] == '-')
		used--;
	contender->name[used] = '\0';
}

/* "NAME=" at the beginning: a value may hold '=', too, but stands behind a space. */
static size_t
name_size(struct span text)
{
	size_t size = 0;

	while (size < text.size && is_name_byte(text.data[size]))
		size++;
	return size > 0 && size < text.size && text.data[size] == '=' ? size : 0;
}

const char *
contender_set(struct contender *contender, const char *text)
{
	struct span rest = span_from(text);
	size_t named = name_size(rest);

	if (named >= CONTENDER_NAME_SIZE)
		return "the name is too long";
	make_name(contender, named > 0 ? span_head(rest, named) : rest);
	if (named > 0)
		rest = span_skip(rest, named + 1);
	if (span_trim(rest).size == 0 || contender->name[0] == '\0')
		return "should be directives of dspam.conf, such as \"Algorithm adaptive; TrainingMode teft\"";
	contender->changes = strdup(rest.data);
	if (contender->changes == NULL)
		abort();
	for (char *c = contender->changes; *c != '\0'; c++)
		if (*c == ';')
			*c = '\n';
	return NULL;
}

const char *
contender_set_path(struct contender *contender, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct span name = span_from(slash != NULL ? slash + 1 : path);

	contender->path = path;
	if (name.size > 5 && span_equal(span_skip(name, name.size - 5), SPAN(".conf")))
		name = span_head(name, name.size - 5);
	make_name(contender, name);
	return contender->name[0] != '\0' ? NULL : "the name of the file has no letter in it";
}

void
contender_text(const struct contender *contender, char text[CONTENDER_TEXT_SIZE])
{
	static const char *const directives[] = {"Algorithm", "Tokenizer", "PValue", "Feature", "TrainingMode"};
	bool adaptive = config_has(contender->config, "Algorithm", "adaptive");
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
		if (adaptive && (i == 1 || i == 2))
			continue;
		for (size_t j = 0; j < config_count(contender->config, directives[i]); j++) {
			const char *mark = used == 0 ? "" : j == 0 ? ", " : " ";
			int size = snprintf(text + used, CONTENDER_TEXT_SIZE - used, "%s%s", mark,
					    config_at(contender->config, directives[i], j));
			if (size < 0 || (size_t)size >= CONTENDER_TEXT_SIZE - used)
				return;
			used += (size_t)size;
		}
	}
}

/* ---- begin and end ---------------------------------------------------------------------- */

/* Opting in is about users, and there are none here. */
bool
contender_load(struct contender *contender, const struct program *program, struct error *error)
{
	if (!program_read(program, contender->path, contender->changes, &contender->config, &contender->settings,
			  error))
		return contender->changes == NULL ? false : error_prefix(error, "--setting, %s", contender->name);
	contender->settings->opt_in = false;
	return true;
}

static bool
open_output(const char *path, char **kept, FILE **file, struct error *error)
{
	if (path == NULL)
		return true;
	*file = fopen(path, "we");
	if (*file == NULL)
		return error_set(error, ERROR_CREATE, "cannot write %s: %s", path, strerror(errno));
	*kept = strdup(path);
	if (*kept == NULL)
		abort();
	return true;
}

bool
contender_open(struct contender *contender, const char *driver, const struct feedback *feedback, const char *scores,
	       const char *trace, struct error *error)
{
	contender->feedback = feedback;
	if (!open_output(scores, &contender->scores_path, &contender->scores, error) ||
	    !open_output(trace, &contender->trace_path, &contender->trace, error) ||
	    !scratch_store_begin(&contender->scratch, contender->settings, driver, error))
		return false;
	if (!filter_open(contender->settings, &contender->filter, error))
		return false;
	teacher_begin(&contender->teacher, contender->filter, USER, feedback->live ? TEACH_LIVE : TEACH_CLASS);
	return true;
}

static bool
close_output(char *path, FILE *file, struct error *error)
{
	if (file == NULL)
		return true;
	bool good = ferror(file) == 0;
	good = fclose(file) == 0 && good;
	if (!good)
		error_set(error, ERROR_IO, "cannot write %s: %s", path, strerror(errno));
	free(path);
	return good;
}

bool
contender_close(struct contender *contender, struct error *error)
{
	bool scores = close_output(contender->scores_path, contender->scores, error);
	bool trace = close_output(contender->trace_path, contender->trace, error);

	contender->scores = contender->trace = NULL;
	if (contender->filter != NULL) {
		teacher_end(&contender->teacher);
		filter_close(contender->filter);
		contender->filter = NULL;
	}
	if (contender->scratch.options != NULL || contender->scratch.directory[0] != '\0')
		scratch_store_end(&contender->scratch, contender->settings);
	contender->scratch = (struct scratch_store){.options = NULL};
	report_queue_free(&contender->queue);
	return scores && trace;
}

void
contender_free(struct contender *contender)
{
	settings_free(contender->settings);
	config_free(contender->config);
	figures_free(&contender->said);
	free(contender->changes);
}

/* ---- a message ------------------------------------------------------------------------------ */

static void
note(struct contender *contender, size_t number, bool is_spam, const struct opinion *opinion)
{
	const char *gold = is_spam ? "spam" : "ham";

	figures_add(&contender->said, (struct figures_message){
					      .score = opinion->score,
					      .is_spam = is_spam,
					      .called_spam = opinion->spam,
					      .unsure = opinion->unsure,
					      .probability = opinion->judged ? opinion->probability : NAN,
				      });
	contender->not_judged += !opinion->judged;
	/* 17 digits give back the very same number, so that others find the same ties */
	if (contender->scores != NULL)
		fprintf(contender->scores, "%s %s %.17g\n", gold, opinion->spam ? "spam" : "ham", opinion->score);
	if (contender->trace != NULL)
		fprintf(contender->trace, "%zu %s %s %s %.4f %.2f\n", number + 1, gold,
			opinion->spam ? "Spam" : "Innocent", opinion->class_name, opinion->probability,
			opinion->confidence);
}

/* In memory what will not be corrected any more is let go; on disk the store is to be as large as it would be. */
static bool
forget(struct contender *contender, const char *signature, struct error *error)
{
	bool in_memory = strcmp(contender->settings->store.driver, "memory") == 0;

	return !in_memory || *signature == '\0' || teacher_forget(&contender->teacher, signature, error);
}

bool
contender_meet(struct contender *contender, size_t number, size_t now, const struct corpus_message *message,
	       struct span bytes, struct error *error)
{
	const struct feedback *feedback = contender->feedback;
	struct opinion opinion;

	if (!teacher_meet(&contender->teacher, bytes, &opinion, error))
		return false;
	note(contender, number, message->spam, &opinion);
	bool taken_for_spam = feedback_takes_for_spam(feedback, number, message->spam);
	if (!feedback_comes(feedback, number, taken_for_spam, &opinion))
		return forget(contender, opinion.signature, error);
	struct report report = {.message = number, .due = now + feedback->delay, .spam = taken_for_spam};
	memcpy(report.signature, opinion.signature, sizeof report.signature);
	report_queue_add(&contender->queue, &report);
	return true;
}

bool
contender_hear(struct contender *contender, const struct report *report, struct span bytes, struct error *error)
{
	struct opinion opinion = {.taught = true};

	memcpy(opinion.signature, report->signature, sizeof opinion.signature);
	contender->reports++;
	if (!teacher_report(&contender->teacher, bytes, report->spam, &opinion, error))
		return false;
	contender->not_taught += !opinion.taught;
	return forget(contender, report->signature, error);
}
