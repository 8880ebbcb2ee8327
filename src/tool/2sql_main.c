/* dspam_2sql: the whole store as SQL, to be loaded into another database. */
#include <inttypes.h>
#include <stdio.h>

#include "tool/day.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/row_text.h"
#include "tool/sql_text.h"
#include "tool/user_list.h"

static const char help[] =
	"Usage: dspam_2sql [OPTION]...\n"
	"Write users, totals, tokens and preferences of all users as SQL statements to standard output,\n"
	"for empty tables of dspam. Signatures, which are needed for two weeks only, are left out.\n"
	"\n"
	"  --dialect=NAME    mysql (without this option), pgsql, or sqlite for a new file of our "
	"own\n"
	"  --json            write all of it as JSON, and no SQL\n" PROGRAM_HELP_OPTIONS;

enum { OPTION_DIALECT = PROGRAM_OWN };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"dialect", required_argument, NULL, OPTION_DIALECT},
	{0},
};

struct dump {
	struct program program;
	enum sql_dialect dialect;
	struct store *store;
	store_uid uid; /* whose rows are written */
	struct json json;
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

/* ---- the same as JSON ----------------------------------------------------------------- */

/* Identifiers are text, because most readers of JSON round numbers of 64 bits. */
static bool
put_row(void *context, const struct store_row *row)
{
	struct dump *dump = context;
	char text[32];

	json_put_object(&dump->json, NULL);
	snprintf(text, sizeof text, "%" PRIu64, row->token);
	json_put_text(&dump->json, "token", span_from(text));
	json_put_integer(&dump->json, "spam", row->spam);
	json_put_integer(&dump->json, "innocent", row->innocent);
	day_text(text, row->day);
	json_put_text(&dump->json, "last_hit", span_from(text));
	row_json_weights(&dump->json, row);
	json_put_object_end(&dump->json);
	return !ferror(stdout);
}

static bool
put_preference(void *context, const char *name, const char *value)
{
	struct dump *dump = context;

	json_put_object(&dump->json, NULL);
	json_put_text(&dump->json, "name", span_from(name));
	json_put_text(&dump->json, "value", span_from(value));
	json_put_object_end(&dump->json);
	return !ferror(stdout);
}

static void
put_totals(struct json *json, const struct totals *totals)
{
	json_put_object(json, "totals");
	json_put_integer(json, "spam_learned", totals->spam_learned);
	json_put_integer(json, "innocent_learned", totals->innocent_learned);
	json_put_integer(json, "spam_misclassified", totals->spam_misclassified);
	json_put_integer(json, "innocent_misclassified", totals->innocent_misclassified);
	json_put_integer(json, "spam_corpusfed", totals->spam_corpusfed);
	json_put_integer(json, "innocent_corpusfed", totals->innocent_corpusfed);
	json_put_integer(json, "spam_classified", totals->spam_classified);
	json_put_integer(json, "innocent_classified", totals->innocent_classified);
	json_put_object_end(json);
}

static bool
put_preferences(struct dump *dump, struct error *error)
{
	json_put_array(&dump->json, "preferences");
	bool done = store_each_preference(dump->store, dump->uid, put_preference, dump, error);
	json_put_array_end(&dump->json);
	return done;
}

static bool
put_user(struct dump *dump, const char *name, struct error *error)
{
	struct json *json = &dump->json;
	struct totals totals;

	json_put_object(json, NULL);
	json_put_text(json, "user", span_from(name));
	json_put_integer(json, "uid", dump->uid);
	bool done = store_read(dump->store, dump->uid, &totals, NULL, 0, error);
	if (done)
		put_totals(json, &totals);
	done = done && put_preferences(dump, error);
	json_put_array(json, "tokens");
	done = done && store_each_row(dump->store, dump->uid, put_row, dump, error);
	json_put_array_end(json);
	json_put_object_end(json);
	return done;
}

static bool
put_all(struct dump *dump, const struct user_list *users, struct error *error)
{
	struct json *json = &dump->json;

	json_begin(json, stdout);
	json_put_object(json, NULL);
	dump->uid = 0;
	bool done = put_preferences(dump, error);
	json_put_array(json, "users");
	for (size_t i = 0; done && i < users->count && !ferror(stdout); i++) {
		dump->uid = users->uids[i];
		done = put_user(dump, users->names[i], error) || error_prefix(error, "%s", users->names[i]);
	}
	json_put_array_end(json);
	json_put_boolean(json, "complete", done);
	json_put_object_end(json);
	json_end(json);
	return done;
}

/* ---- the whole ------------------------------------------------------------------------ */

static bool
run(struct dump *dump, struct error *error)
{
	struct user_list users = {.names = NULL};

	if (!program_load_trusted(&dump->program, error) ||
	    !store_open(&dump->program.settings->store, &dump->store, error))
		return false;
	bool done = user_list_read(&users, dump->store, error) &&
		    (dump->program.json ? put_all : write_all)(dump, &users, error);
	user_list_free(&users);
	store_close(dump->store);
	return done;
}

int
main(int argc, char **argv)
{
	struct dump dump = {.program = {.name = "dspam_2sql", .help = help}, .dialect = SQL_MYSQL};
	struct error error;
	bool dialect = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		dialect |= option == OPTION_DIALECT;
		if (option != OPTION_DIALECT)
			program_option(&dump.program, option);
		else if (!sql_dialect_named(optarg, &dump.dialect))
			program_usage(&dump.program, "--dialect=%s: write mysql, pgsql or sqlite", optarg);
	}
	if (dialect && dump.program.json)
		program_usage(&dump.program, "--json writes no SQL: leave --dialect out");
	if (optind < argc)
		program_usage(&dump.program, "\"%s\" is too much: all users are written", argv[optind]);
	int status = run(&dump, &error) ? 0 : program_fail(&dump.program, &error);
	return program_end(&dump.program, status);
}
