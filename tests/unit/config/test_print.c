/* The configurations that users bring, and that a printed configuration means what it was printed from. */
#include "help.h"

#include "config/print.h"

static struct buffer
print(const struct config *config, bool secrets)
{
	struct buffer text = BUFFER_INIT(1 << 20);

	assert_true(config_print(config, secrets, &text));
	return text;
}

/* Print, read that, print again: the same, with nothing to say about it but what was said before. */
static void
assert_fixed_point(struct span text)
{
	struct found found, again_found;
	struct config *config = parse(text, &found);

	for (int secrets = 0; secrets <= 1; secrets++) {
		struct buffer first = print(config, secrets);
		struct config *again = parse(buffer_span(&first), &again_found);
		struct buffer second = print(again, secrets);

		assert_string_equal(buffer_string(&first), buffer_string(&second));
		assert_null(strstr(found_text(&again_found), "no such directive"));
		buffer_free(&first);
		buffer_free(&second);
		finish(again, &again_found);
	}
	finish(config, &found);
}

static const char *const texts[] = {
	"",
	"Home /h\n",
	"Home \"/h h\"\nTrust a b \"c d\" \"\"\n",
	"Preference \"x=a;b\" # note\nPreference x=a;b # note\nPreference a=\"b;c # x\n",
	"Preference \"x=a\tb\"\n",
	"ServerPass.b 1\nServerPass.A 2\nServerPass 3\nClientIdent \"a@b\"\nMySQLPass p;q # x\n",
	"Profile z\nProfile a\nDefaultProfile m\nProfile m\nMySQLServer.z 1\nMySQLServer 2\nMySQLServer.a 3\n",
	"Home /h\nServerPort x\nSystemLog off\nSystemLog on\nFoo x\n",
	"Profile m\nDefaultProfile m\nProfile z\nSQLiteFile.z /x\nSQLiteFile /y\nSQLiteFile.a /y\nHome /h\n",
};

static void
test_fixed_point(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_fixed_point(span_from(texts[i]));
}

