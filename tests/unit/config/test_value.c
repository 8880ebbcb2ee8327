/* Values of directives: of each type, those that must be there, and those with a suffix. */
#include "help.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_suffixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
