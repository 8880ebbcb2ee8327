/* dspam_maintenance: what is to be done every night, by calling the tools that do it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/callee.h"
#include "tool/json.h"
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
	"  --fragments=off   files in USER.frag (storeFragments)\n"
	"  --corpus=off      files in USER.corpus (makeCorpus)\n"
	"  --with-sql-optimization\n"
	"                    give free space of the store back; others have to wait meanwhile\n"
	"  -v, --verbose     say what is done\n" PROGRAM_HELP_JSON
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
	OPTION_FRAGMENTS,
	OPTION_CORPUS,
	OPTION_OPTIMIZE,
	OPTION_SCRIPTS,
	OPTION_IGNORED,
};

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"logdays", required_argument, NULL, OPTION_LOG_DAYS},
	{"signatures", required_argument, NULL, OPTION_SIGNATURES},
	{"neutral", required_argument, NULL, OPTION_NEUTRAL},
	{"unused", required_argument, NULL, OPTION_UNUSED},
	{"hapaxes", required_argument, NULL, OPTION_HAPAXES},
	{"hits1s", required_argument, NULL, OPTION_HITS_1S},
	{"hits1i", required_argument, NULL, OPTION_HITS_1I},
	{"fragments", required_argument, NULL, OPTION_FRAGMENTS},
	{"corpus", required_argument, NULL, OPTION_CORPUS},
	{"with-sql-optimization", no_argument, NULL, OPTION_OPTIMIZE},
	{"purgescriptdir", required_argument, NULL, OPTION_SCRIPTS},
	{"without-sql-purge", no_argument, NULL, OPTION_IGNORED},
	{"with-sql-autoupdate", no_argument, NULL, OPTION_IGNORED},
	{"with-all-drivers", no_argument, NULL, OPTION_IGNORED},
	{"verbose", no_argument, NULL, 'v'},
	{0},
};

static const struct purge_ages defaults = {
	.signatures = 14,
	.neutral = 90,
	.any = 90,
	.hapax = 30,
	.spam_once = 15,
	.innocent_once = 15,
	.fragments = PURGE_OFF,
	.corpus = PURGE_OFF,
};

#define NOT_GIVEN (-2)

struct maintenance {
	struct program program;
	struct purge_ages ages; /* NOT_GIVEN: as dspam.conf says */
	int32_t log_days;
	bool optimize, verbose;
	const char *scripts;
	int status; /* of the first program that failed */
	struct json json;
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
		[OPTION_FRAGMENTS - PROGRAM_OWN] = &work->ages.fragments,
		[OPTION_CORPUS - PROGRAM_OWN] = &work->ages.corpus,
	};

	return ages[option - PROGRAM_OWN];
}

static void
take_option(struct maintenance *work, int option)
{
	if (option >= OPTION_LOG_DAYS && option <= OPTION_CORPUS) {
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
	fill_in(&work->ages.fragments, site.fragments);
	fill_in(&work->ages.corpus, site.corpus);
}

/* ---- running the others --------------------------------------------------------------- */

static int
run_and_say(const struct maintenance *work, const struct callee *callee)
{
	for (size_t i = 0; work->verbose && i < callee->count; i++)
		printf("%s%c", callee->words[i], i + 1 < callee->count ? ' ' : '\n');
	return callee_run(callee);
}

static void
run_callee(struct maintenance *work, const struct callee *callee)
{
	int status = work->program.json ? callee_run_json(callee, &work->json) : run_and_say(work, callee);

	if (status == 0)
		return;
	log_error("%s ended with status %d%s", callee->words[0], status,
		  status == 127 ? ": is it installed beside this program, or in PATH?" : "");
	if (work->status == 0)
		work->status = status == 127 ? ERROR_UNAVAILABLE : status;
}

/* ---- what is done ----------------------------------------------------------------------- */

static void
rotate_logs(struct maintenance *work, struct callee *callee)
{
	if (work->log_days == PURGE_OFF)
		return;
	callee_begin(callee, "dspam_logrotate");
	callee_add(callee, "-a");
	callee_add(callee, "%d", (int)work->log_days);
	if (work->program.json)
		callee_add(callee, "--json");
	else if (work->verbose)
		callee_add(callee, "-v");
	callee_add(callee, "-d");
	callee_add(callee, "%s", work->program.settings->home);
	run_callee(work, callee);
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
clean(struct maintenance *work, struct callee *callee)
{
	const struct purge_ages *ages = &work->ages;
	struct arena *arena = callee->arena;

	if (!purge_ages_any_stored(ages) && !purge_ages_any_copy(ages) && !work->optimize)
		return;
	callee_begin(callee, "dspam_clean");
	if (work->program.config_path != NULL)
		callee_add(callee, "--config=%s", work->program.config_path);
	if (work->program.profile != NULL)
		callee_add(callee, "--profile=%s", work->program.profile);
	if (work->program.json)
		callee_add(callee, "--json");
	else if (work->verbose)
		callee_add(callee, "--verbose");
	if (work->optimize)
		callee_add(callee, "--optimize");
	callee_add(callee, "-s%s", age_text(arena, ages->signatures));
	callee_add(callee, "-p%s", age_text(arena, ages->neutral));
	callee_add(callee, "-u%s,%s,%s,%s", age_text(arena, ages->any), age_text(arena, ages->hapax),
		   age_text(arena, ages->spam_once), age_text(arena, ages->innocent_once));
	if (ages->fragments != PURGE_OFF)
		callee_add(callee, "--fragments=%d", (int)ages->fragments);
	if (ages->corpus != PURGE_OFF)
		callee_add(callee, "--corpus=%d", (int)ages->corpus);
	run_callee(work, callee);
}

static void
work_with_words(struct maintenance *work, struct callee *callee)
{
	rotate_logs(work, callee);
	clean(work, callee);
}

static void
work_with_json(struct maintenance *work, struct callee *callee)
{
	struct json *json = &work->json;

	json_begin(json, stdout);
	json_put_object(json, NULL);
	json_put_array(json, "programs");
	work_with_words(work, callee);
	json_put_array_end(json);
	json_put_boolean(json, "complete", work->status == 0);
	json_put_object_end(json);
	json_end(json);
}

static bool
run(struct maintenance *work, struct error *error)
{
	struct callee callee = {.arena = arena_new((size_t)1 << 20)};
	bool loaded = program_load_trusted(&work->program, error);

	if (loaded) {
		choose_ages(work);
		if (work->scripts != NULL)
			log_warning("--purgescriptdir=%s: no script in it is run; dspam_clean does what they did",
				    work->scripts);
		(work->program.json ? work_with_json : work_with_words)(work, &callee);
	}
	arena_free(callee.arena);
	return loaded;
}

int
main(int argc, char **argv)
{
	struct maintenance work = {
		.program = {.name = "dspam_maintenance", .help = help},
		.ages = {NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN},
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
