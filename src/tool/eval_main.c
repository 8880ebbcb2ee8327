/* dspam_eval: how good the filter would be on mail whose class is known, with the settings of a dspam.conf, or of
 * several. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "tool/evaluation.h"

static const char help[] =
	"Usage: dspam_eval --index FILE [OPTION]...\n"
	"Replay mail whose class is known through the filter, with the settings of dspam.conf and an\n"
	"empty store that is thrown away: judge each message, then learn it. Print how good it was.\n"
	"With several settings each has its own store, and they are compared on the same mail.\n"
	"\n"
	"  --index FILE      lines \"spam PATH\" or \"ham PATH\", paths relative to FILE\n"
	"  --setting TEXT    \"Directive value; Directive value\" in place of what dspam.conf says; again for\n"
	"                    each that is to be compared; \"NAME=Directive value\" gives it a name. Several\n"
	"                    --config are compared, too\n"
	"  --feedback WHAT   what the user says: immediate: the class of each message (default); or, joined\n"
	"                    by commas, errors and unsure, as in use, in the TrainingMode of dspam.conf;\n"
	"                    fraction=F: so much of it; delay=N: N messages later\n"
	"  --train WAY       class: as immediate; errors: the class of those that were judged wrongly;\n"
	"                    live: as --feedback errors\n"
	"  --noise P         this share of what the user says is wrong, 0 to 1\n"
	"  --shuffle SEED    mix the messages\n"
	"  --seed SEED       of noise, fraction and intervals (1)\n"
	"  --limit N         replay N messages only\n"
	"  --skip N          leave out the first N lines of the index\n"
	"  --details         also how fast it learned, how far that may be luck, and calibration\n"
	"  --html FILE       write a page with figures and charts\n"
	"  --scores OUT      write a line \"gold verdict score\" for each message; of several to OUT.NAME\n"
	"  --trace OUT       write a line \"N gold result class probability confidence\" for each message\n"
	"  --store DRIVER    memory (default), or sqlite in a directory below $TMPDIR\n" PROGRAM_HELP_JSON
		PROGRAM_HELP_OPTIONS "\n"
	"1-ROCA% is how often ham has a higher score than spam, hm% how much ham was taken for spam,\n"
	"sm% how much spam was missed, lam% their logistic average. Milliseconds are CPU time a message.\n";

enum {
	OPTION_INDEX = PROGRAM_OWN,
	OPTION_SETTING,
	OPTION_FEEDBACK,
	OPTION_TRAIN,
	OPTION_NOISE,
	OPTION_SHUFFLE,
	OPTION_SEED,
	OPTION_LIMIT,
	OPTION_SKIP,
	OPTION_DETAILS,
	OPTION_HTML,
	OPTION_SCORES,
	OPTION_TRACE,
	OPTION_STORE,
};

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"index", required_argument, NULL, OPTION_INDEX},
	{"setting", required_argument, NULL, OPTION_SETTING},
	{"feedback", required_argument, NULL, OPTION_FEEDBACK},
	{"train", required_argument, NULL, OPTION_TRAIN},
	{"noise", required_argument, NULL, OPTION_NOISE},
	{"shuffle", required_argument, NULL, OPTION_SHUFFLE},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"limit", required_argument, NULL, OPTION_LIMIT},
	{"skip", required_argument, NULL, OPTION_SKIP},
	{"details", no_argument, NULL, OPTION_DETAILS},
	{"html", required_argument, NULL, OPTION_HTML},
	{"scores", required_argument, NULL, OPTION_SCORES},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"store", required_argument, NULL, OPTION_STORE},
	{0},
};

struct trial {
	struct program program;
	const char *scores, *trace, *html;
	FILE *page; /* html, opened before the work, so that it is not done for nothing */
	bool details;
	const char *configs[CONTENDERS_MAX], *settings[CONTENDERS_MAX]; /* as on the command line */
	size_t config_count, setting_count;
	struct contender contenders[CONTENDERS_MAX];
	struct feedback feedback;
	struct replay replay;
	struct evaluation evaluation;
};

/* ---- command line ------------------------------------------------------------------ */

static unsigned long long
number_argument(struct program *program, const char *name, const char *what, unsigned long long maximum)
{
	unsigned long long number;

	if (!span_to_number(span_from(optarg), maximum, &number))
		program_usage(program, "%s %s: should be a number%s", name, optarg, what);
	return number;
}

static size_t
count_argument(struct program *program, const char *name)
{
	return (size_t)number_argument(program, name, " of messages", SIZE_MAX / 2);
}

