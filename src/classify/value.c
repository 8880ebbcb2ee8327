#include "classify/value.h"

#define NEUTRAL 0.4
#define LOWEST 0.0001
#define HIGHEST 0.9999

#define HITS_MINIMUM 5
#define HITS_MAXIMUM_TUM 20

/* Sedation makes tokens count later as long as spam outweighs ham in a young store. */
#define SEDATION_FULL_BELOW 1000
#define SEDATION_BELOW 2500

static int64_t
sedated_minimum(const struct totals *totals, unsigned sedation)
{
	int64_t n = sedation;
	int64_t innocent = totals->innocent_learned + totals->innocent_classified;
	int64_t spam = totals->spam_learned + totals->spam_classified;
	if (n == 0 || innocent >= spam || innocent >= SEDATION_BELOW)
		return 0;
	int64_t base = HITS_MINIMUM + n / 2;
	if (innocent < SEDATION_FULL_BELOW)
		return base + n * ((spam - innocent) / 200);
	double percent = 100.0 * (double)spam / (double)(spam + innocent);
	return (int64_t)((double)base + (double)n * (percent / 20.0));
}

static double
hits_minimum(const struct totals *totals, const struct method *method)
{
	int64_t minimum = sedated_minimum(totals, method->sedation);
	if (minimum < HITS_MINIMUM)
		minimum = HITS_MINIMUM;
	if (method->tum && minimum > HITS_MAXIMUM_TUM)
		minimum = HITS_MAXIMUM_TUM;
	return (double)minimum;
}

struct value_rule
value_rule(const struct totals *totals, const struct method *method)
{
	return (struct value_rule){
		.pvalue = method->pvalue,
		.trained = totals->spam_learned > 0 && totals->innocent_learned > 0,
		.spam_total = (double)totals->spam_learned,
		.innocent_total = (double)totals->innocent_learned,
		.bias = method->bias ? 2.0 : 1.0,
		.minimum = hits_minimum(totals, method),
		.noise_minimum = (double)method->sedation,
	};
}

static double
clamp(double p)
{
	return p < LOWEST ? LOWEST : p > HIGHEST ? HIGHEST : p;
}

/* A token seen in ham only: 0.01, or less where the store is large enough to say so. */
static double
innocent_only(const struct value_rule *rule, double innocent)
{
	if (!rule->trained)
		return 0.01;
	double one = 1.0 / rule->spam_total;
	double q = one / (one + rule->bias * innocent / rule->innocent_total);
	return q < 0.01 ? q : 0.01;
}

/* A token seen in spam only: 0.99, or more. */
static double
spam_only(const struct value_rule *rule, double spam)
{
	if (!rule->trained)
		return 0.99;
	double share = spam / rule->spam_total;
	double q = share / (share + rule->bias / rule->innocent_total);
	return q > 0.99 ? q : 0.99;
}

static double
value_bcr(const struct value_rule *rule, struct hits hits)
{
	double spam = hits.spam, innocent = hits.innocent;
	double p = NEUTRAL;
	if (spam + rule->bias * innocent < rule->minimum)
		return NEUTRAL;
	if (hits.spam == 0)
		p = innocent_only(rule, innocent);
	else if (hits.innocent == 0)
		p = spam_only(rule, spam);
	else if (rule->trained) {
		double share = spam / rule->spam_total;
		p = share / (share + rule->bias * innocent / rule->innocent_total);
	}
	return clamp(p);
}

static double
value_robinson(const struct value_rule *rule, struct hits hits)
{
	double n = (double)hits.spam + (double)hits.innocent;
	return (0.1 * 0.5 + n * value_bcr(rule, hits)) / (0.1 + n);
}

/* A `+` that directly follows a counted one separates nothing. */
unsigned
value_complexity(const char *text)
{
	unsigned words = 1;
	for (const char *c = strchr(text, '+'); c; c = strchr(c, '+')) {
		words++;
		c += c[1] == '+' ? 2 : 1;
	}
	return words;
}

/* How many positions of the token are left out: `a+#+c`. */
static unsigned
left_out(const char *text)
{
	unsigned count = strncmp(text, "#+", 2) == 0;
	for (const char *c = strchr(text, '+'); c; c = strchr(c + 1, '+'))
		count += c[1] == '#' && (c[2] == '+' || c[2] == '\0');
	return count;
}

/* 4^(words - left out - 1) for the shapes that a window of five words can give, 1 for all others. */
static double
markov_weight(const char *text)
{
	static const double weights[6][4] = {
		[1] = {1}, [2] = {4}, [3] = {16, 4}, [4] = {64, 16, 4}, [5] = {256, 64, 16, 4},
	};
	unsigned words = value_complexity(text);
	unsigned holes = left_out(text);
	double weight = words <= 5 && holes <= 3 ? weights[words][holes] : 0;
	return weight > 0 ? weight : 1;
}

static bool
is_neutral(const char *text)
{
	return text[0] == '\0' || strncmp(text, "From*", 5) == 0 || strncmp(text, "bnr.", 4) == 0;
}

static double
value_markov(const struct value_rule *rule, struct hits hits, const char *text)
{
	if (is_neutral(text))
		return 0.5;
	double spam = hits.spam, innocent = rule->bias * (double)hits.innocent;
	double start = rule->bias > 1 ? 0.49 : 0.5;
	if (hits.spam == 0 && hits.innocent == 0)
		return start;
	return clamp(start + markov_weight(text) * (spam - innocent) / (16 * (spam + innocent + 1) * 256));
}

double
value_of(const struct value_rule *rule, struct hits hits, const char *text)
{
	switch (rule->pvalue) {
	case PVALUE_MARKOV:
		return value_markov(rule, hits, text);
	case PVALUE_ROBINSON:
		return value_robinson(rule, hits);
	case PVALUE_BCR:
		break;
	}
	return value_bcr(rule, hits);
}

double
value_of_pattern(const struct value_rule *rule, struct hits hits, struct hits all)
{
	if (rule->pvalue == PVALUE_MARKOV)
		return 0.5;
	double spam = hits.spam, innocent = hits.innocent;
	if (hits.spam == 0 && hits.innocent == 0)
		return NEUTRAL;
	if (spam + rule->bias * innocent < rule->noise_minimum)
		return NEUTRAL;
	if (hits.spam == 0)
		return clamp(innocent_only(rule, innocent));
	if (hits.innocent == 0)
		return clamp(spam_only(rule, spam));
	if (all.spam == 0 || all.innocent == 0)
		return NEUTRAL;
	double share = spam / all.spam;
	return clamp(share / (share + innocent / all.innocent));
}
