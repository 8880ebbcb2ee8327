/* dspam_maintenance: what is to be done every night, by calling the tools that do it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/program.h"
#include "tool/purge_rule.h"

static const char help[] =
	"Usage: dspam_maintenance [OPTION]...\n"
	"Forget old log lines, signatures and tokens, for cron. What is not given here is taken from the\n"
	"Purge* settings of dspam.conf; a setting that is off stays off. An age is a number of days, or off.\n"
	"\n"
	"  --logdays=31      lines of logs\n"
	"  --signatures=14   signatures\n"
	"  --neutral=90      tokens that say neither spam nor innocent\n"
	"  --unused=90       tokens that were not seen\n"
	"  --hapaxes=30      tokens with fewer than five hits\n"
	"  --hits1s=15       tokens with a single spam hit\n"
	"  --hits1i=15       tokens with a single innocent hit\n"
	"  --with-sql-optimization\n"
	"                    give free space of the store back; others have to wait meanwhile\n"
	"  -v, --verbose     say what is done\n"
	"  --without-sql-purge, --with-sql-autoupdate, --purgescriptdir=DIR, --with-all-drivers\n"
	"                    ignored: dspam_clean purges every store, no SQL script is run\n" PROGRAM_HELP_OPTIONS;

enum {
	OPTION_LOG_DAYS = PROGRAM_OWN,
	OPTION_SIGNATURES,
	OPTION_NEUTRAL,
	OPTION_UNUSED,
	OPTION_HAPAXES,
	OPTION_HITS_1S,
	OPTION_HITS_1I,
	OPTION_OPTIMIZE,
	OPTION_SCRIPTS,
	OPTION_IGNORED,
};

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	{"logdays", required_argument, NULL, OPTION_LOG_DAYS},
	{"signatures", required_argument, NULL, OPTION_SIGNATURES},
	{"neutral", required_argument, NULL, OPTION_NEUTRAL},
	{"unused", required_argument, NULL, OPTION_UNUSED},
	{"hapaxes", required_argument, NULL, OPTION_HAPAXES},
	{"hits1s", required_argument, NULL, OPTION_HITS_1S},
	{"hits1i", required_argument, NULL, OPTION_HITS_1I},
	{"with-sql-optimization", no_argument, NULL, OPTION_OPTIMIZE},
	{"purgescriptdir", required_argument, NULL, OPTION_SCRIPTS},
	{"without-sql-purge", no_argument, NULL, OPTION_IGNORED},
	{"with-sql-autoupdate", no_argument, NULL, OPTION_IGNORED},
	{"with-all-drivers", no_argument, NULL, OPTION_IGNORED},
	{"verbose", no_argument, NULL, 'v'},
	{0},
};

static const struct purge_ages defaults = {
	.signatures = 14, .neutral = 90, .any = 90, .hapax = 30, .spam_once = 15, .innocent_once = 15};

#define NOT_GIVEN (-2)

struct maintenance {
	struct program program;
	struct purge_ages ages; /* NOT_GIVEN: as dspam.conf says */
	int32_t log_days;
	bool optimize, verbose;
	const char *scripts;
	int status; /* of the first program that failed */
};

/* ---- command line ------------------------------------------------------------------- */

static int32_t *
age_for(struct maintenance *work, int option)
{
	int32_t *const ages[] = {
		[OPTION_LOG_DAYS - PROGRAM_OWN] = &work->log_days,
		[OPTION_SIGNATURES - PROGRAM_OWN] = &work->ages.signatures,
		[OPTION_NEUTRAL - PROGRAM_OWN] = &work->ages.neutral,
		[OPTION_UNUSED - PROGRAM_OWN] = &work->ages.any,
		[OPTION_HAPAXES - PROGRAM_OWN] = &work->ages.hapax,
		[OPTION_HITS_1S - PROGRAM_OWN] = &work->ages.spam_once,
		[OPTION_HITS_1I - PROGRAM_OWN] = &work->ages.innocent_once,
	};

	return ages[option - PROGRAM_OWN];
}

static void
take_option(struct maintenance *work, int option)
{
	if (option >= OPTION_LOG_DAYS && option <= OPTION_HITS_1I) {
		if (*optarg == '\0' || !purge_age_read(span_from(optarg), 0, age_for(work, option)))
			program_usage(&work->program, "\"%s\" is no age: write a number of days, or off", optarg);
	} else if (option == OPTION_OPTIMIZE) {
		work->optimize = true;
	} else if (option == OPTION_SCRIPTS) {
		work->scripts = optarg;
	} else if (option == 'v') {
		work->verbose = true;
	} else if (option != OPTION_IGNORED) {
		program_option(&work->program, option);
	}
}

static void
fill_in(int32_t *age, int32_t otherwise)
{
	if (*age == NOT_GIVEN)
		*age = otherwise;
}

