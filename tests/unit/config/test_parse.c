/* The grammar: every sentence of the description of the original's file, and the files it is read from. */
#include "../remove_tree.h"
#include "help.h"

#include <sys/stat.h>
#include <unistd.h>

#define VALUES_MAXIMUM 6

/* A text, the directive to look at, and its values. */
static const struct {
	const char *text;
	const char *name;
	const char *values[VALUES_MAXIMUM];
} grammar[] = {
	{"Home /a/b\n", "Home", {"/a/b"}},
	{"Home\t/a/b", "Home", {"/a/b"}},
	{" \t Home \t /a/b \t\n", "Home", {"/a/b"}},
	{"Home /a/b\r\n", "Home", {"/a/b"}},
	{"hOmE /a\n", "HOME", {"/a"}},
	/* comments */
	{"# Home /x\nHome /a # Home /y\n", "Home", {"/a"}},
	{"; Home /x\nHome /a ; /y\n", "Home", {"/a"}},
	{"#Home /x\n", "Home", {NULL}},
	{"Preference \"spamSubject=a # b\"\n", "Preference", {"spamSubject=a "}},
	{"Preference \"spamSubject=a ; b\"\n", "Preference", {"spamSubject=a "}},
	{"Preference \"x=a;b\" # note\n", "Preference", {"x=a;b"}},
	{"Preference x=a;b # note\n", "Preference", {"x=a;b"}},
	{"ServerIdent a#b\n", "ServerIdent", {"a"}},
	/* quotes */
	{"Preference \"a=b c\" \"d=e\"\n", "Preference", {"a=b c", "d=e"}},
	{"Preference \"two=1\"\"three=2\"\n", "Preference", {"two=1", "three=2"}},
	{"Preference \"a=b c\n", "Preference", {"a=b c"}},
	{"Preference a=\"b c\"\n", "Preference", {"a=\"b", "c\""}},
	{"Preference \"a\"b=c\n", "Preference", {"a", "b=c"}},
	{"Preference \"a=\\\" b\n", "Preference", {"a=\\", "b"}},
	{"ServerIdent \"\"\n", "ServerIdent", {""}},
	{"\"Home\" /a\n", "Home", {"/a"}},
	/* several values, several lines */
	{"Trust a b\n", "Trust", {"a", "b"}},
	{"Trust a\nHome /x\nTrust b\n", "Trust", {"a", "b"}},
	{"Algorithm graham burton\n", "Algorithm", {"graham", "burton"}},
	{"OnFail error\nOnFail unlearn\n", "OnFail", {"error", "unlearn"}},
	{"ServerPort 1\nServerPort 2\n", "ServerPort", {"1", "2"}},
	/* without value, unknown, not read */
	{"PgSQLPort\nPgSQLPort 5\n", "PgSQLPort", {"5"}},
	{"PgSQLPort\n", "PgSQLPort", {NULL}},
	{"PurgeSignature 3\nNonsense 4\n", "PurgeSignatures", {"off"}},
	/* suffixes */
	{"ServerPass.Relay1 secret\nServerPass.other b\n", "serverpass.RELAY1", {"secret"}},
	{"DeliveryHost 1.1.1.1\nDeliveryHost.a.b 2.2.2.2\n", "DeliveryHost", {"1.1.1.1"}},
	{"DeliveryHost 1.1.1.1\nDeliveryHost.a.b 2.2.2.2\n", "DeliveryHost.A.B", {"2.2.2.2"}},
	{"Trust.x a\n", "Trust", {NULL}},
	/* defaults */
	{"", "Algorithm", {"adaptive"}},
	{"", "Tokenizer", {"word"}},
	{"Home /h\n", "TxtDirectory", {"/h/txt"}},
	{"Home /h\n", "SQLiteFile", {"/h/dspam.sqlite"}},
	{"Home /h\nSQLiteFile /x\n", "SQLiteFile", {"/x"}},
	{"", "SQLiteFile", {NULL}},
	{"", "StorageDriver", {"sqlite"}},
	/* section 7 of the description */
	{"IgnoreHeader Received: from\n", "IgnoreHeader", {"Received:", "from"}},
	{"Preference \"trainingMode= TOE\"\t\t# { TOE | TUM }\n", "Preference", {"trainingMode= TOE"}},
	{"Preference \"spamSubject=\"\t# { string }\n", "Preference", {"spamSubject="}},
	{"AllowOverride spamAction spamSubject\n", "AllowOverride", {"spamAction", "spamSubject"}},
	{"ServerParameters \"--deliver=innocent, spam -d %u\"\n",
	 "ServerParameters",
	 {"--deliver=innocent, spam -d %u"}},
	{"PurgeSignatures 14          # Stale\n", "PurgeSignatures", {"14"}},
};