static double
noise_argument(struct program *program)
{
	char *end;
	double noise = strtod(optarg, &end);

	if (*optarg == '\0' || *end != '\0' || !(noise >= 0.0 && noise <= 1.0))
		program_usage(program, "--noise %s: should be a share from 0 to 1, such as 0.05", optarg);
	return noise;
}

static void
keep(struct trial *trial, const char *texts[], size_t *count, const char *text)
{
	if (*count == CONTENDERS_MAX)
		program_usage(&trial->program, "at most %d settings can be compared at once", CONTENDERS_MAX);
	texts[(*count)++] = text;
}

static void
take_feedback(struct trial *trial, int option)
{
	const char *wrong = option == OPTION_FEEDBACK ? feedback_read(&trial->feedback, optarg) : NULL;

	if (wrong != NULL)
		program_usage(&trial->program, "--feedback %s: %s", optarg, wrong);
	if (option == OPTION_TRAIN && !feedback_read_way(&trial->feedback, optarg))
		program_usage(&trial->program, "--train %s: should be class, errors or live", optarg);
}

static void
take_option(struct trial *trial, int option)
{
	struct program *program = &trial->program;
	const unsigned long long seed_max = INT64_MAX;

	switch (option) {
	case OPTION_INDEX:
		trial->evaluation.index = optarg;
		break;
	case OPTION_SETTING:
		keep(trial, trial->settings, &trial->setting_count, optarg);
		break;
	case OPTION_FEEDBACK:
	case OPTION_TRAIN:
		take_feedback(trial, option);
		break;
	case OPTION_NOISE:
		trial->feedback.noise = noise_argument(program);
		break;
	case OPTION_SHUFFLE:
		trial->replay.shuffle = true;
		trial->replay.shuffle_seed = number_argument(program, "--shuffle", "", seed_max);
		break;
	case OPTION_SEED:
		trial->feedback.seed = number_argument(program, "--seed", "", seed_max);
		break;
	case OPTION_LIMIT:
		trial->replay.limit = count_argument(program, "--limit");
		break;
	case OPTION_SKIP:
		trial->replay.skip = count_argument(program, "--skip");
		break;
	case OPTION_DETAILS:
		trial->details = true;
		break;
	case OPTION_HTML:
		trial->html = optarg;
		break;
	case OPTION_SCORES:
		trial->scores = optarg;
		break;
	case OPTION_TRACE:
		trial->trace = optarg;
		break;
	case OPTION_STORE:
		trial->evaluation.driver = optarg;
		break;
	case PROGRAM_CONFIG:
		program_option(program, option);
		keep(trial, trial->configs, &trial->config_count, optarg);
		break;
	default:
		program_option(program, option);
	}
}

/* ---- who is compared ----------------------------------------------------------------- */

/* Names are for files, too, so that no two may be alike. */
static void
make_unique(struct contender *contenders, size_t number)
{
	char *name = contenders[number].name, ending[16];
	size_t like = 1;

	for (size_t i = 0; i < number; i++) {
		if (strcmp(contenders[i].name, name) != 0)
			continue;
		int size = snprintf(ending, sizeof ending, "-%zu", ++like);
		size_t kept = like == 2 ? strlen(name) : (size_t)(strrchr(name, '-') - name);
		size_t most = CONTENDER_NAME_SIZE - 1 - (size_t)size;
		snprintf(name + (kept < most ? kept : most), sizeof ending, "%s", ending);
		i = SIZE_MAX; /* from the beginning */
	}
}

/* Each setting changes the one dspam.conf; without any, each dspam.conf stands for itself. */
static void
make_contenders(struct trial *trial)
{
	struct program *program = &trial->program;
	bool changed = trial->setting_count > 0;
	size_t count = changed ? trial->setting_count : trial->config_count;

	if (changed && trial->config_count > 1)
		program_usage(program, "--setting changes one dspam.conf: say --config once, or compare files alone");
	for (size_t i = 0; i < count; i++) {
		struct contender *contender = &trial->contenders[i];
		const char *text = changed ? trial->settings[i] : trial->configs[i];
		const char *wrong = changed ? contender_set(contender, text) : contender_set_path(contender, text);
		if (wrong != NULL)
			program_usage(program, "--%s \"%s\": %s", changed ? "setting" : "config", text, wrong);
		if (changed)
			contender->path = program->config_path;
		make_unique(trial->contenders, i);
	}
	if (count == 0)
		snprintf(trial->contenders[count++].name, CONTENDER_NAME_SIZE, "dspam.conf");
	trial->replay.contenders = trial->contenders;
	trial->replay.count = count;
}

/* ---- the work ------------------------------------------------------------------------ */

