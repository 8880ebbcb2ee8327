/* dspam_admin: the preferences of users and of the site, and users as a whole (admin.h). */
#include <stdio.h>

#include "base/log.h"
#include "config/preference.h"
#include "filter/preference_place.h"
#include "filter/preferences.h"
#include "tool/admin.h"
#include "tool/json.h"

#define ARENA_CEILING ((size_t)4 * 1024 * 1024)

static const char help[] =
	"Usage: dspam_admin FUNCTION preference USER [NAME [VALUE]] [OPTION]...\n"
	"  or:  dspam_admin COMMAND [OPTION]...\n"
	"Set and show preferences. USER default means the defaults of the site. Words may be shortened.\n"
	"\n"
	"  add preference USER NAME VALUE     set it; change does the same\n"
	"  delete preference USER NAME        what holds then is the default\n"
	"  list preference USER               what is stored for USER\n"
	"  aggregate preference USER          what is in force for USER\n"
	"\n"
	"Move, list and remove users.\n"
	"\n"
	"  import SOURCE...                   from an old DSPAM: its Home, a .css or .sdb file, a dump of SQL,\n"
	"                                     of dspam_dump, or of bogoutil -d; - is standard input\n"
	"  import --from-config FILE          from the store of another dspam.conf\n"
	"    --user=NAME                      only NAME; whose it is, where SOURCE does not say\n"
	"    --add                            also to users who have learned here already\n"
	"    --dry-run                        only look\n"
	"    --format=css|sdb|sql|dump|user|bogofilter\n"
	"    --names=FILE                     lines NUMBER NAME, or passwd, for a dump without names\n"
	"    --dialect=mysql|pgsql            how a dump writes backslashes\n"
	"    --totals=SPAM,INNOCENT           messages learned, for a dump of dspam_dump\n"
	"  export-user USER [--output=FILE]   all of USER as text\n"
	"  import-user FILE [USER] [--add] [--dry-run]\n"
	"  reset-user USER [--yes] [--optimize]\n"
	"                                     forget all that USER taught\n"
	"  delete-user USER [--yes] [--optimize]\n"
	"                                     and remove USER, with his files below Home\n"
	"  list-users [USER]...               with their sizes in the store\n"
	"\n"
	"Make the tables of a database server. Both may be repeated.\n"
	"\n"
	"  create-store                       those of a new database\n"
	"  migrate                            what a database of the original has not; it goes on working with it\n"
	"\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

static const char syntax[] = "syntax: dspam_admin [function] [arguments] [--profile=PROFILE]\n"
			     "\tadd preference [user] [attrib] [value]\n"
			     "\tchange preference [user] [attrib] [value]\n"
			     "\tdelete preference [user] [attrib] [value]\n"
			     "\tlist preference [user] [attrib] [value]\n"
			     "\taggregate preference [user]\n";

static const struct option options[] = {PROGRAM_LONG_OPTIONS, PROGRAM_JSON_OPTION, ADMIN_LONG_OPTIONS, {0}};

struct admin {
	struct program program;
	struct store *store;
	struct arena *arena;
	const char *user; /* NULL: the defaults */
	const char *name, *value;
	struct json json;
};

/* ---- setting ------------------------------------------------------------------------ */

/* What was accepted for twenty years is accepted, but not in silence. */
static void
warn_of_value(const char *name, const char *value)
{
	const struct preference *known = preference_find(span_from(name));
	const char *nearest = preference_nearest(span_from(name));
	char wanted[200];

	if (known == NULL && nearest != NULL)
		log_warning("there is no preference \"%s\": it is kept, and does nothing; did you mean %s?", name,
			    nearest);
	else if (known == NULL)
		log_warning("there is no preference \"%s\": it is kept, and does nothing; dspam.conf(5) lists them",
			    name);
	else if (!preference_accepts(known, span_from(value)))
		log_warning("%s \"%s\" will not do what is meant: it must be %s", known->name, value,
			    preference_wanted(known, wanted, sizeof wanted));
}

static void
warn_of_configuration(const struct admin *admin, const struct preference_place *place)
{
	const struct config *config = admin->program.config;

	if (admin->user != NULL && preference_find(span_from(admin->name)) != NULL &&
	    !config_has(config, "AllowOverride", admin->name))
		log_warning("%s has no effect for %s until dspam.conf says \"AllowOverride %s\"", admin->name,
			    admin->user, admin->name);
	if (admin->user == NULL && place->count == 0 && config_is_set(config, "Preference"))
		log_warning("the store has defaults now: the Preference lines of dspam.conf are not used any more");
}

static bool
set(struct admin *admin, struct error *error)
{
	struct preference_place place;

	if (!preference_place_find(admin->store, &admin->program.settings->files, admin->user, admin->value != NULL,
				   admin->arena, &place, error) ||
	    !preference_place_set(&place, admin->name, admin->value, error))
		return false;
	if (admin->value != NULL) {
		warn_of_value(admin->name, admin->value);
		warn_of_configuration(admin, &place);
	}
	puts("operation successful.");
	return true;
}

/* ---- showing ------------------------------------------------------------------------ */

static void
print_pair(void *context, struct span name, struct span value)
{
	struct admin *admin = context;

	if (!admin->program.json) {
		printf("%.*s=%.*s\n", (int)name.size, name.data, (int)value.size, value.data);
		return;
	}
	json_put_object(&admin->json, NULL);
	json_put_text(&admin->json, "name", name);
	json_put_text(&admin->json, "value", value);
	json_put_object_end(&admin->json);
}

