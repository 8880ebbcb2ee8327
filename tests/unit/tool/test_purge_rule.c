/* What dspam_clean forgets: the rules one by one. Whole runs: tests/system/test_clean.py. */
#include "help.h"

#include "tool/purge_rule.h"

#define TODAY 20000

static bool
takes(const struct purge_ages *ages, enum training_mode mode, uint32_t spam, uint32_t innocent, int32_t age)
{
	const struct totals totals = {.spam_learned = 10, .innocent_learned = 10};
	const struct purge_rule rule = {
		.ages = *ages,
		.today = TODAY,
		.mode = mode,
		.values = value_rule(&totals, &(struct method){.pvalue = PVALUE_BCR}),
	};

	return purge_rule_takes(
		&rule, &(struct store_row){.token = 1, .spam = spam, .innocent = innocent, .day = TODAY - age});
}

static void
test_off(void **state)
{
	(void)state;
	assert_false(purge_ages_any_stored(&purge_ages_off));
	assert_false(purge_ages_any_copy(&purge_ages_off));
	assert_false(takes(&purge_ages_off, TRAINING_TEFT, 1, 0, 10000));
	assert_false(takes(&purge_ages_off, TRAINING_TEFT, 0, 0, 10000));
}

/* A clock that was wrong once: rows of the future are young, and no number wraps. */
static void
test_days_of_the_future(void **state)
{
	struct purge_ages ages = purge_ages_off;

	(void)state;
	ages.any = ages.hapax = 1;
	assert_true(takes(&ages, TRAINING_TEFT, 1, 0, 2));
	assert_false(takes(&ages, TRAINING_TEFT, 1, 0, -500));
	assert_false(takes(&ages, TRAINING_TEFT, 1, 0, TODAY - INT32_MAX));
	assert_true(purge_rule_takes(&(struct purge_rule){.ages = ages, .today = INT32_MAX, .mode = TRAINING_TEFT},
				     &(struct store_row){.token = 1, .spam = 1, .innocent = 0, .day = INT32_MIN}));
}

static void
test_large_hits(void **state)
{
	struct purge_ages ages = purge_ages_off;

	(void)state;
	ages.hapax = ages.spam_once = ages.innocent_once = 1;
	assert_false(takes(&ages, TRAINING_TEFT, UINT32_MAX, 0, 100));
	assert_false(takes(&ages, TRAINING_TEFT, 0, UINT32_MAX, 100));
	assert_false(takes(&ages, TRAINING_TEFT, UINT32_MAX, UINT32_MAX, 100));
	ages = purge_ages_off;
	ages.any = 1;
	assert_false(takes(&ages, TRAINING_TUM, UINT32_MAX, UINT32_MAX, 100));
	assert_true(takes(&ages, TRAINING_TUM, 25, 24, 100));
	assert_false(takes(&ages, TRAINING_TUM, 25, 25, 100));
}

static void
test_neutral(void **state)
{
	static const struct {
		uint32_t spam, innocent;
		bool goes;
	} cases[] = {
		{35, 65, true}, {34, 66, false}, {65, 35, true}, {66, 34, false},
		{4, 0, true},   {5, 0, false},   {0, 0, true},
	};
	struct purge_ages ages = purge_ages_off;

	(void)state;
	ages.neutral = 30;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(takes(&ages, TRAINING_TOE, cases[i].spam, cases[i].innocent, 31), cases[i].goes);
		assert_false(takes(&ages, TRAINING_TOE, cases[i].spam, cases[i].innocent, 30));
	}
}

static void
test_reading(void **state)
{
	int32_t age;

	(void)state;
	assert_true(purge_age_read(SPAN(""), 14, &age) && age == 14);
	assert_true(purge_age_read(SPAN("0"), 14, &age) && age == 0);
	assert_true(purge_age_read(SPAN("36500"), 14, &age) && age == 36500);
	assert_true(purge_age_read(SPAN("Off"), 14, &age) && age == PURGE_OFF);
	assert_false(purge_age_read(SPAN("36501"), 14, &age));
	assert_false(purge_age_read(SPAN("-1"), 14, &age));
	assert_false(purge_age_read(SPAN("1 "), 14, &age));
}

static void
test_settings(void **state)
{
	const struct purge_ages defaults = {1, 2, 3, 4, 5, 6, 7, 8};
	struct config *config;
	struct error error;

	(void)state;
	assert_true(config_parse(
		SPAN("PurgeSignatures 14\nPurgeNeutral off\nPurgeUnused 0\nPurgeHits1I 7\nPurgeCorpus 9\n"), "x", NULL,
		NULL, &config, &error));
	struct purge_ages ages = purge_ages_of(config, NULL);
	assert_memory_equal(&ages,
			    &((struct purge_ages){14, PURGE_OFF, PURGE_OFF, PURGE_OFF, PURGE_OFF, 7, PURGE_OFF, 9}),
			    sizeof ages);
	ages = purge_ages_of(config, &defaults);
	assert_memory_equal(&ages, &((struct purge_ages){14, PURGE_OFF, PURGE_OFF, 4, 5, 7, 7, 9}), sizeof ages);
	config_free(config);
}

/* Features are in use although they are not hit; without the row that counts lessons they mean nothing. */
static void
test_features(void **state)
{
	const struct totals totals = {.spam_learned = 1000, .innocent_learned = 10};
	const struct purge_rule all = {
		.ages = {.neutral = 0, .any = 0, .hapax = 0, .spam_once = 0, .innocent_once = 0},
		.today = TODAY,
		.mode = TRAINING_TEFT,
		.values = value_rule(&totals, &(struct method){.pvalue = PVALUE_BCR}),
	};
	struct store_row lessons = {.token = 0, .spam = 1}, none = {.token = 0};
	struct store_row known = {.token = 1, .spam = 5, .innocent = 5, .weight = 1000};
	struct store_row rare = {.token = 1, .spam = 1, .weight = 1000}, doubted = {.token = 1, .gradient = 1};

	(void)state;
	assert_false(purge_rule_takes(&all, &lessons));
	assert_false(purge_rule_takes(&all, &none));
	assert_false(purge_rule_takes(&all, &known));
	assert_true(purge_rule_takes(&all, &rare));
	assert_true(purge_rule_takes(&all, &doubted));
	known.weight = 0;
	assert_true(purge_rule_takes(&all, &known));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),        cmocka_unit_test(test_days_of_the_future),
		cmocka_unit_test(test_large_hits), cmocka_unit_test(test_neutral),
		cmocka_unit_test(test_features),   cmocka_unit_test(test_reading),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
