/* The types of all values of preferences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/preference.h"
#include "filter/preferences.h"

static struct preferences
typed(const char *name, const char *value)
{
	static struct arena *arena;
	struct preference_pair pair = {span_from(name), span_from(value)};
	struct preferences preferences;
	struct error error;

	if (arena == NULL)
		arena = arena_new(1 << 16);
	assert_true(preferences_from(&pair, 1, arena, &preferences, &error));
	return preferences;
}

#define ASSERT_VALUE(name, value, field, expected) assert_int_equal(typed(name, value).field, expected)

static void
test_defaults(void **state)
{
	struct preferences none = typed("nothing", "on");

	(void)state;
	assert_int_equal(none.training_mode, TRAINING_MODE_UNSET);
	assert_int_equal(none.spam_action, SPAM_QUARANTINE);
	assert_string_equal(none.spam_subject, "[SPAM]");
	assert_int_equal(none.sedation, SEDATION_UNSET);
	assert_int_equal(none.noise, TRISTATE_UNSET);
	assert_int_equal(none.train_pristine, TRISTATE_UNSET);
	assert_int_equal(none.whitelist_threshold, 10);
	assert_int_equal(none.signature_location, SIGNATURE_IN_MESSAGE);
	assert_true(none.daily_summary);
	assert_false(none.tag_spam || none.opt_in || none.opt_out || none.show_factors || none.ignore_groups);
	assert_null(none.local_store);
	assert_true(tristate_or(none.bias, true));
	assert_false(tristate_or(none.bias, false));
}

static void
test_values(void **state)
{
	(void)state;
	ASSERT_VALUE("trainingMode", "TOE", training_mode, TRAINING_TOE);
	ASSERT_VALUE("TRAININGMODE", "tum", training_mode, TRAINING_TUM);
	ASSERT_VALUE("trainingMode", " TOE", training_mode, TRAINING_MODE_UNSET);
	ASSERT_VALUE("trainingMode", "unlearn", training_mode, TRAINING_MODE_UNSET);
	ASSERT_VALUE("spamAction", "tag", spam_action, SPAM_TAG);
	ASSERT_VALUE("spamAction", "deliver", spam_action, SPAM_DELIVER);
	ASSERT_VALUE("spamAction", "", spam_action, SPAM_QUARANTINE);
	ASSERT_VALUE("spamAction", "Tag", spam_action, SPAM_QUARANTINE);
	assert_string_equal(typed("spamSubject", "").spam_subject, "[SPAM]");
	assert_string_equal(typed("spamSubject", "*").spam_subject, "*");
	assert_string_equal(typed("spamSubject", "0123456789abcdef").spam_subject, "0123456789abcde");
	ASSERT_VALUE("statisticalSedation", "0", sedation, 0);
	ASSERT_VALUE("statisticalSedation", "10", sedation, 10);
	ASSERT_VALUE("statisticalSedation", "11", sedation, SEDATION_UNSET);
	ASSERT_VALUE("enableBNR", "on", noise, TRISTATE_ON);
	ASSERT_VALUE("enableBNR", "off", noise, TRISTATE_OFF);
	ASSERT_VALUE("enableBNR", "On", noise, TRISTATE_OFF);
	ASSERT_VALUE("enableWhitelist", "", whitelist, TRISTATE_OFF);
	ASSERT_VALUE("processorBias", "on", bias, TRISTATE_ON);
	ASSERT_VALUE("whitelistThreshold", "25", whitelist_threshold, 25);
	ASSERT_VALUE("whitelistThreshold", "many", whitelist_threshold, 10);
	ASSERT_VALUE("signatureLocation", "headers", signature_location, SIGNATURE_IN_HEADERS);
	ASSERT_VALUE("signatureLocation", "attachment", signature_location, SIGNATURE_IN_ATTACHMENT);
	ASSERT_VALUE("signatureLocation", "Headers", signature_location, SIGNATURE_IN_MESSAGE);
	ASSERT_VALUE("tagSpam", "on", tag_spam, true);
	ASSERT_VALUE("tagSpam", "ON", tag_spam, false);
	ASSERT_VALUE("tagNonspam", "on", tag_nonspam, true);
	ASSERT_VALUE("showFactors", "on", show_factors, true);
	ASSERT_VALUE("optIn", "on", opt_in, true);
	ASSERT_VALUE("optOut", "on", opt_out, true);
	ASSERT_VALUE("makeCorpus", "on", make_corpus, true);
	ASSERT_VALUE("storeFragments", "on", store_fragments, true);
	assert_string_equal(typed("localStore", "joe").local_store, "joe");
	assert_null(typed("localStore", "").local_store);
	assert_null(typed("localStore", "../jane").local_store);
	assert_null(typed("localStore", "a/b").local_store);
	ASSERT_VALUE("trainPristine", "on", train_pristine, TRISTATE_ON);
	ASSERT_VALUE("trainPristine", "off", train_pristine, TRISTATE_OFF);
	ASSERT_VALUE("trainPristine", "x", train_pristine, TRISTATE_UNSET);
	ASSERT_VALUE("optOutClamAV", "on", no_virus_scan, true);
	ASSERT_VALUE("ignoreRBLLookups", "on", ignore_rbl, true);
	ASSERT_VALUE("RBLInoculate", "ON", rbl_inoculate, TRISTATE_ON);
	ASSERT_VALUE("rblinoculate", "Off", rbl_inoculate, TRISTATE_OFF);
	ASSERT_VALUE("notifications", "On", notifications, TRISTATE_ON);
	ASSERT_VALUE("ignoreGroups", "on", ignore_groups, true);
	ASSERT_VALUE("dailyQuarantineSummary", "off", daily_summary, false);
	ASSERT_VALUE("dailyQuarantineSummary", "", daily_summary, true);
}

/* No preference of the table is without effect: some allowed value changes the result. */
static void
test_complete(void **state)
{
	static const char *const tried[] = {"on", "off", "toe", "tag", "headers", "7", "0.5"};
	struct preferences plain = typed("nothing", "");
	struct preferences same = typed("nothing", "on");

	(void)state;
	same.pairs = plain.pairs;
	assert_memory_equal(&same, &plain, sizeof same); /* so that a difference below is one of values */
	for (size_t i = 0; i < preference_count; i++) {
		bool changes = strcmp(preference_table[i].name, "fallbackDomain") == 0;

		for (size_t j = 0; j < sizeof tried / sizeof tried[0]; j++) {
			struct preferences set = typed(preference_table[i].name, tried[j]);

			set.pairs = plain.pairs; /* not what it is about */
			changes = changes || memcmp(&set, &plain, sizeof set) != 0;
		}
		if (!changes)
			fail_msg("%s changes nothing", preference_table[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
