/* dspam_pg2int8: a script that turns the tokens of an old PostgreSQL database into numbers of 64 bits, or back. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "tool/json.h"
#include "tool/program.h"

static const char help[] =
	"Usage: dspam_pg2int8 [OPTION]... FILE\n"
	"Write a script for psql to FILE. It turns the column dspam_token_data.token from NUMERIC, as old\n"
	"databases have it, into BIGINT, and from BIGINT into NUMERIC, whichever it finds. Tokens stay the\n"
	"same; unsigned numbers become the signed ones of the same bits. Stop dspam and make a copy first.\n"
	"\n"
	"  --to=TYPE         bigint or numeric: only to this one; running it again then does nothing\n"
	"  -h                show this text\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

enum { OPTION_TO = PROGRAM_OWN };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"to", required_argument, NULL, OPTION_TO},
	{0},
};

static const char beginning[] =
	"-- Changes the type of dspam_token_data.token; made by dspam_pg2int8.\n"
	"-- psql -v ON_ERROR_STOP=1 -f THIS-FILE DATABASE\n"
	"BEGIN;\n"
	"LOCK TABLE dspam_token_data IN ACCESS EXCLUSIVE MODE;\n"
	"DO $$\n"
	"DECLARE\n"
	"	found text;\n"
	"BEGIN\n"
	"	SELECT format_type(atttypid, NULL) INTO found FROM pg_attribute\n"
	"		WHERE attrelid = 'dspam_token_data'::regclass AND attname = 'token' AND NOT attisdropped;\n"
	"	RAISE NOTICE 'dspam_token_data.token is %', found;\n";

static const char to_bigint[] = "	IF found = 'numeric' THEN\n"
				"		DROP FUNCTION IF EXISTS lookup_tokens(integer, numeric[]);\n"
				"		DROP FUNCTION IF EXISTS lookup_tokens(integer, integer, numeric[]);\n"
				"		ALTER TABLE dspam_token_data ALTER COLUMN token TYPE bigint USING\n"
				"			(CASE WHEN token > 9223372036854775807 THEN token - "
				"18446744073709551616 ELSE token END)"
				"::bigint;\n"
				"		RAISE NOTICE 'it is bigint now';\n"
				"		RETURN;\n"
				"	END IF;\n";

static const char to_numeric[] =
	"	IF found = 'bigint' THEN\n"
	"		DROP FUNCTION IF EXISTS lookup_tokens(integer, bigint[]);\n"
	"		DROP FUNCTION IF EXISTS lookup_tokens(integer, integer, bigint[]);\n"
	"		ALTER TABLE dspam_token_data ALTER COLUMN token TYPE numeric(20) USING\n"
	"			CASE WHEN token < 0 THEN token::numeric + 18446744073709551616 ELSE token::numeric "
	"END;\n"
	"		RAISE NOTICE 'it is numeric now';\n"
	"		RETURN;\n"
	"	END IF;\n";

/* The functions of the original's driver; ours does not call them, an original beside us may. */
static const char functions[] = "	EXECUTE format('CREATE OR REPLACE FUNCTION lookup_tokens(integer, %1$s[]) "
				"RETURNS SETOF dspam_token_data '\n"
				"		'LANGUAGE sql STABLE AS ''SELECT * FROM dspam_token_data WHERE uid = "
				"$1 AND token = ANY($2)''', found);\n"
				"	EXECUTE format('CREATE OR REPLACE FUNCTION lookup_tokens(integer, integer, "
				"%1$s[]) RETURNS SETOF dspam_token_data '\n"
				"		'LANGUAGE sql STABLE AS ''SELECT * FROM dspam_token_data WHERE uid IN "
				"($1, $2) AND token = ANY($3)''', found);\n";

static const char ending[] = "	RAISE NOTICE 'nothing was changed';\n"
			     "END $$;\n"
			     "DO $$\n"
			     "DECLARE\n"
			     "	found text;\n"
			     "BEGIN\n"
			     "	SELECT format_type(atttypid, NULL) INTO found FROM pg_attribute\n"
			     "		WHERE attrelid = 'dspam_token_data'::regclass AND attname = 'token';\n";

static const char commit[] = "END $$;\n"
			     "COMMIT;\n"
			     "ANALYZE dspam_token_data;\n";

static bool
write_script(const char *path, bool bigint, bool numeric, struct error *error)
{
	FILE *out = fopen(path, "we");

	if (out == NULL)
		return error_set(error, ERROR_CREATE, "%s: %s", path, strerror(errno));
	fputs(beginning, out);
	if (bigint)
		fputs(to_bigint, out);
	if (numeric)
		fputs(to_numeric, out);
	fputs(ending, out);
	fputs(functions, out);
	fputs(commit, out);
	bool written = fflush(out) == 0 && !ferror(out);
	if (fclose(out) != 0 || !written)
		return error_set(error, ERROR_IO, "%s: cannot be written: %s", path, strerror(errno));
	return true;
}

/* Which types the column may have when the script has run. */
static void
report(const char *path, bool bigint, bool numeric)
{
	struct json json;

	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "file", span_from(path));
	json_put_array(&json, "to");
	if (bigint)
		json_put_text(&json, NULL, SPAN("bigint"));
	if (numeric)
		json_put_text(&json, NULL, SPAN("numeric"));
	json_put_array_end(&json);
	json_put_object_end(&json);
	json_end(&json);
}

int
main(int argc, char **argv)
{
	struct program program = {.name = "dspam_pg2int8", .help = help};
	bool bigint = true, numeric = true;
	struct error error;
	int option, status = 0;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option != OPTION_TO) {
			program_option(&program, option == 'h' ? PROGRAM_HELP : option);
			continue;
		}
		bigint = strcmp(optarg, "bigint") == 0;
		numeric = strcmp(optarg, "numeric") == 0;
		if (!bigint && !numeric)
			program_usage(&program, "--to=%s: write bigint or numeric", optarg);
	}
	if (optind >= argc)
		program_syntax(&program, "Must specify an output file\n"
					 "Usage: dspam_pg2int8 [-h] file\n"
					 "\tCreates SQL file to migrate from NUMERIC to BIGINT type and vice-versa in "
					 "PostgreSQL.\n"
					 "\t-h: print this message\n");
	if (optind + 1 < argc)
		program_usage(&program, "\"%s\" is one argument too many", argv[optind + 1]);
	if (!write_script(argv[optind], bigint, numeric, &error))
		status = program_fail(&program, &error);
	else if (program.json)
		report(argv[optind], bigint, numeric);
	return program_end(&program, status);
}
