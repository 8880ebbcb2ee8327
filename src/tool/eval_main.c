/* dspam_eval: how good the filter would be on mail whose class is known, with the settings of a dspam.conf. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/log.h"
#include "tool/adaptive_trial.h"
#include "tool/program.h"
#include "tool/replay.h"
#include "tool/scratch_store.h"

#define USER "dspam_eval"

static const char help[] =
	"Usage: dspam_eval --index FILE [OPTION]...\n"
	"Replay mail whose class is known through the filter, with the settings of dspam.conf and an\n"
	"empty store that is thrown away: judge each message, then learn it. Print how good it was.\n"
	"\n"
	"  --index FILE      lines \"spam PATH\" or \"ham PATH\", paths relative to FILE\n"
	"  --scores OUT      write a line \"gold verdict score\" for each message\n"
	"  --trace OUT       write a line \"N gold result class probability confidence\" for each message\n"
	"  --limit N         replay N messages only\n"
	"  --skip N          leave out the first N lines of the index\n"
	"  --train WAY       class: learn each message with its class (default); errors: only those judged\n"
	"                    wrongly; live: as in use, in the TrainingMode of dspam.conf, errors corrected\n"
	"  --classifier NAME configured: that of dspam.conf (default); adaptive: the coming one, for\n"
	"                    comparing, with its rows in memory; of dspam.conf it needs only Home\n"
	"  --store DRIVER    memory (default), or sqlite in a directory below $TMPDIR\n" PROGRAM_HELP_JSON
		PROGRAM_HELP_OPTIONS "\n"
	"1-ROCA% is how often ham has a higher score than spam, hm% how much ham was taken for spam,\n"
	"sm% how much spam was missed, lam% their logistic average. Milliseconds are CPU time a message.\n";

enum {
	OPTION_INDEX = PROGRAM_OWN,
	OPTION_SCORES,
	OPTION_TRACE,
	OPTION_LIMIT,
	OPTION_SKIP,
	OPTION_TRAIN,
	OPTION_STORE,
	OPTION_CLASSIFIER
};

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"index", required_argument, NULL, OPTION_INDEX},
	{"scores", required_argument, NULL, OPTION_SCORES},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"limit", required_argument, NULL, OPTION_LIMIT},
	{"skip", required_argument, NULL, OPTION_SKIP},
	{"train", required_argument, NULL, OPTION_TRAIN},
	{"store", required_argument, NULL, OPTION_STORE},
	{"classifier", required_argument, NULL, OPTION_CLASSIFIER},
	{0},
};

struct evaluation {
	struct program program;
	const char *index, *scores, *trace, *driver;
	enum teacher_way way;
	bool adaptive;
	struct replay replay;
};

/* ---- command line ------------------------------------------------------------------ */

static size_t
count_argument(struct program *program, const char *name)
{
	unsigned long long number;

	if (!span_to_number(span_from(optarg), SIZE_MAX / 2, &number))
		program_usage(program, "%s %s: should be a number of messages", name, optarg);
	return (size_t)number;
}

static bool
wants_adaptive(struct program *program)
{
	bool adaptive = strcmp(optarg, "adaptive") == 0;

	if (!adaptive && strcmp(optarg, "configured") != 0)
		program_usage(program, "--classifier %s: should be configured or adaptive", optarg);
	return adaptive;
}

static void
take_option(struct evaluation *evaluation, int option)
{
	switch (option) {
	case OPTION_INDEX:
		evaluation->index = optarg;
		break;
	case OPTION_SCORES:
		evaluation->scores = optarg;
		break;
	case OPTION_TRACE:
		evaluation->trace = optarg;
		break;
	case OPTION_LIMIT:
		evaluation->replay.limit = count_argument(&evaluation->program, "--limit");
		break;
	case OPTION_SKIP:
		evaluation->replay.skip = count_argument(&evaluation->program, "--skip");
		break;
	case OPTION_TRAIN:
		if (!teacher_way_named(optarg, &evaluation->way))
			program_usage(&evaluation->program, "--train %s: should be class, errors or live", optarg);
		break;
	case OPTION_STORE:
		evaluation->driver = optarg;
		break;
	case OPTION_CLASSIFIER:
		evaluation->adaptive = wants_adaptive(&evaluation->program);
		break;
	default:
		program_option(&evaluation->program, option);
	}
}

