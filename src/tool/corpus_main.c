/* dspam_corpus: feed kept mail to the filter. */
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "filter/filter.h"
#include "mail/spamassassin.h"
#include "tool/caller.h"
#include "tool/corpus.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/progress.h"

static const char help[] =
	"Usage: dspam_corpus [OPTION]... USER MAIL...\n"
	"Teach the filter of USER with kept mail, all of it innocent or, with --addspam, spam. MAIL is an\n"
	"mbox file, a Maildir, or a directory with one message a file. What SpamAssassin wrapped or marked\n"
	"is learned as it was before. Giving the same mail twice counts it twice.\n"
	"\n"
	"  -a, --addspam     it is spam\n"
	"  -q, --quiet       print nothing when all is well\n"
	"  --as-is           leave the marks of SpamAssassin in\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

enum { OPTION_AS_IS = PROGRAM_OWN };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"addspam", no_argument, NULL, 'a'},
	{"quiet", no_argument, NULL, 'q'},
	{"as-is", no_argument, NULL, OPTION_AS_IS},
	{0},
};

struct feeding {
	struct program program;
	const char *user;
	bool spam, quiet, as_is;
	struct corpus corpus;
	struct filter *filter;
	struct buffer bytes; /* of the message at hand */
	struct arena *arena;
	struct progress progress;
	size_t learned, not_learned, unreadable;
	size_t known; /* messages that taught the user before the one at hand */
	double started;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- one message ------------------------------------------------------------------ */

static void
say_not_learned(struct feeding *feeding, const struct corpus_message *message, const char *why)
{
	progress_clear(&feeding->progress);
	if (message->number > 0)
		log_warning("%s, message %u: not learned: %s", message->path, (unsigned)message->number, why);
	else
		log_warning("%s: not learned: %s", message->path, why);
	feeding->not_learned++;
}

/* As `dspam --class=... --source=corpus --mode=teft` does. */
static bool
learn(struct feeding *feeding, const struct corpus_message *message, struct error *error)
{
	struct span text = buffer_span(&feeding->bytes);
	struct judgement judgement;
	const struct request request = {
		.training_class = feeding->spam ? CLASS_SPAM : CLASS_INNOCENT,
		.source = SOURCE_CORPUS,
		.mode = TRAINING_TEFT,
	};

	arena_reset(feeding->arena);
	arena_limit(feeding->arena, 2 * filter_arena_ceiling(text.size));
	if (!feeding->as_is)
		text = spamassassin_unwrap(feeding->arena, text);
	if (!filter_judge(feeding->filter, feeding->arena, &request, feeding->user, text, &judgement, error) ||
	    !filter_learn(feeding->filter, &judgement, error))
		return error_prefix(error, "%s", message->path);
	if (judgement.judged)
		feeding->known = (size_t)(judgement.totals.spam_learned + judgement.totals.innocent_learned);
	if (judgement.judged && judgement.training == TRAINING_DONE)
		feeding->learned++;
	else
		say_not_learned(feeding, message, judgement.note != NULL ? judgement.note : "there is nothing in it");
	return true;
}

static bool
feed(struct feeding *feeding, const struct corpus_message *message, struct error *error)
{
	struct error reading;

	if (corpus_read(message, &feeding->bytes, &reading))
		return learn(feeding, message, error);
	progress_clear(&feeding->progress);
	log_error("%s", reading.text);
	feeding->unreadable++;
	return true;
}

/* ---- all of them ------------------------------------------------------------------- */

static void
print_json(const struct feeding *feeding, double elapsed)
{
	struct json json;

	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "user", span_from(feeding->user));
	json_put_text(&json, "class", span_from(feeding->spam ? "spam" : "nonspam"));
	json_put_integer(&json, "messages", (int64_t)feeding->corpus.count);
	json_put_integer(&json, "learned", (int64_t)feeding->learned);
	json_put_integer(&json, "not_learned", (int64_t)feeding->not_learned);
	json_put_integer(&json, "unreadable", (int64_t)feeding->unreadable);
	json_put_real(&json, "seconds", elapsed, 3);
	json_put_object_end(&json);
	json_end(&json);
}

static void
print_end(const struct feeding *feeding)
{
	double elapsed = seconds() - feeding->started;
	unsigned long whole = (unsigned long)elapsed;

	if (feeding->program.json) {
		print_json(feeding, elapsed);
		return;
	}
	if (!feeding->quiet)
		printf("dspam_corpus: %zu messages, %02lu:%02lu:%02lu elapsed, %.2f msgs./sec.\n",
		       feeding->learned + feeding->not_learned, whole / 3600, whole / 60 % 60, whole % 60,
		       elapsed > 0.0 ? (double)feeding->corpus.count / elapsed : 0.0);
}

static bool
feed_all(struct feeding *feeding, struct error *error)
{
	bool good = true;

	feeding->started = seconds();
	progress_begin(&feeding->progress, "messages", feeding->corpus.count);
	for (size_t i = 0; good && i < feeding->corpus.count; i++) {
		good = feed(feeding, &feeding->corpus.messages[i], error);
		if (!feeding->quiet)
			progress_step(&feeding->progress, i + 1);
	}
	progress_clear(&feeding->progress);
	if (!good)
		error_prefix(error, "after %zu messages, which are learned", feeding->learned);
	return good;
}

static bool
check_user(const struct feeding *feeding, struct error *error)
{
	struct caller caller;

	if (!store_name_valid(span_from(feeding->user)))
		return error_set(error, ERROR_USER, "\"%s\" cannot be a user name", feeding->user);
	return caller_find(feeding->program.config, &caller, error) && caller_may(&caller, feeding->user, error);
}

static bool
run(struct feeding *feeding, char *const *paths, int count, struct error *error)
{
	if (!program_load(&feeding->program, error) || !check_user(feeding, error))
		return false;
	for (int i = 0; i < count; i++)
		if (!corpus_add(&feeding->corpus, paths[i], feeding->spam, error))
			return false;
	if (!filter_open(feeding->program.settings, &feeding->filter, error))
		return false;
	feeding->arena = arena_new(0);
	bool good = feed_all(feeding, error);
	arena_free(feeding->arena);
	filter_close(feeding->filter);
	if (good) {
		print_end(feeding);
		corpus_warn_of_row(feeding->program.settings, feeding->learned, feeding->known);
	}
	return good;
}

int
main(int argc, char **argv)
{
	struct feeding feeding = {.program = {.name = "dspam_corpus", .help = help}};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "aq", options, NULL)) != -1) {
		if (option == 'a')
			feeding.spam = true;
		else if (option == 'q')
			feeding.quiet = true;
		else if (option == OPTION_AS_IS)
			feeding.as_is = true;
		else
			program_option(&feeding.program, option);
	}
	if (argc - optind < 2)
		program_syntax(&feeding.program,
			       "Usage: dspam_corpus [--addspam|-a] [--quiet|-q] USER MAIL...\n"
			       "MAIL is an mbox file, a Maildir, or a directory with one message a file.\n");
	feeding.user = argv[optind];
	feeding.bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX);
	corpus_init(&feeding.corpus);
	int status = run(&feeding, argv + optind + 1, argc - optind - 1, &error)
			     ? program_status(&feeding.program, feeding.unreadable > 0 ? ERROR_INPUT : 0)
			     : program_fail(&feeding.program, &error);
	corpus_free(&feeding.corpus);
	buffer_free(&feeding.bytes);
	return program_end(&feeding.program, status);
}