static bool
load_all(struct trial *trial, struct error *error)
{
	program_start(&trial->program);
	for (size_t i = 0; i < trial->replay.count; i++)
		if (!contender_load(&trial->contenders[i], &trial->program, error))
			return false;
	return true;
}

/* "OUT", or "OUT.NAME" where there are several; NULL stays so. */
static const char *
output_path(const struct trial *trial, const char *path, size_t number, char place[PATH_MAX])
{
	if (path == NULL || trial->replay.count == 1)
		return path;
	snprintf(place, PATH_MAX, "%s.%s", path, trial->contenders[number].name);
	return place;
}

static bool
open_all(struct trial *trial, struct error *error)
{
	for (size_t i = 0; i < trial->replay.count; i++) {
		char scores[PATH_MAX], trace[PATH_MAX];
		if (!contender_open(&trial->contenders[i], trial->evaluation.driver, &trial->feedback,
				    output_path(trial, trial->scores, i, scores),
				    output_path(trial, trial->trace, i, trace), error))
			return false;
	}
	return true;
}

static bool
close_all(struct trial *trial, bool good, struct error *error)
{
	struct error closing;

	for (size_t i = 0; i < trial->replay.count; i++)
		if (!contender_close(&trial->contenders[i], &closing) && good) {
			good = false;
			*error = closing;
		}
	return good;
}

static bool
open_page(struct trial *trial, struct error *error)
{
	if (trial->html == NULL)
		return true;
	trial->page = fopen(trial->html, "we");
	return trial->page != NULL ||
	       error_set(error, ERROR_CREATE, "cannot write %s: %s", trial->html, strerror(errno));
}

static bool
print_page(const struct trial *trial, struct error *error)
{
	if (trial->page == NULL)
		return true;
	evaluation_print_html(&trial->evaluation, trial->page);
	bool good = ferror(trial->page) == 0;
	return (fclose(trial->page) == 0 && good) ||
	       error_set(error, ERROR_IO, "cannot write %s: %s", trial->html, strerror(errno));
}

static bool
print_all(struct trial *trial, struct error *error)
{
	struct evaluation *evaluation = &trial->evaluation;

	evaluation->seed = trial->feedback.seed;
	evaluation->when = time(NULL);
	evaluation_make(evaluation);
	if (trial->program.json)
		evaluation_print_json(evaluation, stdout);
	else if (evaluation->count == 1)
		evaluation_print_one(evaluation, trial->details, stdout);
	else
		evaluation_print_all(evaluation, stdout);
	bool good = print_page(trial, error);
	evaluation_free(evaluation);
	return good;
}

static bool
run(struct trial *trial, struct error *error)
{
	struct corpus corpus;

	corpus_init(&corpus);
	trial->replay.corpus = &corpus;
	bool good = load_all(trial, error) && corpus_add_index(&corpus, trial->evaluation.index, error) &&
		    open_all(trial, error) && open_page(trial, error) && replay_run(&trial->replay, error);
	if (good && corpus.count <= trial->replay.skip)
		log_warning("no message was replayed: %s names %zu, of which --skip leaves out %zu",
			    trial->evaluation.index, corpus.count, trial->replay.skip);
	good = close_all(trial, good, error) && print_all(trial, error);
	corpus_free(&corpus);
	return good;
}

static int
exit_status(const struct trial *trial)
{
	const struct replay *replay = &trial->replay;

	if (replay->interrupted != 0)
		return 128 + replay->interrupted;
	return replay->unreadable > 0 ? ERROR_INPUT : 0;
}

static int
end(struct trial *trial, int status)
{
	for (size_t i = 0; i < trial->replay.count; i++)
		contender_free(&trial->contenders[i]);
	trial->program.config = NULL; /* it was the first one's */
	return program_end(&trial->program, status);
}

int
main(int argc, char **argv)
{
	static struct trial trial = {
		.program = {.name = "dspam_eval", .help = help},
		.feedback = {.fraction = 1.0, .seed = 1},
		.replay = {.limit = SIZE_MAX},
		.evaluation = {.driver = "memory"},
	};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&trial, option);
	if (trial.evaluation.index == NULL)
		program_usage(&trial.program, "say with --index FILE which mail is to be replayed");
	if (optind < argc)
		program_usage(&trial.program, "\"%s\" is not an option", argv[optind]);
	make_contenders(&trial);
	trial.evaluation.command = argv;
	trial.evaluation.replay = &trial.replay;
	trial.evaluation.feedback = &trial.feedback;
	bool good = run(&trial, &error);
	trial.program.config = trial.contenders[0].config;
	return end(&trial, good ? exit_status(&trial) : program_fail(&trial.program, &error));
}