/* ---- the work ------------------------------------------------------------------------ */

static bool
open_output(const char *path, FILE **file, struct error *error)
{
	if (path == NULL)
		return true;
	*file = fopen(path, "we");
	return *file != NULL || error_set(error, ERROR_CREATE, "cannot write %s: %s", path, strerror(errno));
}

static bool
close_output(const char *path, FILE *file, struct error *error)
{
	if (file == NULL)
		return true;
	bool good = ferror(file) == 0;
	return (fclose(file) == 0 && good) || error_set(error, ERROR_IO, "cannot write %s: %s", path, strerror(errno));
}

/* Opting in is about users, and there are none here. */
static bool
replay_through_filter(struct evaluation *evaluation, struct error *error)
{
	struct settings *settings = evaluation->program.settings;
	struct filter *filter;
	struct teacher teacher;

	settings->opt_in = false;
	if (!filter_open(settings, &filter, error))
		return false;
	teacher_begin(&teacher, filter, USER, evaluation->way);
	teacher.trial = evaluation->adaptive ? adaptive_trial_new() : NULL;
	evaluation->replay.teacher = &teacher;
	bool good = replay_run(&evaluation->replay, error);
	if (good)
		(evaluation->program.json ? replay_print_json : replay_print)(&evaluation->replay, stdout);
	adaptive_trial_free(teacher.trial);
	teacher_end(&teacher);
	filter_close(filter);
	return good;
}

static bool
with_scratch_store(struct evaluation *evaluation, struct error *error)
{
	struct settings *settings = evaluation->program.settings;
	struct scratch_store scratch;

	if (!scratch_store_begin(&scratch, settings, evaluation->driver, error))
		return false;
	bool good = replay_through_filter(evaluation, error);
	scratch_store_end(&scratch, settings);
	return good;
}

static bool
evaluate(struct evaluation *evaluation, struct error *error)
{
	struct replay *replay = &evaluation->replay;
	struct corpus corpus;

	corpus_init(&corpus);
	replay->corpus = &corpus;
	bool good = program_load(&evaluation->program, error) && corpus_add_index(&corpus, evaluation->index, error) &&
		    open_output(evaluation->scores, &replay->scores, error) &&
		    open_output(evaluation->trace, &replay->trace, error) && with_scratch_store(evaluation, error);
	struct error closing;
	bool scores = close_output(evaluation->scores, replay->scores, &closing);
	bool trace = close_output(evaluation->trace, replay->trace, &closing);
	if (good && (!scores || !trace))
		*error = closing;
	figures_free(&replay->said);
	corpus_free(&corpus);
	return good && scores && trace;
}

static int
exit_status(const struct evaluation *evaluation)
{
	const struct replay *replay = &evaluation->replay;

	if (replay->interrupted != 0)
		return 128 + replay->interrupted;
	return replay->unreadable > 0 ? ERROR_INPUT : 0;
}

int
main(int argc, char **argv)
{
	struct evaluation evaluation = {
		.program = {.name = "dspam_eval", .help = help},
		.driver = "memory",
		.replay = {.limit = SIZE_MAX},
	};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&evaluation, option);
	if (evaluation.index == NULL)
		program_usage(&evaluation.program, "say with --index FILE which mail is to be replayed");
	if (optind < argc)
		program_usage(&evaluation.program, "\"%s\" is not an option", argv[optind]);
	int status =
		evaluate(&evaluation, &error) ? exit_status(&evaluation) : program_fail(&evaluation.program, &error);
	return program_end(&evaluation.program, status);
}
