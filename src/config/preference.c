#include "config/preference.h"

#include <stdio.h>

#include "config/directive.h"

#define ON_OFF "on off"

/* clang-format off */
const struct preference preference_table[] = {
	{"trainingMode", PREFERENCE_FOLDED, "TEFT TOE TUM NOTRAIN", 0, NULL, "What is learned from; --mode beats it, and it beats TrainingMode."},
	{"spamAction", PREFERENCE_WORD, "quarantine tag deliver", 0, "quarantine", "What happens to spam: kept in the quarantine, delivered with a tagged subject, or delivered."},
	{"spamSubject", PREFERENCE_TEXT, NULL, 15, "[SPAM]", "What spamAction=tag puts before the subject."},
	{"statisticalSedation", PREFERENCE_NUMBER, NULL, 10, NULL, "Training buffer: how strongly early learning is held back."},
	{"enableBNR", PREFERENCE_SWITCH, ON_OFF, 0, NULL, "Noise reduction; beats Feature noise."},
	{"enableWhitelist", PREFERENCE_SWITCH, ON_OFF, 0, NULL, "Automatic whitelisting; beats Feature whitelist."},
	{"processorBias", PREFERENCE_SWITCH, ON_OFF, 0, NULL, "Bias towards innocent; beats ProcessorBias."},
	{"whitelistThreshold", PREFERENCE_NUMBER, NULL, 1000000, "10", "Innocent mails from a sender before he is whitelisted."},
	{"quarantineThreshold", PREFERENCE_PROBABILITY, NULL, 0, "0.874", "Algorithm adaptive: from this probability on a message is spam."},
	{"tagThreshold", PREFERENCE_PROBABILITY, NULL, 0, "0.411", "Algorithm adaptive: unsure mail from this probability on has its subject tagged, where that of spam is."},
	{"unsureThreshold", PREFERENCE_PROBABILITY, NULL, 0, "0.065", "Algorithm adaptive: from this probability on, and below that of spam, a message is unsure: delivered, and marked as such."},
	{"signatureLocation", PREFERENCE_WORD, "message headers attachment", 0, "message", "Where the signature stands."},
	{"tagSpam", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Append the text msgtag.spam to spam."},
	{"tagNonspam", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Append the text msgtag.nonspam to innocent mail."},
	{"showFactors", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Add the header X-DSPAM-Factors."},
	{"optIn", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Be filtered although Opt is in."},
	{"optOut", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Not be filtered."},
	{"makeCorpus", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Keep a copy of every message, sorted by verdict."},
	{"storeFragments", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Keep the beginning of every message for the history."},
	{"localStore", PREFERENCE_NAME, NULL, 128, "", "Name of the directory for log, quarantine and totals, instead of the user's."},
	{"fallbackDomain", PREFERENCE_SWITCH, ON_OFF, 0, "off", "With FallbackDomains, in the preferences of @domain: act as user @domain."},
	{"trainPristine", PREFERENCE_SWITCH, ON_OFF, 0, NULL, "Corrections come with the unchanged message; beats TrainPristine."},
	{"optOutClamAV", PREFERENCE_SWITCH, ON_OFF, 0, "off", "No virus scan."},
	{"ignoreRBLLookups", PREFERENCE_SWITCH, ON_OFF, 0, "off", "No block lists."},
	{"RBLInoculate", PREFERENCE_FOLDED, ON_OFF, 0, NULL, "Learn mail from listed sources as spam; beats RBLInoculate of dspam.conf."},
	{"notifications", PREFERENCE_FOLDED, ON_OFF, 0, NULL, "Mails about the first message, first spam and a full quarantine; beats Notifications."},
	{"ignoreGroups", PREFERENCE_SWITCH, ON_OFF, 0, "off", "Belong to no group."},
	{"dailyQuarantineSummary", PREFERENCE_SWITCH, ON_OFF, 0, "on", "Get a daily list of what is new in the quarantine."},
};
/* clang-format on */

const size_t preference_count = sizeof preference_table / sizeof preference_table[0];

const struct preference *
preference_find(struct span name)
{
	for (size_t i = 0; i < preference_count; i++)
		if (span_equal_nocase(span_from(preference_table[i].name), name))
			return &preference_table[i];
	return NULL;
}

const char *
preference_nearest(struct span name)
{
	size_t best = name.size < 6 ? 1 : 3;
	const char *nearest = NULL;

	for (size_t i = 0; i < preference_count; i++) {
		size_t distance = directive_distance(name, span_from(preference_table[i].name), best);

		if (distance <= best && (nearest == NULL || distance < best)) {
			best = distance;
			nearest = preference_table[i].name;
		}
	}
	return nearest;
}

bool
preference_probability(struct span value, double *probability)
{
	size_t point = span_find_byte(value, '.');
	struct span digits = point == SPAN_NONE ? (struct span){NULL, 0} : span_skip(value, point + 1);
	unsigned long long whole, part = 0;
	double scale = 1;

	if (!span_to_number(span_head(value, point == SPAN_NONE ? value.size : point), 1, &whole) || digits.size > 6 ||
	    (point != SPAN_NONE && !span_to_number(digits, 999999, &part)))
		return false;
	for (size_t i = 0; i < digits.size; i++)
		scale *= 10;
	*probability = (double)whole + (double)part / scale;
	return *probability <= 1;
}

bool
preference_accepts(const struct preference *preference, struct span value)
{
	unsigned long long number;
	double probability;

	if (value.size == 0)
		return true;
	switch (preference->type) {
	case PREFERENCE_SWITCH:
	case PREFERENCE_WORD:
		return directive_has_word(preference->words, value, true);
	case PREFERENCE_FOLDED:
		return directive_has_word(preference->words, value, false);
	case PREFERENCE_NUMBER:
		return span_to_number(value, preference->maximum, &number);
	case PREFERENCE_PROBABILITY:
		return preference_probability(value, &probability);
	case PREFERENCE_TEXT:
		return value.size <= preference->maximum;
	case PREFERENCE_NAME:
		return value.size <= preference->maximum && value.data[0] != '.' &&
		       span_find_byte(value, '/') == SPAN_NONE;
	}
	return false;
}

const char *
preference_wanted(const struct preference *preference, char *text, size_t size)
{
	if (preference->type == PREFERENCE_NUMBER)
		snprintf(text, size, "a number from 0 to %u", preference->maximum);
	else if (preference->type == PREFERENCE_PROBABILITY)
		snprintf(text, size, "a probability from 0 to 1, for instance 0.9");
	else if (preference->type == PREFERENCE_TEXT)
		snprintf(text, size, "at most %u bytes", preference->maximum);
	else if (preference->type == PREFERENCE_NAME)
		snprintf(text, size, "a name without / that does not begin with a dot");
	else
		snprintf(text, size, "one of %s, %s", preference->words,
			 preference->type == PREFERENCE_FOLDED ? "in any case" : "written exactly so");
	return text;
}

bool
preference_split(struct span text, struct span *name, struct span *value)
{
	size_t equals = span_find_byte(text, '=');

	if (equals == SPAN_NONE || equals == 0)
		return false;
	*name = span_head(text, equals);
	*value = span_skip(text, equals + 1);
	return true;
}
