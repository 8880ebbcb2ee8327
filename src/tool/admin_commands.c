#include <stdio.h>

#include "tool/admin.h"

#define OPTION(option) (1u << ((option)-PROGRAM_OWN))

static const struct admin_command {
	const char *name;
	int least, most; /* words */
	unsigned takes;  /* options */
	bool json;
	bool (*run)(struct admin_call *, struct error *);
	const char *words; /* for messages */
} commands[] = {
	{"import", 0, 64,
	 OPTION(ADMIN_USER) | OPTION(ADMIN_FORMAT) | OPTION(ADMIN_NAMES) | OPTION(ADMIN_TOTALS) |
		 OPTION(ADMIN_DIALECT) | OPTION(ADMIN_FROM_CONFIG) | OPTION(ADMIN_ADD) | OPTION(ADMIN_DRY_RUN),
	 true, admin_import, "import SOURCE..., or import --from-config FILE"},
	{"export-user", 1, 1, OPTION(ADMIN_OUTPUT), false, admin_export_user, "export-user USER"},
	{"import-user", 1, 2, OPTION(ADMIN_ADD) | OPTION(ADMIN_DRY_RUN), true, admin_import_user,
	 "import-user FILE [USER]"},
	{"reset-user", 1, 1, OPTION(ADMIN_YES) | OPTION(ADMIN_OPTIMIZE), false, admin_reset_user, "reset-user USER"},
	{"delete-user", 1, 1, OPTION(ADMIN_YES) | OPTION(ADMIN_OPTIMIZE), false, admin_delete_user, "delete-user USER"},
	{"create-store", 0, 0, 0, false, admin_create_store, "create-store"},
	{"migrate", 0, 0, 0, false, admin_create_store, "migrate"},
	{"list-users", 0, 64, 0, true, admin_list_users, "list-users [USER]..."},
};

static const struct option options[] = {ADMIN_LONG_OPTIONS};

const struct admin_command *
admin_command_find(const char *word)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(word, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static void
check(const struct admin_command *command, const struct admin_call *call)
{
	if (call->count < command->least || call->count > command->most)
		program_usage(call->program, "write dspam_admin %s", command->words);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (admin_value(call, (enum admin_option)options[i].val) != NULL &&
		    (command->takes & OPTION(options[i].val)) == 0)
			program_usage(call->program, "%s knows no --%s", command->name, options[i].name);
	if (call->program->json && !command->json)
		program_usage(call->program, "%s knows no --json", command->name);
}

int
admin_command_run(const struct admin_command *command, struct admin_call *call)
{
	struct error error;

	check(command, call);
	if (!program_load_trusted(call->program, &error) || !command->run(call, &error))
		return program_fail(call->program, &error);
	return call->status;
}
