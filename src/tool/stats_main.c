/* dspam_stats: how often the filter was right. */
#include <stdio.h>

#include "tool/caller.h"
#include "tool/program.h"
#include "tool/user_list.h"
#include "tool/user_stats.h"

static const char help[] =
	"Usage: dspam_stats [OPTION]... [USER]...\n"
	"Print how often the mail of each USER (without one: of all) was judged rightly:\n"
	"TP spam caught, TN ham let through, FP ham taken for spam, FN spam missed,\n"
	"SC and NC spam and ham fed from a corpus. Letters may be combined: -St.\n"
	"\n"
	"  -H                one counter a line, in words\n"
	"  -S                add rates: SHR spam hit rate, HSR ham strike rate, OCA overall accuracy\n"
	"  -s                count from the last snapshot\n"
	"  -r                write a snapshot (HOME/data/USER/USER.rstats)\n"
	"  -t                add a TOTAL\n"
	"  -h                show this text\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

static const struct option options[] = {PROGRAM_LONG_OPTIONS, PROGRAM_JSON_OPTION, {0}};

static bool
print_users(struct user_stats *stats, const struct caller *caller, char *const *names, size_t count,
	    struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!caller_may(caller, names[i], error) || !user_stats_print(stats, names[i], stdout, error))
			return false;
	return true;
}

static bool
print_all(struct user_stats *stats, const struct caller *caller, struct error *error)
{
	struct user_list users = {.names = NULL};
	bool done = user_list_read(&users, stats->store, error) &&
		    print_users(stats, caller, users.names, users.count, error);

	user_list_free(&users);
	return done;
}

static bool
print_wanted(struct user_stats *stats, struct caller *caller, char *const *names, size_t count, struct error *error)
{
	if (count > 0)
		return print_users(stats, caller, names, count, error);
	return caller->trusted ? print_all(stats, caller, error)
			       : print_users(stats, caller, &(char *){caller->name}, 1, error);
}

static bool
print_text(struct user_stats *stats, struct caller *caller, char *const *names, size_t count, struct error *error)
{
	if (!print_wanted(stats, caller, names, count, error))
		return false;
	if (stats->sum)
		tally_print(stdout, "TOTAL", &stats->total, stats->form);
	return true;
}

static bool
print_json(struct user_stats *stats, struct caller *caller, char *const *names, size_t count, struct error *error)
{
	struct json json;

	json_begin(&json, stdout);
	stats->json = &json;
	json_put_object(&json, NULL);
	json_put_array(&json, "users");
	bool done = print_wanted(stats, caller, names, count, error);
	json_put_array_end(&json);
	if (stats->sum)
		tally_json(&json, "total", NULL, &stats->total);
	json_put_object_end(&json);
	json_end(&json);
	return done;
}

static bool
run(struct program *program, struct user_stats *stats, char **names, size_t count, struct error *error)
{
	struct caller caller;

	if (!program_load(program, error) || !caller_find(program->config, &caller, error) ||
	    !store_open(&program->settings->store, &stats->store, error))
		return false;
	stats->home = &program->settings->files;
	bool done = (program->json ? print_json : print_text)(stats, &caller, names, count, error);
	store_close(stats->store);
	return done;
}

static void
take_option(struct program *program, struct user_stats *stats, int option)
{
	switch (option) {
	case 'H':
		stats->form = TALLY_LONG;
		break;
	case 'S':
		if (stats->form == TALLY_SHORT)
			stats->form = TALLY_WITH_RATES;
		break;
	case 's':
		stats->since_snapshot = true;
		break;
	case 'r':
		stats->snapshot = true;
		break;
	case 't':
		stats->sum = true;
		break;
	default:
		program_option(program, option == 'h' ? PROGRAM_HELP : option);
	}
}

int
main(int argc, char **argv)
{
	struct program program = {.name = "dspam_stats", .help = help};
	struct user_stats stats = {.form = TALLY_SHORT};
	struct error error;
	int option, status = 0;

	while ((option = getopt_long(argc, argv, "HrsSth", options, NULL)) != -1)
		take_option(&program, &stats, option);
	if (!run(&program, &stats, argv + optind, (size_t)(argc - optind), &error))
		status = program_fail(&program, &error);
	return program_end(&program, status);
}
