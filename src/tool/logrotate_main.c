/* dspam_logrotate: drop old lines from user.log and system.log. */
#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "tool/json.h"
#include "tool/log_rotate.h"
#include "tool/program.h"

#define DAYS_MAX 36500
#define STATUS_USAGE 255 /* as it always was */

static const char help[] =
	"Usage: dspam_logrotate -a DAYS [-v] -l FILE...\n"
	"   or: dspam_logrotate -a DAYS [-v] -d DIRECTORY\n"
	"Drop the lines of these logs, or of all *.log below DIRECTORY, that are older than DAYS, and all\n"
	"that do not begin with a time; a file without any such line is left alone. Logs that are being\n"
	"written to may be rotated.\n"
	"\n"
	"  -a DAYS           how old a line may become\n"
	"  -l                the logs are named by the arguments\n"
	"  -d DIRECTORY      take all files below it whose names end in .log\n"
	"  -v                say how many lines went from each log\n" PROGRAM_HELP_JSON
	"  --help            show this text\n"
	"  --version         show the version\n"
	"\n"
	"Exit status: 0; 255 wrong usage; that of sysexits.h for the first log that could not be rotated.\n";

static const struct option options[] = {
	{"help", no_argument, NULL, PROGRAM_HELP},
	{"version", no_argument, NULL, PROGRAM_VERSION},
	PROGRAM_JSON_OPTION,
	{0},
};

struct rotation {
	struct program program;
	int64_t oldest;
	bool aged, verbose, named;
	const char *directory;
	int status; /* of the first failure */
	struct json json;
	uint64_t dropped;
};

static void
usage(const char *why)
{
	fprintf(stderr,
		"dspam_logrotate: %s\n"
		"Usage: dspam_logrotate -a age [-v] -l logfiles\n"
		"or\n"
		"Usage: dspam_logrotate -a age [-v] -d /var/dspam\n",
		why);
	exit(STATUS_USAGE);
}

/* One log that cannot be rotated does not keep the others from it. */
static void
note(struct rotation *rotation, const struct error *error)
{
	log_error("%s", error->text);
	if (rotation->status == 0)
		rotation->status = error_exit_status(error);
}

static void
report(struct rotation *rotation, const char *path, uint64_t dropped)
{
	rotation->dropped += dropped;
	if (rotation->program.json) {
		json_put_object(&rotation->json, NULL);
		json_put_text(&rotation->json, "file", span_from(path));
		json_put_integer(&rotation->json, "lines_removed", (int64_t)dropped);
		json_put_object_end(&rotation->json);
	} else if (rotation->verbose) {
		printf("Deleted %" PRIu64 " lines from %s \n", dropped, path);
	}
}

static void
rotate(struct rotation *rotation, const char *path)
{
	struct error error;
	uint64_t dropped;

	bool done = log_rotate(path, rotation->oldest, &dropped, &error);
	if (done)
		report(rotation, path, dropped);
	/* other programs may have logs below the directory */
	else if (rotation->directory == NULL || error.code != ERROR_DATA)
		note(rotation, &error);
	else if (rotation->verbose && !rotation->program.json)
		printf("%s\n", error.text);
}

static bool
is_log(const FTSENT *entry)
{
	return entry->fts_info == FTS_F && entry->fts_namelen > 4 &&
	       strcmp(entry->fts_name + entry->fts_namelen - 4, ".log") == 0;
}

static void
rotate_below(struct rotation *rotation)
{
	char *roots[] = {(char *)(uintptr_t)rotation->directory, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	const FTSENT *entry;
	struct error error;

	if (tree == NULL) {
		error_set(&error, ERROR_INPUT, "\"%s\": %s", rotation->directory, strerror(errno));
		note(rotation, &error);
		return;
	}
	while ((entry = fts_read(tree)) != NULL) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
			error_set(&error, ERROR_INPUT, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
			note(rotation, &error);
		} else if (is_log(entry)) {
			rotate(rotation, entry->fts_path);
		}
	}
	fts_close(tree);
}

static void
take_option(struct rotation *rotation, int option)
{
	unsigned long long days;

	switch (option) {
	case 'a':
		if (!span_to_number(span_from(optarg), DAYS_MAX, &days))
			usage("-a wants a number of days");
		rotation->oldest = (int64_t)time(NULL) - (int64_t)days * CLOCK_DAY;
		rotation->aged = true;
		break;
	case 'v':
		rotation->verbose = true;
		break;
	case 'l':
		rotation->named = true;
		break;
	case 'd':
		rotation->directory = optarg;
		break;
	case PROGRAM_HELP:
	case PROGRAM_VERSION:
	case PROGRAM_JSON:
		program_option(&rotation->program, option);
		break;
	default: /* getopt_long has said what is wrong */
		fputs("Try `dspam_logrotate --help'.\n", stderr);
		exit(STATUS_USAGE);
	}
}

static void
rotate_all(struct rotation *rotation, char *const *paths, int count)
{
	if (rotation->directory != NULL)
		rotate_below(rotation);
	for (int i = 0; i < count; i++)
		rotate(rotation, paths[i]);
}

static void
rotate_with_json(struct rotation *rotation, char *const *paths, int count)
{
	struct json *json = &rotation->json;

	json_begin(json, stdout);
	json_put_object(json, NULL);
	json_put_array(json, "logs");
	rotate_all(rotation, paths, count);
	json_put_array_end(json);
	json_put_integer(json, "lines_removed", (int64_t)rotation->dropped);
	json_put_boolean(json, "complete", rotation->status == 0);
	json_put_object_end(json);
	json_end(json);
}

int
main(int argc, char **argv)
{
	struct rotation rotation = {.program = {.name = "dspam_logrotate", .help = help}};
	int option;

	while ((option = getopt_long(argc, argv, "a:d:lv", options, NULL)) != -1)
		take_option(&rotation, option);
	if (!rotation.aged)
		usage("how old may lines become? say it with -a");
	if (rotation.named == (rotation.directory != NULL) || rotation.named != (optind < argc))
		usage("name logs with -l, or a directory with -d");
	log_open("dspam_logrotate", true, false, LOG_LEVEL_NOTICE);
	(rotation.program.json ? rotate_with_json : rotate_all)(&rotation, argv + optind, argc - optind);
	return program_end(&rotation.program, rotation.status);
}
