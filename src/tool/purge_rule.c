#include "tool/purge_rule.h"

#include "filter/appraisal.h"

#define NEUTRAL_FROM 0.35
#define NEUTRAL_TO 0.65
#define HAPAX_WEIGHT 5
#define TUM_MATURE 50
#define AGE_MAX 36500

const struct purge_ages purge_ages_off = {PURGE_OFF, PURGE_OFF, PURGE_OFF, PURGE_OFF,
					  PURGE_OFF, PURGE_OFF, PURGE_OFF, PURGE_OFF};

/* ---- ages ------------------------------------------------------------------- */

static int32_t
age_of(const struct config *config, const char *directive, int32_t otherwise)
{
	int32_t days = (int32_t)config_number(config, directive);

	if (!config_is_set(config, directive))
		return otherwise;
	return days > 0 ? days : PURGE_OFF;
}

struct purge_ages
purge_ages_of(const struct config *config, const struct purge_ages *defaults)
{
	if (defaults == NULL)
		defaults = &purge_ages_off;
	return (struct purge_ages){
		.signatures = age_of(config, "PurgeSignatures", defaults->signatures),
		.neutral = age_of(config, "PurgeNeutral", defaults->neutral),
		.any = age_of(config, "PurgeUnused", defaults->any),
		.hapax = age_of(config, "PurgeHapaxes", defaults->hapax),
		.spam_once = age_of(config, "PurgeHits1S", defaults->spam_once),
		.innocent_once = age_of(config, "PurgeHits1I", defaults->innocent_once),
		.fragments = age_of(config, "PurgeFragments", defaults->fragments),
		.corpus = age_of(config, "PurgeCorpus", defaults->corpus),
	};
}

bool
purge_ages_any_token(const struct purge_ages *ages)
{
	return ages->neutral != PURGE_OFF || ages->any != PURGE_OFF || ages->hapax != PURGE_OFF ||
	       ages->spam_once != PURGE_OFF || ages->innocent_once != PURGE_OFF;
}

bool
purge_ages_any_stored(const struct purge_ages *ages)
{
	return ages->signatures != PURGE_OFF || purge_ages_any_token(ages);
}

bool
purge_ages_any_copy(const struct purge_ages *ages)
{
	return ages->fragments != PURGE_OFF || ages->corpus != PURGE_OFF;
}

bool
purge_age_read(struct span text, int32_t otherwise, int32_t *age)
{
	unsigned long long days = 0;

	*age = otherwise;
	if (text.size == 0)
		return true;
	if (span_equal_nocase(text, SPAN("off"))) {
		*age = PURGE_OFF;
		return true;
	}
	bool good = span_to_number(text, AGE_MAX, &days);
	*age = (int32_t)days;
	return good;
}

/* ---- rows ------------------------------------------------------------------- */

static bool
is_older(const struct purge_rule *rule, const struct store_row *row, int32_t age)
{
	return age != PURGE_OFF && (age == 0 || (int64_t)rule->today - row->day > age);
}

/* Who learns from errors only hits few tokens: that one was not hit says nothing about it. */
static bool
may_be_unused(const struct purge_rule *rule, uint64_t hits)
{
	if (rule->mode == TRAINING_TOE || rule->mode == TRAINING_NOTRAIN)
		return false;
	return rule->mode != TRAINING_TUM || hits < TUM_MATURE;
}

/* With markov all tokens whose text is not known are neutral, so that nothing can be told. */
static bool
is_neutral(const struct purge_rule *rule, const struct store_row *row)
{
	if (rule->values.pvalue == PVALUE_MARKOV)
		return false;
	double value = value_of(&rule->values, (struct hits){.spam = row->spam, .innocent = row->innocent}, "");
	return value >= NEUTRAL_FROM && value <= NEUTRAL_TO;
}

bool
purge_rule_takes(const void *context, const struct store_row *row)
{
	const struct purge_rule *rule = context;
	const struct purge_ages *ages = &rule->ages;
	uint64_t spam = row->spam, innocent = row->innocent;

	/* without these no other row of an adaptive user means anything */
	if (row->token == APPRAISAL_LESSONS || row->token == APPRAISAL_SINCE)
		return false;
	if ((is_older(rule, row, ages->hapax) && 2 * innocent + spam < HAPAX_WEIGHT) ||
	    (is_older(rule, row, ages->spam_once) && spam == 1 && innocent == 0) ||
	    (is_older(rule, row, ages->innocent_once) && spam == 0 && innocent == 1))
		return true;
	/*
	 * A feature of the adaptive classifier is not hit by mail that is certain, which is most: its age says nothing
	 * about what is known well, and its hits are of lessons, which the totals do not count.
	 */
	if (store_row_has_weights(row))
		return false;
	return (is_older(rule, row, ages->any) && may_be_unused(rule, spam + innocent)) ||
	       (is_older(rule, row, ages->neutral) && is_neutral(rule, row));
}
