/* dspam_dump: the tokens of a user. */
#include <stdio.h>

#include "base/crc64.h"
#include "classify/value.h"
#include "tool/caller.h"
#include "tool/program.h"
#include "tool/row_text.h"

static const char help[] =
	"Usage: dspam_dump [OPTION]... USER [TOKEN]\n"
	"Print all tokens that USER's mail has taught, or the one whose text is TOKEN:\n"
	"identifier, spam hits, innocent hits, how probably it means spam, last hit.\n"
	"\n"
	"  -d sqlite_drv     write SQL statements for a database of DSPAM 3.10's sqlite driver\n" PROGRAM_HELP_OPTIONS;

static const struct option options[] = {PROGRAM_LONG_OPTIONS, {0}};

struct dump {
	struct store *store;
	store_uid uid;
	struct totals totals;
	struct value_rule rule;
	bool sql;
};

/* The original leaves the bias out here, and knows no texts, which only markov asks for. */
static double
value(const struct dump *dump, const struct store_row *row)
{
	return value_of(&dump->rule, (struct hits){.spam = row->spam, .innocent = row->innocent}, "");
}

static bool
print_row(void *context, const struct store_row *row)
{
	const struct dump *dump = context;
	char text[ROW_INSERT_SIZE];

	if (dump->sql)
		row_text_insert(text, row);
	else
		row_text_dated(text, row, value(dump, row));
	return puts(text) >= 0;
}

static bool
print_all(struct dump *dump, struct error *error)
{
	char text[ROW_INSERT_SIZE];

	if (dump->sql) {
		row_text_insert_totals(text, &dump->totals);
		puts(text);
	}
	return store_each_row(dump->store, dump->uid, print_row, dump, error);
}

static bool
print_one(struct dump *dump, const char *token, struct error *error)
{
	struct store_row row = {.token = crc64(0, span_from(token))};
	char text[ROW_TEXT_SIZE];

	if (!store_read(dump->store, dump->uid, NULL, &row, 1, error))
		return false;
	if (row.spam == 0 && row.innocent == 0 && row.day == 0)
		return error_set(error, ERROR_DATA, "token not found");
	row_text(text, &row, value(dump, &row));
	puts(text);
	return true;
}

static bool
dump_user(struct dump *dump, const struct settings *settings, const char *user, const char *token, struct error *error)
{
	struct method method = {.pvalue = settings->pvalue};

	if (!store_user(dump->store, span_from(user), false, &dump->uid, error))
		return false;
	if (dump->uid == 0)
		return error_set(error, ERROR_USER, "there is no user %s in the store", user);
	if (!store_read(dump->store, dump->uid, &dump->totals, NULL, 0, error))
		return false;
	dump->rule = value_rule(&dump->totals, &method);
	return token != NULL ? print_one(dump, token, error) : print_all(dump, error);
}

static bool
run(struct program *program, struct dump *dump, const char *user, const char *token, struct error *error)
{
	struct caller caller;

	if (!program_load(program, error) || !caller_find(program->config, &caller, error) ||
	    !caller_may(&caller, user, error) || !store_open(&program->settings->store, &dump->store, error))
		return false;
	bool done = dump_user(dump, program->settings, user, token, error);
	store_close(dump->store);
	return done;
}

int
main(int argc, char **argv)
{
	struct program program = {.name = "dspam_dump", .help = help};
	struct dump dump = {.sql = false};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "d:", options, NULL)) != -1) {
		if (option != 'd')
			program_option(&program, option);
		else if (strcmp(optarg, "sqlite_drv") == 0)
			dump.sql = true;
		else
			program_usage(&program, "invalid driver \"%s\": only sqlite_drv can be written", optarg);
	}
	int count = argc - optind;
	if (count < 1 || count > 2) {
		fputs("syntax: dspam_dump [--profile=Profile] [-d sqlite_drv] username [token]\n", stderr);
		return ERROR_USAGE;
	}
	if (dump.sql && count == 2)
		program_usage(&program, "-d writes all tokens; leave out \"%s\"", argv[optind + 1]);
	int status = run(&program, &dump, argv[optind], count == 2 ? argv[optind + 1] : NULL, &error)
			     ? 0
			     : program_fail(&program, &error);
	return program_end(&program, status);
}
