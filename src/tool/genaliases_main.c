/* dspam_genaliases: alias lines by which the accounts of this machine retrain the filter. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/log.h"
#include "tool/json.h"
#include "tool/program.h"

static const char help[] =
	"Usage: dspam_genaliases [OPTION]...\n"
	"Write lines for /etc/aliases by which each account of this machine gets an address spam-ACCOUNT,\n"
	"to which it forwards missed spam. Run newaliases when they are in place.\n"
	"\n"
	"  --nospam          also nospam-ACCOUNT, for mail that was taken for spam\n"
	"  -o FILE           write to FILE\n"
	"  --exclude NAME    not for this account; may be repeated, as may --excludeuid\n"
	"  --excludeuid N    not for the accounts with this number\n"
	"  --minuid N        only for accounts with at least this number\n"
	"  --maxuid N        only for accounts with at most this number\n"
	"  -h                show this text\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

enum { OPTION_NOSPAM = PROGRAM_OWN, OPTION_EXCLUDE, OPTION_EXCLUDE_UID, OPTION_MIN_UID, OPTION_MAX_UID };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"nospam", no_argument, NULL, OPTION_NOSPAM},
	{"exclude", required_argument, NULL, OPTION_EXCLUDE},
	{"excludeuid", required_argument, NULL, OPTION_EXCLUDE_UID},
	{"minuid", required_argument, NULL, OPTION_MIN_UID},
	{"maxuid", required_argument, NULL, OPTION_MAX_UID},
	{0},
};

/* More exclusions than a command line holds. */
enum { EXCLUSIONS_MAX = 10000 };

struct aliases {
	struct program program;
	const char *path; /* of the file; NULL: standard output */
	bool nospam;
	unsigned long minimum, maximum;
	const char *names[EXCLUSIONS_MAX];
	unsigned long uids[EXCLUSIONS_MAX];
	size_t name_count, uid_count;
	char dspam[PATH_MAX];
	struct json json;
	char config[PATH_MAX];
};

/* ---- command line ------------------------------------------------------------------- */

static unsigned long
number(struct aliases *aliases, const char *option)
{
	unsigned long long value;

	if (!span_to_number(span_from(optarg), UINT_MAX, &value))
		program_usage(&aliases->program, "%s %s: write the number of an account", option, optarg);
	return (unsigned long)value;
}

static void
take_exclusion(struct aliases *aliases, int option)
{
	if (aliases->name_count == EXCLUSIONS_MAX || aliases->uid_count == EXCLUSIONS_MAX)
		program_usage(&aliases->program, "too many accounts are excluded");
	if (option == OPTION_EXCLUDE)
		aliases->names[aliases->name_count++] = optarg;
	else
		aliases->uids[aliases->uid_count++] = number(aliases, "--excludeuid");
}

static void
take_option(struct aliases *aliases, int option)
{
	switch (option) {
	case OPTION_NOSPAM:
		aliases->nospam = true;
		break;
	case 'o':
		aliases->path = optarg;
		break;
	case OPTION_EXCLUDE:
	case OPTION_EXCLUDE_UID:
		take_exclusion(aliases, option);
		break;
	case OPTION_MIN_UID:
		aliases->minimum = number(aliases, "--minuid");
		break;
	case OPTION_MAX_UID:
		aliases->maximum = number(aliases, "--maxuid");
		break;
	default:
		program_option(&aliases->program, option == 'h' ? PROGRAM_HELP : option);
	}
}

/* ---- accounts ----------------------------------------------------------------------- */

static bool
is_wanted(const struct aliases *aliases, const struct passwd *account)
{
	if (account->pw_uid < aliases->minimum || account->pw_uid > aliases->maximum)
		return false;
	for (size_t i = 0; i < aliases->name_count; i++)
		if (strcmp(aliases->names[i], account->pw_name) == 0)
			return false;
	for (size_t i = 0; i < aliases->uid_count; i++)
		if (aliases->uids[i] == account->pw_uid)
			return false;
	return true;
}

/* The line is read by a mail server and perhaps by a shell: no byte that means something to either. */
static bool
is_plain(const char *text, const char *others)
{
	for (; *text != '\0'; text++)
		if (!ascii_is_letter(*text) && !ascii_is_digit(*text) && strchr(others, *text) == NULL)
			return false;
	return true;
}

