/* From the text of preferences to the types of struct preferences: one row for each name. */
#include "filter/preferences.h"

#include "config/preference.h"

static void
take_on(struct span value, void *field)
{
	*(bool *)field = span_equal(value, SPAN("on"));
}

static void
take_not_off(struct span value, void *field)
{
	*(bool *)field = !span_equal(value, SPAN("off"));
}

/* Given at all, it wins: whatever is not on is off. */
static void
take_given(struct span value, void *field)
{
	*(enum tristate *)field = span_equal(value, SPAN("on")) ? TRISTATE_ON : TRISTATE_OFF;
}

/* Only on and off win. */
static void
take_either(struct span value, void *field)
{
	if (span_equal(value, SPAN("on")))
		*(enum tristate *)field = TRISTATE_ON;
	else if (span_equal(value, SPAN("off")))
		*(enum tristate *)field = TRISTATE_OFF;
}

static void
take_either_nocase(struct span value, void *field)
{
	if (span_equal_nocase(value, SPAN("on")))
		*(enum tristate *)field = TRISTATE_ON;
	else if (span_equal_nocase(value, SPAN("off")))
		*(enum tristate *)field = TRISTATE_OFF;
}

static void
take_mode(struct span value, void *field)
{
	enum training_mode mode;

	if (training_mode_named(value, &mode) && mode != TRAINING_UNLEARN)
		*(enum training_mode *)field = mode;
}

static void
take_action(struct span value, void *field)
{
	*(enum spam_action *)field = span_equal(value, SPAN("tag"))       ? SPAM_TAG
				     : span_equal(value, SPAN("deliver")) ? SPAM_DELIVER
									  : SPAM_QUARANTINE;
}

static void
take_location(struct span value, void *field)
{
	*(enum signature_location *)field = span_equal(value, SPAN("headers"))      ? SIGNATURE_IN_HEADERS
					    : span_equal(value, SPAN("attachment")) ? SIGNATURE_IN_ATTACHMENT
										    : SIGNATURE_IN_MESSAGE;
}

static void
take_subject(struct span value, void *field)
{
	char *subject = field;

	if (value.size == 0)
		return;
	value = span_head(value, SPAM_SUBJECT_SIZE);
	memcpy(subject, value.data, value.size);
	subject[value.size] = '\0';
}

static void
take_sedation(struct span value, void *field)
{
	unsigned long long number;

	if (span_to_number(value, 10, &number))
		*(int *)field = (int)number;
}

static void
take_threshold(struct span value, void *field)
{
	unsigned long long number;

	if (span_to_number(value, 1000000, &number))
		*(unsigned *)field = (unsigned)number;
}

static void
take_probability(struct span value, void *field)
{
	double probability;

	if (preference_probability(value, &probability))
		*(double *)field = probability;
}

/* The name of a directory, not a way out of it. */
static void
take_directory(struct span value, void *field)
{
	if (preference_accepts(preference_find(SPAN("localStore")), value))
		*(struct span *)field = value;
}

struct values {
	struct preferences typed;
	struct span local_store;
};

static const struct {
	const char *name;
	void (*take)(struct span value, void *field);
	size_t field;
} rows[] = {
	{"trainingMode", take_mode, offsetof(struct values, typed.training_mode)},
	{"spamAction", take_action, offsetof(struct values, typed.spam_action)},
	{"spamSubject", take_subject, offsetof(struct values, typed.spam_subject)},
	{"statisticalSedation", take_sedation, offsetof(struct values, typed.sedation)},
	{"enableBNR", take_given, offsetof(struct values, typed.noise)},
	{"enableWhitelist", take_given, offsetof(struct values, typed.whitelist)},
	{"processorBias", take_given, offsetof(struct values, typed.bias)},
	{"whitelistThreshold", take_threshold, offsetof(struct values, typed.whitelist_threshold)},
	{"quarantineThreshold", take_probability, offsetof(struct values, typed.quarantine_threshold)},
	{"tagThreshold", take_probability, offsetof(struct values, typed.tag_threshold)},
	{"unsureThreshold", take_probability, offsetof(struct values, typed.unsure_threshold)},
	{"signatureLocation", take_location, offsetof(struct values, typed.signature_location)},
	{"tagSpam", take_on, offsetof(struct values, typed.tag_spam)},
	{"tagNonspam", take_on, offsetof(struct values, typed.tag_nonspam)},
	{"showFactors", take_on, offsetof(struct values, typed.show_factors)},
	{"optIn", take_on, offsetof(struct values, typed.opt_in)},
	{"optOut", take_on, offsetof(struct values, typed.opt_out)},
	{"makeCorpus", take_on, offsetof(struct values, typed.make_corpus)},
	{"storeFragments", take_on, offsetof(struct values, typed.store_fragments)},
	{"localStore", take_directory, offsetof(struct values, local_store)},
	{"fallbackDomain", take_on, offsetof(struct values, typed.fallback_domain)},
	{"trainPristine", take_either, offsetof(struct values, typed.train_pristine)},
	{"optOutClamAV", take_on, offsetof(struct values, typed.no_virus_scan)},
	{"ignoreRBLLookups", take_on, offsetof(struct values, typed.ignore_rbl)},
	{"RBLInoculate", take_either_nocase, offsetof(struct values, typed.rbl_inoculate)},
	{"notifications", take_either_nocase, offsetof(struct values, typed.notifications)},
	{"ignoreGroups", take_on, offsetof(struct values, typed.ignore_groups)},
	{"dailyQuarantineSummary", take_not_off, offsetof(struct values, typed.daily_summary)},
};

static void
take(struct values *values, const struct preference_pair *pair)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_equal_nocase(span_from(rows[i].name), pair->name))
			rows[i].take(pair->value, (char *)values + rows[i].field);
}

bool
preferences_from(const struct preference_pair *pairs, size_t count, struct arena *arena,
		 struct preferences *preferences, struct error *error)
{
	struct values values = {.typed = {.spam_subject = "[SPAM]",
					  .sedation = SEDATION_UNSET,
					  .whitelist_threshold = 10,
					  .quarantine_threshold = 0.874,
					  .tag_threshold = 0.411,
					  .unsure_threshold = 0.065,
					  .daily_summary = true,
					  .pairs = pairs,
					  .count = count}};

	for (size_t i = 0; i < count; i++)
		take(&values, &pairs[i]);
	if (values.local_store.size > 0) {
		values.typed.local_store = arena_copy(arena, values.local_store);
		if (values.typed.local_store == NULL)
			return error_later(error, ERROR_OS, "localStore: no room in the memory of this message");
	}
	*preferences = values.typed;
	return true;
}
