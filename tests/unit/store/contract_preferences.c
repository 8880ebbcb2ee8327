/* Preferences. */
#include "contract.h"

static void
test_preferences(struct store *store)
{
	static const char *const hostile[] = {"",
					      "'; DROP TABLE dspam_preferences; --",
					      "\"%s%n\" \\",
					      "\xC3\xA4\xE2\x82\xAC \xF0\x9F\x90\x88",
					      "8-bit \xFF\xFE\x80",
					      "a\nb\tc"};
	store_uid uid = fixture_user(store, "anna");

	set_preference(store, uid, "trainingMode", "TEFT");
	set_preference(store, 0, "trainingMode", "TOE");
	assert_preference(store, uid, "trainingMode", "TEFT", 1);
	assert_preference(store, 0, "trainingMode", "TOE", 1);
	set_preference(store, uid, "TRAININGMODE", "TUM");
	assert_preference(store, uid, "trainingMode", "", 0);
	assert_preference(store, uid, "TRAININGMODE", "TUM", 1);
	set_preference(store, uid, "trainingmode", NULL);
	assert_preference(store, uid, "TRAININGMODE", "", 0);
	set_preference(store, uid, "trainingMode", NULL);
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		set_preference(store, uid, "spamSubject", hostile[i]);
		assert_preference(store, uid, "spamSubject", hostile[i], 1);
	}
	set_preference(store, uid, "o'name \xC3\xA4 \xFF", "x");
	assert_preference(store, uid, "o'name \xC3\xA4 \xFF", "x", 1);
	assert_preference(store, 0, "trainingMode", "TOE", 1);
}

static void
test_preference_limits(struct store *store)
{
	char value[4098], name[130];
	struct error error;

	memset(value, 'v', sizeof value);
	value[4097] = '\0';
	memset(name, 'n', sizeof name);
	name[129] = '\0';
	assert_false(store_preference_set(store, 0, "name", value, &error));
	value[4096] = '\0';
	set_preference(store, 0, "name", value);
	assert_preference(store, 0, "name", value, 1);
	assert_false(store_preference_set(store, 0, name, "v", &error));
	assert_false(store_preference_set(store, 0, "", "v", &error));
	assert_false(store_preference_set(store, 0, "a\nb", "v", &error));
	name[128] = '\0';
	set_preference(store, 0, name, "v");
	assert_preference(store, 0, name, "v", 1);
}

const struct contract contract_preferences[] = {
	CASE(preferences),
	CASE(preference_limits),
	{NULL, NULL},
};
