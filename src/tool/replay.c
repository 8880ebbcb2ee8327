#include "tool/replay.h"

#include <math.h>
#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "tool/json.h"
#include "tool/progress.h"

/* ---- what is noted of a message --------------------------------------------------- */

static void
note(struct replay *replay, size_t number, bool is_spam, const struct opinion *opinion)
{
	const char *gold = is_spam ? "spam" : "ham";

	figures_add(&replay->said, (struct figures_message){opinion->score, is_spam, opinion->spam});
	replay->not_judged += !opinion->judged;
	/* 17 digits give back the very same number, so that others find the same ties */
	if (replay->scores != NULL)
		fprintf(replay->scores, "%s %s %.17g\n", gold, opinion->spam ? "spam" : "ham", opinion->score);
	if (replay->trace != NULL)
		fprintf(replay->trace, "%zu %s %s %s %.4f %.2f\n", number, gold, opinion->spam ? "Spam" : "Innocent",
			opinion->class_name, opinion->probability, opinion->confidence);
}

static bool
give(struct replay *replay, size_t index, struct buffer *bytes, struct error *error)
{
	const struct corpus_message *message = &replay->corpus->messages[index];
	struct opinion opinion;
	struct error reading;

	if (!corpus_read(message, bytes, &reading)) {
		log_error("%s", reading.text);
		replay->unreadable++;
		return true;
	}
	if (!teacher_give(replay->teacher, buffer_span(bytes), message->spam, &opinion, error))
		return error_prefix(error, "%s", message->path);
	note(replay, index + 1, message->spam, &opinion);
	return true;
}

/* ---- the whole ---------------------------------------------------------------------- */

/* The signals wait until somebody asks for them, so that a store on disk is cleared away in any case. */
static sigset_t
hold_signals(sigset_t *before)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, before);
	return signals;
}

static int
signal_that_came(const sigset_t *signals)
{
	int number = sigtimedwait(signals, NULL, &(struct timespec){.tv_sec = 0});

	return number > 0 ? number : 0;
}

static size_t
first_beyond(const struct replay *replay)
{
	size_t count = replay->corpus->count;

	return replay->skip < count && replay->limit < count - replay->skip ? replay->skip + replay->limit : count;
}

bool
replay_run(struct replay *replay, struct error *error)
{
	struct buffer bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX);
	struct progress progress;
	sigset_t before, signals = hold_signals(&before);
	size_t end = first_beyond(replay);
	bool good = true;

	progress_begin(&progress, "messages", end > replay->skip ? end - replay->skip : 0);
	for (size_t i = replay->skip; good && i < end && replay->interrupted == 0; i++) {
		good = give(replay, i, &bytes, error);
		progress_step(&progress, i + 1 - replay->skip);
		replay->interrupted = signal_that_came(&signals);
	}
	progress_clear(&progress);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	buffer_free(&bytes);
	return good;
}

/* ---- figures -------------------------------------------------------------------------- */

static void
print_figure(FILE *out, const char *name, double number, int digits)
{
	if (isnan(number))
		fprintf(out, "%-14s%10s\n", name, "-");
	else
		fprintf(out, "%-14s%10.*f\n", name, digits, number);
}

void
replay_print(struct replay *replay, FILE *out)
{
	const struct figures f = figures_of(&replay->said);
	const struct teacher *teacher = replay->teacher;
	size_t errors = f.ham_misclassified + f.spam_misclassified;
	double count = f.count > 0 ? (double)f.count : NAN;

	fprintf(out, "%-14s%10zu  %zu spam, %zu ham\n", "messages", f.count, f.spam, f.ham);
	fprintf(out, "%-14s%10zu  %zu spam missed, %zu ham taken for spam\n", "errors", errors, f.spam_misclassified,
		f.ham_misclassified);
	print_figure(out, "1-ROCA%", f.roca, 4);
	print_figure(out, "lam%", f.lam, 3);
	print_figure(out, "hm%", f.hm, 3);
	print_figure(out, "sm%", f.sm, 3);
	print_figure(out, "accuracy%", f.accuracy, 3);
	print_figure(out, "messages/s", count / teacher->elapsed, 0);
	print_figure(out, "classify ms", 1000.0 * teacher->judge_cpu / count, 3);
	print_figure(out, "learn ms", 1000.0 * teacher->learn_cpu / count, 3);
	if (replay->not_judged > 0)
		fprintf(out, "%-14s%10zu  not looked at, counted as ham\n", "not judged", replay->not_judged);
	if (replay->unreadable > 0)
		fprintf(out, "%-14s%10zu  not counted above\n", "unreadable", replay->unreadable);
}

void
replay_print_json(struct replay *replay, FILE *out)
{
	const struct figures f = figures_of(&replay->said);
	const struct teacher *teacher = replay->teacher;
	double count = f.count > 0 ? (double)f.count : NAN;
	struct json json;

	json_begin(&json, out);
	json_put_object(&json, NULL);
	json_put_integer(&json, "messages", (int64_t)f.count);
	json_put_integer(&json, "spam", (int64_t)f.spam);
	json_put_integer(&json, "ham", (int64_t)f.ham);
	json_put_integer(&json, "spam_misclassified", (int64_t)f.spam_misclassified);
	json_put_integer(&json, "ham_misclassified", (int64_t)f.ham_misclassified);
	json_put_real(&json, "roca", f.roca, 4);
	json_put_real(&json, "lam", f.lam, 3);
	json_put_real(&json, "hm", f.hm, 3);
	json_put_real(&json, "sm", f.sm, 3);
	json_put_real(&json, "accuracy", f.accuracy, 3);
	json_put_real(&json, "messages_per_second", count / teacher->elapsed, 0);
	json_put_real(&json, "classify_ms", 1000.0 * teacher->judge_cpu / count, 3);
	json_put_real(&json, "learn_ms", 1000.0 * teacher->learn_cpu / count, 3);
	json_put_integer(&json, "not_judged", (int64_t)replay->not_judged);
	json_put_integer(&json, "unreadable", (int64_t)replay->unreadable);
	json_put_object_end(&json);
	json_end(&json);
}
