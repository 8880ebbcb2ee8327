/* The two configurations that users bring along, as the filter understands them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "filter/settings.h"

struct desk {
	struct config *config;
	struct settings *settings;
};

static void
load(struct desk *desk, const char *name)
{
	char path[1024];
	struct error error;

	snprintf(path, sizeof path, "%s/%s", CONFIGURATIONS, name);
	if (!config_load(path, NULL, NULL, &desk->config, &error) ||
	    !settings_new(desk->config, &desk->settings, &error))
		fail_msg("%s", error.text);
}

static void
put_away(struct desk *desk)
{
	settings_free(desk->settings);
	config_free(desk->config);
}

static void
test_2006(void **state)
{
	struct desk desk;

	(void)state;
	load(&desk, "2006.conf");
	const struct settings *settings = desk.settings;
	assert_string_equal(settings->home, "/usr/local/var/dspam");
	assert_int_equal(settings->training_mode, TRAINING_TOE);
	assert_int_equal(settings->pvalue, PVALUE_MARKOV);
	assert_int_equal(settings->algorithms, ALGORITHM_GRAHAM | ALGORITHM_BURTON);
	assert_true(settings->test_conditional);
	assert_false(settings->bias);
	assert_true(settings->whitelist);
	assert_false(settings->noise);
	assert_int_equal(settings->sedation, 5);
	assert_false(settings->opt_in);
	assert_string_equal(store_option(&settings->store, "MySQLUser"), "dspam");
	put_away(&desk);
}

static void
test_2017(void **state)
{
	struct desk desk;

	(void)state;
	load(&desk, "2017.conf");
	const struct settings *settings = desk.settings;
	assert_int_equal(settings->tokenizer, TOKENIZER_OSB);
	assert_non_null(settings->home);
	assert_true(settings->algorithms != 0);
	put_away(&desk);
}

static void
test_home_is_needed(void **state)
{
	struct config *config;
	struct settings *settings;
	struct error error;

	(void)state;
	assert_true(config_parse(SPAN("TrainingMode teft\n"), "test", NULL, NULL, &config, &error));
	if (settings_new(config, &settings, &error)) {
		assert_true(settings->home[0] == '/'); /* the table has a default */
		settings_free(settings);
	} else {
		assert_int_equal(error.code, ERROR_CONFIG);
		assert_non_null(strstr(error.text, "Home"));
	}
	config_free(config);
	settings_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_2006),
		cmocka_unit_test(test_2017),
		cmocka_unit_test(test_home_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