static void
write_alias(struct aliases *aliases, FILE *out, const char *prefix, const char *name, const char *class)
{
	const char *config = aliases->program.config_path, *profile = aliases->program.profile;
	char alias[256], command[3 * PATH_MAX];

	snprintf(alias, sizeof alias, "%s-%s", prefix, name);
	snprintf(command, sizeof command, "%s%s%s%s%s --user %s --class=%s --source=error", aliases->dspam,
		 config != NULL ? " --config " : "", config != NULL ? config : "", profile != NULL ? " --profile=" : "",
		 profile != NULL ? profile : "", name, class);
	if (!aliases->program.json) {
		fprintf(out, "%s:\t\"|%s\"\n", alias, command);
		return;
	}
	json_put_object(&aliases->json, NULL);
	json_put_text(&aliases->json, "alias", span_from(alias));
	json_put_text(&aliases->json, "command", span_from(command));
	json_put_object_end(&aliases->json);
}

static void
write_aliases(struct aliases *aliases, FILE *out)
{
	const struct passwd *account;

	setpwent();
	while ((account = getpwent()) != NULL) {
		if (!is_wanted(aliases, account))
			continue;
		if (!is_plain(account->pw_name, "._-") || account->pw_name[0] == '-') {
			log_warning(
				"no alias for the account \"%s\": its name is not made of letters, digits, . _ and -",
				account->pw_name);
			continue;
		}
		write_alias(aliases, out, "spam", account->pw_name, "spam");
		if (aliases->nospam)
			write_alias(aliases, out, "nospam", account->pw_name, "innocent");
	}
	endpwent();
}

static void
write_all(struct aliases *aliases, FILE *out)
{
	if (!aliases->program.json) {
		write_aliases(aliases, out);
		return;
	}
	json_begin(&aliases->json, out);
	json_put_object(&aliases->json, NULL);
	json_put_array(&aliases->json, "aliases");
	write_aliases(aliases, out);
	json_put_array_end(&aliases->json);
	json_put_object_end(&aliases->json);
	json_end(&aliases->json);
}

/* dspam stands where this program does. */
static bool
find_dspam(struct aliases *aliases, struct error *error)
{
	char path[PATH_MAX - 16];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path);
	char *slash = size > 0 && (size_t)size < sizeof path ? memrchr(path, '/', (size_t)size) : NULL;

	if (slash == NULL)
		return error_set(error, ERROR_OS, "cannot tell where this program is: %s", strerror(errno));
	snprintf(aliases->dspam, sizeof aliases->dspam, "%.*s/dspam", (int)(slash - path), path);
	if (!is_plain(aliases->dspam, "/._-+@,:"))
		return error_set(error, ERROR_CONFIG, "the path %s cannot stand in an alias; install dspam elsewhere",
				 aliases->dspam);
	return true;
}

/* The mail server calls dspam in a directory of its own, where another path leads elsewhere. */
static bool
settle_config(struct aliases *aliases, struct error *error)
{
	const char *given = aliases->program.config_path;

	if (given == NULL || given[0] == '/')
		return true;
	aliases->program.config_path = realpath(given, aliases->config);
	return aliases->program.config_path != NULL ||
	       error_set(error, ERROR_INPUT, "--config %s: %s", given, strerror(errno));
}

static bool
write_file(struct aliases *aliases, struct error *error)
{
	FILE *out = fopen(aliases->path, "we");

	if (out == NULL)
		return error_set(error, ERROR_CREATE, "%s: %s", aliases->path, strerror(errno));
	write_all(aliases, out);
	bool written = fflush(out) == 0 && !ferror(out);
	if (fclose(out) != 0 || !written)
		return error_set(error, ERROR_IO, "%s: cannot be written: %s", aliases->path, strerror(errno));
	return true;
}

static bool
run(struct aliases *aliases, struct error *error)
{
	log_open(aliases->program.name, true, false, LOG_LEVEL_NOTICE);
	if (!settle_config(aliases, error))
		return false;
	const char *given[] = {aliases->program.config_path, aliases->program.profile};
	for (size_t i = 0; i < 2; i++)
		if (given[i] != NULL && !is_plain(given[i], "/._-+@,:"))
			return error_set(error, ERROR_USAGE, "\"%s\" cannot stand in an alias", given[i]);
	if (!find_dspam(aliases, error))
		return false;
	if (aliases->path != NULL)
		return write_file(aliases, error);
	write_all(aliases, stdout);
	return true;
}

int
main(int argc, char **argv)
{
	static struct aliases aliases = {
		.program = {.name = "dspam_genaliases", .help = help},
		.maximum = UINT_MAX,
	};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "ho:", options, NULL)) != -1)
		take_option(&aliases, option);
	if (optind < argc)
		program_usage(&aliases.program, "\"%s\" is one argument too many", argv[optind]);
	int status = run(&aliases, &error) ? 0 : program_fail(&aliases.program, &error);
	return program_end(&aliases.program, status);
}
