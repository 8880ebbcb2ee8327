#include "classify/verdict.h"

#include <assert.h>

#include "classify/log_product.h"

/* One message while it is judged; rows are parallel to algorithm_table. */
struct trial {
	struct sample sample;
	struct selection selection;
	const struct method *method;
	struct member *members; /* scratch for one algorithm after the other */
	double probabilities[ALGORITHM_COUNT];
	bool hit[ALGORITHM_COUNT]; /* says spam */
};

/* Rows of algorithm_table. */
enum { NAIVE, GRAHAM, BURTON, ROBINSON, CHI_SQUARE };

/* Whose probability is reported, and whose members explain it: the first of the row that counts. */
static const int spam_source[] = {BURTON, GRAHAM, NAIVE, ROBINSON, CHI_SQUARE};
static const int spam_factors[] = {GRAHAM, BURTON, ROBINSON, CHI_SQUARE, NAIVE};
static const int innocent_source[] = {NAIVE, GRAHAM, BURTON, ROBINSON, CHI_SQUARE};
static const int innocent_factors[] = {CHI_SQUARE, ROBINSON, BURTON, GRAHAM, NAIVE};

static bool
is_enabled(const struct trial *trial, int row)
{
	return (trial->method->algorithms & (unsigned)algorithm_table[row].bit) != 0;
}

static bool
is_spam(const struct trial *trial, int row)
{
	if (trial->method->pvalue == PVALUE_MARKOV)
		return trial->probabilities[row] > 0.5;
	return trial->probabilities[row] >= algorithm_table[row].threshold;
}

static bool
run_all(struct trial *trial)
{
	bool spam = false;
	for (int row = 0; row < ALGORITHM_COUNT; row++) {
		const struct algorithm *algorithm = &algorithm_table[row];
		if (!is_enabled(trial, row))
			continue;
		size_t count = algorithm->choose(&trial->sample, trial->members);
		trial->probabilities[row] = algorithm->probability(trial->members, count);
		trial->hit[row] = is_spam(trial, row);
		spam = spam || trial->hit[row];
	}
	return spam;
}

static int
first_of(const struct trial *trial, bool spam, const int rows[static ALGORITHM_COUNT])
{
	for (int i = 0; i < ALGORITHM_COUNT - 1; i++)
		if (spam ? trial->hit[rows[i]] : is_enabled(trial, rows[i]))
			return rows[i];
	return rows[ALGORITHM_COUNT - 1];
}

static double
confidence(struct trial *trial, const struct verdict *verdict)
{
	double p = verdict->probability;
	if (trial->method->pvalue != PVALUE_MARKOV)
		p = robinson_probability(trial->members, robinson_choose(&trial->sample, trial->members));
	return verdict->spam ? p : 1 - p;
}

static double
mean_log_odds(const struct trial *trial)
{
	size_t count = trial->sample.evidence->set->count;
	struct log_product spam = LOG_PRODUCT_ONE, innocent = LOG_PRODUCT_ONE;
	for (size_t i = 0; i < count; i++) {
		log_product_multiply(&spam, trial->sample.values[i]);
		log_product_multiply(&innocent, 1 - trial->sample.values[i]);
	}
	return (log_product_value(&spam) - log_product_value(&innocent)) / (double)count;
}

static double
score(struct trial *trial, int row)
{
	const struct algorithm *algorithm = &algorithm_table[row];
	double threshold = trial->method->pvalue == PVALUE_MARKOV ? 0.5 : algorithm->threshold;
	size_t count = algorithm->choose(&trial->sample, trial->members);
	double log_odds = algorithm->log_odds(trial->members, count);
	return log_odds - log(threshold / (1 - threshold)) + 0.01 * mean_log_odds(trial);
}

/* Known ham from this sender, and hardly any spam (dspam-behaviour: statistics 7). */
static bool
is_whitelisted(const struct evidence *evidence, const struct method *method)
{
	const struct token_set *set = evidence->set;
	if (!method->whitelist || set->whitelist == 0)
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (set->tokens[i].id == set->whitelist)
			return evidence->hits[i].innocent > method->whitelist_threshold &&
			       evidence->hits[i].spam <= evidence->hits[i].innocent / 15;
	return false;
}

static bool
prepare(struct trial *trial, const struct evidence *evidence, const struct totals *totals, struct error *error)
{
	const struct token_set *set = evidence->set;
	if (set->count == 0)
		return error_set(error, ERROR_DATA,
				 "The message has no tokens: there is nothing to judge it by; deliver it unjudged");
	struct value_rule rule = value_rule(totals, trial->method);
	double *values = evidence_values(evidence, &rule);
	trial->members = arena_alloc(set->arena, algorithm_room(set->count) * sizeof(*trial->members));
	if (!values || !trial->members)
		return error_set(error, ERROR_DATA,
				 "The message is too large to judge: its %zu tokens do not fit into the memory "
				 "limit for a message; deliver it unjudged or raise the limit",
				 set->count);
	selection_make(&trial->selection, evidence, values, trial->method->algorithms);
	trial->sample = (struct sample){evidence, values, &trial->selection, trial->method->pvalue};
	return true;
}

bool
verdict_reach(const struct evidence *evidence, const struct totals *totals, const struct method *method,
	      struct verdict *verdict, struct error *error)
{
	assert(method->algorithms != 0);
	struct trial trial = {.method = method};
	if (!prepare(&trial, evidence, totals, error))
		return false;
	*verdict = (struct verdict){.spam = run_all(&trial)};
	for (int row = 0; row < ALGORITHM_COUNT; row++) {
		verdict->results[row].probability = trial.probabilities[row];
		verdict->results[row].spam = trial.hit[row];
	}
	int source = first_of(&trial, verdict->spam, verdict->spam ? spam_source : innocent_source);
	int explained = first_of(&trial, verdict->spam, verdict->spam ? spam_factors : innocent_factors);
	verdict->decided = algorithm_table[source].bit;
	verdict->probability = trial.probabilities[source];
	verdict->confidence = confidence(&trial, verdict);
	verdict->score = score(&trial, source);
	verdict->factors = trial.members;
	verdict->factor_count = algorithm_table[explained].explain(&trial.sample, trial.members);
	verdict->whitelisted = is_whitelisted(evidence, method);
	verdict->spam = verdict->spam && !verdict->whitelisted;
	return true;
}
