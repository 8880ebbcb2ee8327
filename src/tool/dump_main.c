/* dspam_dump: the tokens of a user. */
#include <inttypes.h>
#include <stdio.h>

#include "base/crc64.h"
#include "classify/value.h"
#include "tool/caller.h"
#include "tool/day.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/row_text.h"

static const char help[] =
	"Usage: dspam_dump [OPTION]... USER [TOKEN]\n"
	"Print all tokens that USER's mail has taught, or the one whose text is TOKEN:\n"
	"identifier, spam hits, innocent hits, how probably it means spam, last hit.\n"
	"\n"
	"  -d sqlite_drv     write SQL statements for a database of DSPAM 3.10's sqlite driver\n" PROGRAM_HELP_JSON
		PROGRAM_HELP_OPTIONS;

static const struct option options[] = {PROGRAM_LONG_OPTIONS, PROGRAM_JSON_OPTION, {0}};

struct dump {
	struct store *store;
	store_uid uid;
	struct totals totals;
	struct value_rule rule;
	bool sql;
	struct json *json; /* NULL: text */
};

/* The original leaves the bias out here, and knows no texts, which only markov asks for. */
static double
value(const struct dump *dump, const struct store_row *row)
{
	return value_of(&dump->rule, (struct hits){.spam = row->spam, .innocent = row->innocent}, "");
}

/* Identifiers are text, because most readers of JSON round numbers of 64 bits. */
static void
write_row(const struct dump *dump, const struct store_row *row)
{
	char text[32];

	json_put_object(dump->json, NULL);
	snprintf(text, sizeof text, "%" PRIu64, row->token);
	json_put_text(dump->json, "token", span_from(text));
	json_put_integer(dump->json, "spam", row->spam);
	json_put_integer(dump->json, "innocent", row->innocent);
	json_put_real(dump->json, "probability", value(dump, row), 4);
	day_text(text, row->day);
	json_put_text(dump->json, "last_hit", span_from(text));
	row_json_weights(dump->json, row);
	json_put_object_end(dump->json);
}

static bool
print_row(void *context, const struct store_row *row)
{
	const struct dump *dump = context;
	char text[ROW_INSERT_SIZE];

	if (dump->json != NULL) {
		write_row(dump, row);
		return !ferror(stdout);
	}
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
	if (dump->json != NULL) {
		write_row(dump, &row);
		return true;
	}
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
	if (dump->json == NULL)
		return token != NULL ? print_one(dump, token, error) : print_all(dump, error);
	json_put_object(dump->json, NULL);
	json_put_text(dump->json, "user", span_from(user));
	json_put_array(dump->json, "tokens");
	bool done = token != NULL ? print_one(dump, token, error) : print_all(dump, error);
	json_put_array_end(dump->json);
	json_put_object_end(dump->json);
	json_end(dump->json);
	return done;
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
	struct json json;
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
	if (count < 1 || count > 2)
		program_syntax(&program, "syntax: dspam_dump [--profile=Profile] [-d sqlite_drv] username [token]\n");
	if (dump.sql && program.json)
		program_usage(&program, "-d writes SQL; leave out --json");
	if (program.json) {
		json_begin(&json, stdout);
		dump.json = &json;
	}
	if (dump.sql && count == 2)
		program_usage(&program, "-d writes all tokens; leave out \"%s\"", argv[optind + 1]);
	int status = run(&program, &dump, argv[optind], count == 2 ? argv[optind + 1] : NULL, &error)
			     ? 0
			     : program_fail(&program, &error);
	return program_end(&program, status);
}