static void
choose_ages(struct maintenance *work)
{
	struct purge_ages site = purge_ages_of(work->program.config, &defaults);

	fill_in(&work->ages.signatures, site.signatures);
	fill_in(&work->ages.neutral, site.neutral);
	fill_in(&work->ages.any, site.any);
	fill_in(&work->ages.hapax, site.hapax);
	fill_in(&work->ages.spam_once, site.spam_once);
	fill_in(&work->ages.innocent_once, site.innocent_once);
}

/* ---- running the others --------------------------------------------------------------- */

enum { WORDS_MAX = 24 };

struct words {
	struct arena *arena;
	const char *items[WORDS_MAX + 1];
	size_t count;
};

static void add_word(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
add_word(struct words *words, const char *format, ...)
{
	char text[PATH_MAX + 64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	const char *word = arena_copy(words->arena, span_from(text));
	if (word == NULL || words->count == WORDS_MAX)
		abort();
	words->items[words->count++] = word;
}

/* The program of that name beside this one, else the one in PATH. */
static void
add_program(struct words *words, const char *name)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path);
	char *slash = size > 0 && (size_t)size < sizeof path ? memrchr(path, '/', (size_t)size) : NULL;

	if (slash != NULL) {
		snprintf(slash + 1, sizeof path - (size_t)(slash + 1 - path), "%s", name);
		if (access(path, X_OK) == 0)
			name = path;
	}
	add_word(words, "%s", name);
}

static void
execute(const struct words *words)
{
	/* execvp takes words that may be written to, and does not write to them */
	execvp(words->items[0], (char *const *)(uintptr_t)words->items);
	_exit(127);
}

static int
wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ERROR_OS;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ERROR_SOFTWARE;
}

static void
run_words(struct maintenance *work, const struct words *words)
{
	if (work->verbose) {
		for (size_t i = 0; i < words->count; i++)
			printf("%s%s", i > 0 ? " " : "", words->items[i]);
		puts("");
	}
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		execute(words);
	int status = child < 0 ? ERROR_OS : wait_for(child);
	if (status == 0)
		return;
	log_error("%s ended with status %d%s", words->items[0], status,
		  status == 127 ? ": is it installed beside this program, or in PATH?" : "");
	if (work->status == 0)
		work->status = status == 127 ? ERROR_UNAVAILABLE : status;
}

/* ---- what is done ----------------------------------------------------------------------- */

static void
rotate_logs(struct maintenance *work, struct words *words)
{
	if (work->log_days == PURGE_OFF)
		return;
	words->count = 0;
	add_program(words, "dspam_logrotate");
	add_word(words, "-a");
	add_word(words, "%d", (int)work->log_days);
	if (work->verbose)
		add_word(words, "-v");
	add_word(words, "-d");
	add_word(words, "%s", work->program.settings->home);
	words->items[words->count] = NULL;
	run_words(work, words);
}

static const char *
age_text(struct arena *arena, int32_t age)
{
	const char *text = age == PURGE_OFF ? "off" : arena_printf(arena, "%d", (int)age);

	if (text == NULL)
		abort();
	return text;
}

static void
clean(struct maintenance *work, struct words *words)
{
	const struct purge_ages *ages = &work->ages;
	struct arena *arena = words->arena;

	if (!purge_ages_any(ages) && !work->optimize)
		return;
	words->count = 0;
	add_program(words, "dspam_clean");
	if (work->program.config_path != NULL)
		add_word(words, "--config=%s", work->program.config_path);
	if (work->program.profile != NULL)
		add_word(words, "--profile=%s", work->program.profile);
	if (work->verbose)
		add_word(words, "--verbose");
	if (work->optimize)
		add_word(words, "--optimize");
	add_word(words, "-s%s", age_text(arena, ages->signatures));
	add_word(words, "-p%s", age_text(arena, ages->neutral));
	add_word(words, "-u%s,%s,%s,%s", age_text(arena, ages->any), age_text(arena, ages->hapax),
		 age_text(arena, ages->spam_once), age_text(arena, ages->innocent_once));
	words->items[words->count] = NULL;
	run_words(work, words);
}

static bool
run(struct maintenance *work, struct error *error)
{
	struct words words = {.arena = arena_new((size_t)1 << 20)};
	bool loaded = program_load_trusted(&work->program, error);

	if (loaded) {
		choose_ages(work);
		if (work->scripts != NULL)
			log_warning("--purgescriptdir=%s: no script in it is run; dspam_clean does what they did",
				    work->scripts);
		rotate_logs(work, &words);
		clean(work, &words);
	}
	arena_free(words.arena);
	return loaded;
}

int
main(int argc, char **argv)
{
	struct maintenance work = {
		.program = {.name = "dspam_maintenance", .help = help},
		.ages = {NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN},
		.log_days = 31,
	};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1)
		take_option(&work, option);
	if (optind < argc)
		program_usage(&work.program, "\"%s\" is too much: all users are cleaned", argv[optind]);
	int status =
		run(&work, &error) ? program_status(&work.program, work.status) : program_fail(&work.program, &error);
	return program_end(&work.program, status);
}
