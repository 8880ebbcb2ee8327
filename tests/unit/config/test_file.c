/* The files that the configuration is read from. */
#include "../remove_tree.h"
#include "help.h"

#include <sys/stat.h>
#include <unistd.h>

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
		cmocka_unit_test(test_include),      cmocka_unit_test(test_include_fails),
		cmocka_unit_test(test_file_missing), cmocka_unit_test(test_path),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
