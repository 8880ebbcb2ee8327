/* dspam_2sql: the whole store as SQL, to be loaded into another database. */
#include <stdio.h>

#include "tool/program.h"
#include "tool/sql_text.h"
#include "tool/user_list.h"

static const char help[] =
	"Usage: dspam_2sql [OPTION]...\n"
	"Write users, totals, tokens and preferences of all users as SQL statements to standard output,\n"
	"for empty tables of dspam. Signatures, which are needed for two weeks only, are left out.\n"
	"\n"
	"  --dialect=NAME    mysql (without this option), pgsql, or sqlite for a new file of our "
	"own\n" PROGRAM_HELP_OPTIONS;

enum { OPTION_DIALECT = PROGRAM_OWN };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	{"dialect", required_argument, NULL, OPTION_DIALECT},
	{0},
};

struct dump {
	struct program program;
	enum sql_dialect dialect;
	struct store *store;
	store_uid uid; /* whose rows are written */
};

static bool
write_row(void *context, const struct store_row *row)
{
	const struct dump *dump = context;

	sql_row(stdout, dump->dialect, dump->uid, row);
	return !ferror(stdout);
}

static bool
write_preference(void *context, const char *name, const char *value)
{
	const struct dump *dump = context;

	sql_preference(stdout, dump->dialect, dump->uid, name, value);
	return !ferror(stdout);
}

static bool
write_user(struct dump *dump, const char *name, struct error *error)
{
	struct totals totals;

	sql_user(stdout, dump->dialect, dump->uid, name);
	if (!store_read(dump->store, dump->uid, &totals, NULL, 0, error))
		return false;
	sql_totals(stdout, dump->uid, &totals);
	return store_each_preference(dump->store, dump->uid, write_preference, dump, error) &&
	       store_each_row(dump->store, dump->uid, write_row, dump, error);
}

/* One transaction: a load that is cut short leaves nothing, and it is faster. */
static bool
write_all(struct dump *dump, const struct user_list *users, struct error *error)
{
	puts("begin;");
	dump->uid = 0;
	if (!store_each_preference(dump->store, 0, write_preference, dump, error))
		return false;
	for (size_t i = 0; i < users->count && !ferror(stdout); i++) {
		dump->uid = users->uids[i];
		if (!write_user(dump, users->names[i], error))
			return error_prefix(error, "%s; the output is not complete", users->names[i]);
	}
	puts("commit;");
	return true;
}

static bool
run(struct dump *dump, struct error *error)
{
	struct user_list users = {.names = NULL};

	if (!program_load_trusted(&dump->program, error) ||
	    !store_open(&dump->program.settings->store, &dump->store, error))
		return false;
	bool done = user_list_read(&users, dump->store, error) && write_all(dump, &users, error);
	user_list_free(&users);
	store_close(dump->store);
	return done;
}

int
main(int argc, char **argv)
{
	struct dump dump = {.program = {.name = "dspam_2sql", .help = help}, .dialect = SQL_MYSQL};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != OPTION_DIALECT)
			program_option(&dump.program, option);
		else if (!sql_dialect_named(optarg, &dump.dialect))
			program_usage(&dump.program, "--dialect=%s: write mysql, pgsql or sqlite", optarg);
	}
	if (optind < argc)
		program_usage(&dump.program, "\"%s\" is too much: all users are written", argv[optind]);
	int status = run(&dump, &error) ? 0 : program_fail(&dump.program, &error);
	return program_end(&dump.program, status);
}