static bool
list(struct admin *admin, struct error *error)
{
	struct preference_place place;

	return preference_place_find(admin->store, &admin->program.settings->files, admin->user, false, admin->arena,
				     &place, error) &&
	       preference_place_each(&place, print_pair, admin, error);
}

static bool
find_owner(struct admin *admin, struct preference_owner *owner, struct error *error)
{
	store_uid uid;

	*owner = (struct preference_owner){.name = SPAN("")};
	if (admin->user == NULL)
		return true;
	if (!store_user(admin->store, span_from(admin->user), false, &uid, error))
		return false;
	*owner = preference_owner_of(&admin->program.settings->files, admin->arena, admin->user, uid);
	return true;
}

static bool
aggregate(struct admin *admin, struct error *error)
{
	struct preference_defaults *defaults;
	struct preference_owner owner;
	struct preferences preferences;

	if (!find_owner(admin, &owner, error) ||
	    !preference_defaults_new(admin->program.config, admin->store, &defaults, error))
		return false;
	bool done = preferences_of(defaults, admin->store, &owner, admin->arena, &preferences, error);
	for (size_t i = 0; done && i < preferences.count; i++)
		print_pair(admin, preferences.pairs[i].name, preferences.pairs[i].value);
	preference_defaults_free(defaults);
	return done;
}

static bool
show(struct admin *admin, bool (*print)(struct admin *, struct error *), struct error *error)
{
	if (!admin->program.json)
		return print(admin, error);
	json_begin(&admin->json, stdout);
	json_put_object(&admin->json, NULL);
	json_put_text(&admin->json, "user", span_from(admin->user != NULL ? admin->user : "default"));
	json_put_array(&admin->json, "preferences");
	bool done = print(admin, error);
	json_put_array_end(&admin->json);
	json_put_object_end(&admin->json);
	json_end(&admin->json);
	return done;
}

static bool
show_list(struct admin *admin, struct error *error)
{
	return show(admin, list, error);
}

static bool
show_aggregate(struct admin *admin, struct error *error)
{
	return show(admin, aggregate, error);
}

/* ---- command line ------------------------------------------------------------------- */

static const struct function {
	const char *name;
	size_t letters; /* that are enough */
	int words;      /* behind "preference" that it needs */
	bool sets;
	bool (*run)(struct admin *, struct error *);
} functions[] = {
	{"add", 1, 3, true, set},
	{"change", 2, 3, true, set},
	{"delete", 1, 2, false, set},
	{"list", 1, 1, false, show_list},
	{"aggregate", 2, 1, false, show_aggregate},
};

static bool
is_short_for(const char *word, const char *name, size_t letters)
{
	return strlen(word) >= letters && span_starts(span_from(name), span_from(word));
}

static const struct function *
find_function(const char *word)
{
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (is_short_for(word, functions[i].name, functions[i].letters))
			return &functions[i];
	return NULL;
}

static const struct function *
take_words(struct admin *admin, char **words, int count)
{
	const struct function *function = count >= 2 ? find_function(words[0]) : NULL;

	if (function == NULL || !is_short_for(words[1], "preference", 4))
		program_syntax(&admin->program, syntax);
	words += 2, count -= 2;
	if (count < function->words) {
		fputs("invalid command syntax.\n", stderr);
		program_syntax(&admin->program, syntax);
	}
	if (count > 3)
		program_usage(&admin->program, "\"%s\" is one argument too many; put a value with blanks in quotes",
			      words[3]);
	/* To set what nobody named would be bad luck; to look at it does no harm. */
	bool site = function->sets ? strcmp(words[0], "default") == 0 : is_short_for(words[0], "default", 0);
	admin->user = site ? NULL : words[0];
	admin->name = count > 1 ? words[1] : NULL;
	admin->value = function->sets ? words[2] : NULL;
	return function;
}

static bool
run(struct admin *admin, const struct function *function, struct error *error)
{
	if (!program_load_trusted(&admin->program, error) ||
	    !store_open(&admin->program.settings->store, &admin->store, error))
		return false;
	admin->arena = arena_new(ARENA_CEILING);
	bool done = function->run(admin, error);
	arena_free(admin->arena);
	store_close(admin->store);
	return done;
}

static int
run_function(struct admin *admin, char **words, int count)
{
	struct error error;
	int status = 0;

	const struct function *function = take_words(admin, words, count);
	if (!run(admin, function, &error)) {
		status = program_fail(&admin->program, &error);
		if (function->run == set)
			printf("operation failed with error %d.\n", status);
	}
	return status;
}

static void
refuse_options(struct admin *admin, const struct admin_call *call)
{
	for (size_t i = 0; i < sizeof call->values / sizeof call->values[0]; i++)
		if (call->values[i] != NULL)
			program_usage(&admin->program, "preferences take none of the options of other commands");
}

int
main(int argc, char **argv)
{
	struct admin admin = {.program = {.name = "dspam_admin", .help = help}};
	struct admin_call call = {.program = &admin.program};
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option > PROGRAM_OWN - 1 && option < ADMIN_OPTIONS_END)
			call.values[option - PROGRAM_OWN] = optarg != NULL ? optarg : "";
		else
			program_option(&admin.program, option);
	}
	char **words = argv + optind;
	const struct admin_command *command = optind < argc ? admin_command_find(words[0]) : NULL;
	if (command != NULL) {
		call.words = words + 1;
		call.count = argc - optind - 1;
		status = admin_command_run(command, &call);
	} else {
		refuse_options(&admin, &call);
		status = run_function(&admin, words, argc - optind);
	}
	return program_end(&admin.program, status);
}
