/*
 * What all programs have in common: --help, --version, --config, --profile, the configuration, how they end.
 *
 * Lives at the rim: program_option and program_usage end the process themselves, everything else returns.
 * For the main thread only.
 */
#ifndef DSPAM_TOOL_PROGRAM_H
#define DSPAM_TOOL_PROGRAM_H

#include <getopt.h>

#include "base/error.h"
#include "filter/settings.h"

struct program {
	const char *name;
	const char *help;        /* printed by --help, whole lines */
	const char *config_path; /* as --config gave it, or NULL */
	const char *profile;     /* as --profile gave it, or NULL */
	int usage_status;        /* of DSPAM 3.10 for a wrong command line, with Compat exitCodes; 0: 1 */
	bool json;               /* --json was given */
	struct config *config;
	struct settings *settings;
};

/* For the table of getopt_long; own options without a letter begin at PROGRAM_OWN. */
enum { PROGRAM_HELP = 256, PROGRAM_VERSION, PROGRAM_CONFIG, PROGRAM_PROFILE, PROGRAM_JSON, PROGRAM_OWN };
/* clang-format off */
#define PROGRAM_LONG_OPTIONS \
	{"help", no_argument, NULL, PROGRAM_HELP}, \
	{"version", no_argument, NULL, PROGRAM_VERSION}, \
	{"config", required_argument, NULL, PROGRAM_CONFIG}, \
	{"profile", required_argument, NULL, PROGRAM_PROFILE}
/* For programs that print data. */
#define PROGRAM_JSON_OPTION {"json", no_argument, NULL, PROGRAM_JSON}
/* clang-format on */
#define PROGRAM_HELP_JSON "  --json            write JSON\n"

/* The lines of --help about these options. */
#define PROGRAM_HELP_OPTIONS                                                                                           \
	"  --config FILE     read this dspam.conf (else $DSPAM_CONFIG, else " DSPAM_SYSCONFDIR "/dspam.conf)\n"        \
	"  --profile=P       use the storage profile P of dspam.conf\n"                                                \
	"  --help            show this text\n"                                                                         \
	"  --version         show the version\n"

/* Take what getopt_long gave and the program itself does not know: one of the above, or a wrong option. */
void program_option(struct program *program, int option);

/* End with EX_USAGE, saying what is wrong with the command line. */
void program_usage(struct program *program, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
/* The same with the text that the original wrote, whole lines; to standard error. */
void program_syntax(struct program *program, const char *text) __attribute__((noreturn));

/* Read the configuration and settings; what is wrong in the file is said on standard error. */
bool program_load(struct program *program, struct error *error);

/*
 * The two steps of it, for a program that compares several: how it is set up, then one configuration and its settings,
 * which the caller frees. `path` NULL: where program_load looks; `changes` (config_load_changed) may be NULL. What is
 * wrong in a change is an error.
 */
void program_start(const struct program *program);
bool program_read(const struct program *program, const char *path, const char *changes, struct config **config,
		  struct settings **settings, struct error *error);

/* The same for programs that only root and the users of Trust may call. */
bool program_load_trusted(struct program *program, struct error *error);

/* `status`, or, if it is one of failure, 1 with Compat exitCodes. */
int program_status(const struct program *program, int status);

/* Say what went wrong; returns the exit status. */
int program_fail(const struct program *program, const struct error *error);

/* Free all; returns `status`, or EX_IOERR if standard output could not take all that was written. */
int program_end(struct program *program, int status);

#endif
