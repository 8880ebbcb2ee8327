/*
 * Those commands of dspam_admin that are about whole users: importing, exporting, removing, listing them.
 *
 * The command line is read in admin_main.c; a command is a row of the table in admin_commands.c.
 */
#ifndef DSPAM_TOOL_ADMIN_H
#define DSPAM_TOOL_ADMIN_H

#include "tool/program.h"

/* Options that some of the commands take. */
enum admin_option {
	ADMIN_USER = PROGRAM_OWN,
	ADMIN_FORMAT,
	ADMIN_NAMES,
	ADMIN_TOTALS,
	ADMIN_DIALECT,
	ADMIN_FROM_CONFIG,
	ADMIN_OUTPUT,
	ADMIN_ADD,
	ADMIN_DRY_RUN,
	ADMIN_YES,
	ADMIN_OPTIMIZE,
	ADMIN_OPTIONS_END,
};

/* clang-format off */
#define ADMIN_LONG_OPTIONS \
	{"user", required_argument, NULL, ADMIN_USER}, \
	{"format", required_argument, NULL, ADMIN_FORMAT}, \
	{"names", required_argument, NULL, ADMIN_NAMES}, \
	{"totals", required_argument, NULL, ADMIN_TOTALS}, \
	{"dialect", required_argument, NULL, ADMIN_DIALECT}, \
	{"from-config", required_argument, NULL, ADMIN_FROM_CONFIG}, \
	{"output", required_argument, NULL, ADMIN_OUTPUT}, \
	{"add", no_argument, NULL, ADMIN_ADD}, \
	{"dry-run", no_argument, NULL, ADMIN_DRY_RUN}, \
	{"yes", no_argument, NULL, ADMIN_YES}, \
	{"optimize", no_argument, NULL, ADMIN_OPTIMIZE}
/* clang-format on */

struct admin_call {
	struct program *program;
	const char *values[ADMIN_OPTIONS_END - PROGRAM_OWN]; /* of options; "" for those without; NULL: not given */
	char *const *words;                                  /* behind the command */
	int count;
	int status; /* of the program when the command itself says that all was done but not all was well */
};

static inline const char *
admin_value(const struct admin_call *call, enum admin_option option)
{
	return call->values[option - PROGRAM_OWN];
}

struct admin_command;

/* NULL: there is no such command. */
const struct admin_command *admin_command_find(const char *word);

/* Load the configuration and do it; returns the exit status. Ends the process when the command line is wrong. */
int admin_command_run(const struct admin_command *command, struct admin_call *call);

/* What does not move of `user`, if there is anything. */
void admin_tell_ballots(const char *user, size_t count);

/* The commands, one in a file. */
bool admin_create_store(struct admin_call *call, struct error *error);
bool admin_import(struct admin_call *call, struct error *error);
bool admin_export_user(struct admin_call *call, struct error *error);
bool admin_import_user(struct admin_call *call, struct error *error);
bool admin_reset_user(struct admin_call *call, struct error *error);
bool admin_delete_user(struct admin_call *call, struct error *error);
bool admin_list_users(struct admin_call *call, struct error *error);

#endif