/* The longest line that can be read, bare, quoted, not closed, and with a comment. */
static void
test_fixed_point_long(void **state)
{
	static const struct {
		const char *before;
		const char *after;
	} rows[] = {{"Trust ", ""},      {"Trust \"", "\""}, {"Trust \" ", ""},
		    {"Trust \"a;", "#"}, {"Trust a;", "#"},  {"Home ", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char line[1025];
		size_t before = strlen(rows[i].before);
		size_t after = strlen(rows[i].after);

		memset(line, 'x', 1023);
		memcpy(line, rows[i].before, before);
		memcpy(line + 1023 - after, rows[i].after, after);
		line[1023] = '\n';
		assert_fixed_point(span_of(line, 1024));
	}
}

static void
test_secrets(void **state)
{
	struct found found;
	struct config *config =
		parse(SPAN("MySQLPass s3cr3t1\nServerPass.a s3cr@3t2\nClientIdent \"s3cr@3t3@me\"\n"), &found);
	struct buffer text = print(config, false);

	(void)state;
	assert_null(strstr(buffer_string(&text), "s3cr"));
	assert_null(strstr(buffer_string(&text), "3t"));
	assert_non_null(strstr(buffer_string(&text), "\nClientIdent ********@me\n"));
	assert_non_null(strstr(buffer_string(&text), "\nServerPass.a ********\n"));
	buffer_free(&text);
	text = print(config, true);
	assert_non_null(strstr(buffer_string(&text), "\nMySQLPass s3cr3t1\n"));
	buffer_free(&text);
	finish(config, &found);
}

static void
test_printed(void **state)
{
	struct found found;
	struct config *config = parse(SPAN("Home /h\nTokenizer osb\nTrust a b\n"), &found);
	struct buffer text = print(config, false);
	const char *printed = buffer_string(&text);

	(void)state;
	assert_non_null(strstr(printed, "\n# Base directory of all data; required.\nHome /h\n"));
	assert_non_null(strstr(printed, "\nTrust a\nTrust b\n"));
	assert_non_null(strstr(printed, "\nTokenizer osb\n"));
	assert_non_null(strstr(printed, "\nAlgorithm adaptive\n")); /* defaults too */
	assert_non_null(strstr(printed, "\nSQLiteFile /h/dspam.sqlite\n"));
	assert_null(strstr(printed, "\nDeliveryHost"));
	buffer_free(&text);
	finish(config, &found);
}

/* ---- the configurations of our users ---------------------------------------------- */

static struct config *
load(const char *name, struct found *found)
{
	char path[400];
	struct config *config;
	struct error error;

	*found = (struct found){BUFFER_INIT(1 << 20)};
	snprintf(path, sizeof path, "%s/config/%s", DSPAM_TEST_DATA, name);
	if (!config_load(path, found_add, found, &config, &error))
		fail_msg("%s", error.text);
	return config;
}

static void
assert_loads_again(struct config *config)
{
	struct buffer text = print(config, true);

	assert_fixed_point(buffer_span(&text));
	buffer_free(&text);
}

static void
test_2006(void **state)
{
	struct found found;
	struct config *config = load("2006.conf", &found);

	(void)state;
	assert_string_equal(found_text(&found),
			    "W 17 Feature \"sbph\": it is no feature and has no effect; write \"Tokenizer sbph\"\n"
			    "W 41 MySQLServer \"/var/lib/mysql/mysql.sock\": it is not used, because the store is "
			    "sqlite; StorageDriver says which one is\n"
			    "W 46 IgnoreHeader \"Received:\": it can never match because of the colon; write "
			    "\"IgnoreHeader Received\"\n"
			    "W 46 IgnoreHeader \"from\": it is the name of a header of its own, whose content is not "
			    "looked at; if it belongs to \"Received:\", remove it\n");
	assert_string_equal(config_get(config, "Home"), "/usr/local/var/dspam");
	assert_string_equal(config_get(config, "TrustedDeliveryAgent"), "/usr/sbin/sendmail");
	assert_string_equal(config_get(config, "PValue"), "markov");
	assert_string_equal(config_get(config, "TrainingMode"), "toe");
	assert_false(config_is_on(config, "ProcessorBias"));
	assert_true(config_has(config, "MySQLCompress", "true"));
	assert_int_equal(config_count(config, "AllowOverride"), 11);
	assert_int_equal(config_number(config, "PurgeHits1I"), 15);
	assert_loads_again(config);
	finish(config, &found);
}

static void
test_2017(void **state)
{
	struct found found;
	struct config *config = load("2017.conf", &found);

	(void)state;
	assert_null(strstr(found_text(&found), "E "));
	assert_non_null(
		strstr(found_text(&found), "W 288 PurgeSignature: the line is ignored; write PurgeSignatures\n"));
	assert_non_null(strstr(found_text(&found), "W 194 Preference \"trainingMode= TOE\": it has no effect"));
	assert_int_equal(config_count(config, "IgnoreHeader"), 340);
	assert_int_equal(config_count(config, "TrackSources"), 3);
	assert_string_equal(config_get(config, "ServerParameters"), "--deliver=innocent, spam -d %u");
	assert_string_equal(config_get(config, "ServerPass.CLIENT"), "password");
	assert_string_equal(config_get(config, "Tokenizer"), "osb");
	assert_int_equal(config_number(config, "MaxMessageSize"), 5000000);
	assert_true(config_is_on(config, "ProcessorURLContext"));
	assert_loads_again(config);
	finish(config, &found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_point), cmocka_unit_test(test_fixed_point_long),
		cmocka_unit_test(test_secrets),     cmocka_unit_test(test_printed),
		cmocka_unit_test(test_2006),        cmocka_unit_test(test_2017),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