static void
test_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof grammar / sizeof grammar[0]; i++) {
		struct found found;
		struct config *config = parse(span_from(grammar[i].text), &found);
		size_t count = 0;

		for (; count < VALUES_MAXIMUM && grammar[i].values[count] != NULL; count++) {
			const char *value = config_at(config, grammar[i].name, count);

			if (value == NULL || strcmp(value, grammar[i].values[count]) != 0)
				fail_msg("%s: %s[%zu] is \"%s\"", grammar[i].text, grammar[i].name, count,
					 value == NULL ? "(none)" : value);
		}
		if (config_count(config, grammar[i].name) != count)
			fail_msg("%s: %zu values", grammar[i].text, config_count(config, grammar[i].name));
		finish(config, &found);
	}
}

/* A line is read in pieces of 1023 bytes, so the 1024th begins a new line. */
static void
test_long_line(void **state)
{
	struct found found;
	char text[2048];

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, "Trust a", 7);
	memcpy(text + 1023, "Trust b\n", 8);
	struct config *config = parse(span_of(text, 1023 + 8), &found);
	assert_int_equal(config_count(config, "Trust"), 2);
	assert_string_equal(config_at(config, "Trust", 1), "b");
	assert_non_null(strstr(found_text(&found), "W 1 the line has more than 1023 bytes"));
	finish(config, &found);

	/* One byte earlier the word is torn apart, and its second half is an unknown name. */
	memset(text, ' ', sizeof text);
	memcpy(text + 1021, "Trust b\n", 8);
	config = parse(span_of(text, 1021 + 8), &found);
	assert_int_equal(config_count(config, "Trust"), 0);
	assert_non_null(strstr(found_text(&found), "W 1 ust: there is no such directive"));
	finish(config, &found);
}

static void
test_nul_ends_line(void **state)
{
	struct found found;
	struct config *config = parse(SPAN("Trust a\0b c\nTrust d\n"), &found);

	(void)state;
	assert_int_equal(config_count(config, "Trust"), 2);
	assert_string_equal(config_at(config, "Trust", 0), "a");
	assert_string_equal(config_at(config, "Trust", 1), "d");
	finish(config, &found);
}

static void
test_values(void **state)
{
	struct found found;
	struct config *config =
		parse(SPAN("Home /h\nBroken case returnCodes\nSystemLog off\nSystemLog ON\nMaxMessageSize 2M\n"
			   "ServerSocketMode 0600\nPurgeHapaxes off\nPurgeUnused 90\nDeliveryWorkers 0\n"
			   "ServerPort seventy\nServerQueueSize 40x\n"),
		      &found);

	(void)state;
	assert_true(config_has(config, "Broken", "RETURNCODES"));
	assert_false(config_has(config, "Broken", "lineStripping"));
	assert_true(config_is_on(config, "SystemLog")); /* any value counts */
	assert_false(config_is_on(config, "UserLog"));
	assert_true(config_has(config, "Algorithm", "adaptive"));
	assert_true(config_is_set(config, "Broken"));
	assert_false(config_is_set(config, "Algorithm"));
	assert_int_equal(config_number(config, "MaxMessageSize"), 2 << 20);
	assert_int_equal(config_number(config, "ServerSocketMode"), 0600);
	assert_int_equal(config_number(config, "PurgeHapaxes"), 0);
	assert_int_equal(config_number(config, "PurgeUnused"), 90);
	assert_int_equal(config_number(config, "DeliveryWorkers"), 1);  /* the bound */
	assert_int_equal(config_number(config, "ServerPort"), 24);      /* the default */
	assert_int_equal(config_number(config, "ServerQueueSize"), 40); /* the digits */
	assert_int_equal(config_number(config, "DeliveryTimeout"), 600);
	assert_int_equal(config_number(config, "PgSQLPort"), 0);
	assert_null(config_get(config, "DeliveryHost"));
	assert_null(config_at(config, "Broken", 2));
	finish(config, &found);
}

