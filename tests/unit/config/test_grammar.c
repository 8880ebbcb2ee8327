/* The grammar: every sentence of the description of the original's file. */
#include "help.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_nul_ends_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
