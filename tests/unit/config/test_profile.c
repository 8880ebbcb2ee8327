/* Profiles: which of the directives with a suffix count, and what a store is told. */
#include "help.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_default_profile),
		cmocka_unit_test(test_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