static void
test_require(void **state)
{
	struct found found;
	struct error error;
	struct config *config = parse(SPAN("TrainingMode toe\n"), &found);

	(void)state;
	assert_string_equal(config_require(config, "TrainingMode", &error), "toe");
	assert_null(config_require(config, "Home", &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_string_equal(error.text, "test.conf: Home is missing; add a line \"Home VALUE\"");
	finish(config, &found);
}

static void
note_suffix(void *context, const char *suffix, const char *value)
{
	buffer_printf(context, "%s=%s ", suffix, value);
}

static void
test_suffixes(void **state)
{
	struct found found;
	struct buffer seen = BUFFER_INIT(1000);
	struct config *config =
		parse(SPAN("ServerPass.b 1\nServerPass.a 2\nServerPass.B 3\nServerPass 4\nServerPass.\"x 5\n"), &found);

	(void)state;
	config_each_suffix(config, "ServerPass", note_suffix, &seen);
	assert_string_equal(buffer_string(&seen), "a=2 b=1 ");
	buffer_free(&seen);
	finish(config, &found);
}

/* ---- profiles ---------------------------------------------------------------- */

static const char profiles[] = "Home /h\nProfile main\nProfile spare\nFailover.main spare\n"
			       "MySQLServer a\nMySQLServer.main b\nMySQLServer.spare c\n"
			       "ProcessorBias on\nProcessorBias.spare on\nLocalMX 1.1.1.1\nOpt in\n";

static void
test_profile(void **state)
{
	struct found found;
	struct error error;
	struct config *config = parse(span_from(profiles), &found);

	(void)state;
	assert_null(config_profile(config));
	assert_string_equal(config_get(config, "MySQLServer"), "a");
	assert_true(config_use_profile(config, "main", &error));
	assert_string_equal(config_get(config, "MySQLServer"), "b");
	assert_false(config_is_on(config, "ProcessorBias")); /* the unsuffixed one is not used */
	assert_int_equal(config_count(config, "LocalMX"), 0);
	assert_string_equal(config_get(config, "Opt"), "in"); /* not subject to profiles */
	assert_int_equal(config_number(config, "HashRecMax"), 98317);
	assert_true(config_use_profile(config, config_get(config, "Failover.main"), &error));
	assert_string_equal(config_get(config, "MySQLServer"), "c");
	assert_true(config_is_on(config, "ProcessorBias"));
	assert_false(config_use_profile(config, "other", &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_non_null(strstr(error.text, "there is no profile \"other\""));
	assert_string_equal(config_profile(config), "spare");
	assert_true(config_use_profile(config, NULL, &error));
	assert_string_equal(config_get(config, "MySQLServer"), "a");
	finish(config, &found);
}

static void
test_default_profile(void **state)
{
	struct found found;
	struct config *config =
		parse(SPAN("Home /h\nDefaultProfile p\nProfile p\nMySQLServer a\nMySQLServer.P b\n"), &found);

	(void)state;
	assert_string_equal(config_profile(config), "p");
	assert_string_equal(config_get(config, "MySQLServer"), "b");
	finish(config, &found);
}

static void
note_storage(void *context, const char *name, const char *value)
{
	buffer_printf(context, "%s=%s\n", name, value);
}

static void
test_storage(void **state)
{
	struct found found;
	struct error error;
	struct buffer seen = BUFFER_INIT(4000);
	struct config *config = parse(span_from(profiles), &found);

	(void)state;
	assert_true(config_use_profile(config, "spare", &error));
	config_each_storage(config, note_storage, &seen);
	const char *text = buffer_string(&seen);
	assert_non_null(strstr(text, "Home=/h\n"));
	assert_non_null(strstr(text, "MySQLServer=c\n"));
	assert_non_null(strstr(text, "SQLiteFile=/h/dspam.sqlite\n"));
	assert_non_null(strstr(text, "MySQLConnectionCache=10\n"));
	assert_null(strstr(text, "Processor"));
	assert_null(strstr(text, "LocalMX"));
	buffer_free(&seen);
	finish(config, &found);
}

/* ---- files ------------------------------------------------------------------- */

static char directory[] = "/tmp/dspam-test-config-XXXXXX";

static int
make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return remove_tree(directory);
}

static void
write_file(const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static bool
load(const char *name, struct config **config, struct found *found, struct error *error)
{
	char path[200];

	*found = (struct found){BUFFER_INIT(1 << 20)};
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return config_load(path, found_add, found, config, error);
}

static void
test_include(void **state)
{
	struct found found;
	struct config *config;
	struct error error;
	char path[200];

	(void)state;
	snprintf(path, sizeof path, "%s/conf.d", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("conf.d/20.conf", "Trust c\n");
	write_file("conf.d/10.conf", "Trust b\nTokenizer osb\n");
	write_file("conf.d/30.text", "Trust x\n");
	write_file("one", "Trust d\nTurst y\n");
	write_file("main.conf", "Trust a\nTokenizer word\nInclude conf.d one\nTrust e\n");
	assert_true(load("main.conf", &config, &found, &error));
	assert_int_equal(config_count(config, "Trust"), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(config_at(config, "Trust", i)[0], 'a' + (int)i);
	assert_string_equal(config_get(config, "Tokenizer"), "word");
	assert_non_null(strstr(found_text(&found),
			       "W 2 Turst: there is no such directive, the line is ignored; did you mean Trust?"));
	finish(config, &found);
}

static void
test_include_fails(void **state)
{
	static const struct {
		const char *text;
		const char *error;
	} rows[] = {
		{"Home /x\nInclude nowhere\n", "fail.conf:2: Include: "},
		{"Include fail.conf\n", "does one include itself?"},
	};
	struct found found;
	struct config *config;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_file("fail.conf", rows[i].text);
		assert_false(load("fail.conf", &config, &found, &error));
		assert_null(config);
		if (strstr(error.text, rows[i].error) == NULL && i == 0)
			fail_msg("%s", error.text);
		buffer_free(&found.text);
	}
	write_file("fail.conf", "include fail.conf\nHome /x\n");
	assert_true(load("fail.conf", &config, &found, &error));
	assert_non_null(strstr(found_text(&found), "W 1 Include: the line is ignored; write Include with a capital I"));
	finish(config, &found);
}

static void
test_file_missing(void **state)
{
	struct found found;
	struct config *config;
	struct error error;

	(void)state;
	assert_false(load("missing.conf", &config, &found, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	assert_non_null(strstr(error.text, "missing.conf: cannot be opened: No such file"));
	buffer_free(&found.text);
	assert_false(config_load(directory, NULL, NULL, &config, &error)); /* a directory */
	assert_false(config_load("/dev/zero", NULL, NULL, &config, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
}

/* A directive that is changed loses all its values, also those of included files; the others keep theirs. */
static void
test_changed(void **state)
{
	struct found found = {BUFFER_INIT(1 << 20)};
	struct config *config;
	struct error error;
	char path[200];

	(void)state;
	snprintf(path, sizeof path, "%s/base.conf", directory);
	write_file("more.conf", "Algorithm robinson\nServerPass.b two\n");
	write_file("base.conf", "Home /h\nAlgorithm graham burton\nInclude more.conf\nServerPass.a one\nTrust x y\n");
	assert_true(config_load_changed(path, SPAN("Algorithm adaptive\n serverpass.A three\nTokenizer ward"), "typed",
					found_add, &found, &config, &error));
	assert_int_equal(config_count(config, "Algorithm"), 1);
	assert_string_equal(config_get(config, "Algorithm"), "adaptive");
	assert_string_equal(config_get(config, "ServerPass.a"), "three");
	assert_string_equal(config_get(config, "ServerPass.b"), "two");
	assert_int_equal(config_count(config, "Trust"), 2);
	assert_string_equal(config_get(config, "Home"), "/h");
	assert_non_null(strstr(found_text(&found), "E 3 Tokenizer \"ward\""));
	finish(config, &found);
	assert_true(config_load_changed(path, SPAN(""), "typed", NULL, NULL, &config, &error));
	assert_int_equal(config_count(config, "Algorithm"), 3);
	config_free(config);
	assert_false(config_load_changed("/dev/null/none", SPAN(""), "typed", NULL, NULL, &config, &error));
	assert_null(config);
}

static void
test_path(void **state)
{
	(void)state;
	unsetenv("DSPAM_CONFIG");
	assert_non_null(strstr(config_path(NULL), "/dspam.conf"));
	setenv("DSPAM_CONFIG", "/from/environment", 1);
	assert_string_equal(config_path(NULL), "/from/environment");
	assert_string_equal(config_path("/from/argument"), "/from/argument");
	unsetenv("DSPAM_CONFIG");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),       cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_nul_ends_line), cmocka_unit_test(test_values),
		cmocka_unit_test(test_require),       cmocka_unit_test(test_suffixes),
		cmocka_unit_test(test_profile),       cmocka_unit_test(test_default_profile),
		cmocka_unit_test(test_storage),       cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_fails), cmocka_unit_test(test_file_missing),
		cmocka_unit_test(test_path),          cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
