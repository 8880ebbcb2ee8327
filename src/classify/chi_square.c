#include "classify/algorithm.h"
#include "classify/log_product.h"

#define NOTHING_KNOWN 0.401

/* Only tokens that are nearly sure. */
size_t
chi_square_choose(const struct sample *sample, struct member *members)
{
	const struct evidence *evidence = sample->evidence;
	size_t count = 0;
	for (size_t i = 0; i < evidence->set->count; i++) {
		uint32_t token = evidence->set->order[i];
		double f = sample->values[token];
		if (sample->pvalue != PVALUE_ROBINSON) {
			double n = (double)evidence->hits[token].spam + (double)evidence->hits[token].innocent;
			f = (0.1 * 0.5 + n * f) / (0.1 + n);
		}
		if (fabs(0.5 - f) > 0.45 && evidence_frequency(evidence, token) > 0)
			members[count++] = (struct member){token, f};
	}
	return count;
}

/* -sum ln f and -sum ln(1 - f): halves of the two sums that are tested. */
struct sums {
	double innocent;
	double spam;
};

static struct sums
sum_up(const struct member *members, size_t count)
{
	struct log_product f = LOG_PRODUCT_ONE, rest = LOG_PRODUCT_ONE;
	for (size_t i = 0; i < count; i++) {
		log_product_multiply(&f, members[i].value);
		log_product_multiply(&rest, 1 - members[i].value);
	}
	return (struct sums){-log_product_value(&f), -log_product_value(&rest)};
}

/*
 * Q(2 * half, 2 * m): the chance that chi-square with 2m degrees of freedom is above 2 * half. From
 * half = 745 on exp() is 0 and the whole sum with it; long messages are judged so by the original.
 */
static double
upper_tail(double half, size_t m)
{
	double term = exp(-half), sum = term;
	for (size_t i = 1; i < m && term > 0; i++) {
		term *= half / (double)i;
		sum += term;
	}
	return sum < 1 ? sum : 1;
}

double
chi_square_probability(const struct member *members, size_t count)
{
	if (count == 0)
		return NOTHING_KNOWN;
	struct sums sums = sum_up(members, count);
	double spam = 1 - upper_tail(sums.spam, count);
	double innocent = 1 - upper_tail(sums.innocent, count);
	return (spam - innocent + 1) / 2;
}

struct log_tails {
	double upper; /* ln Q */
	double lower; /* ln (1 - Q) */
};

/* The smaller tail from the series that falls fast, the other from it. */
static struct log_tails
log_tails(double half, size_t m)
{
	int sign;
	double last = (double)m, sum = 1, term = 1;
	double peak = last * log(half) - half - lgamma_r(last + 1, &sign); /* ln of the term half^m / m! */
	if (half < last) {
		for (double i = last + 1; term > 1e-17 * sum; i++)
			sum += term *= half / i;
		double lower = peak + log(sum);
		return (struct log_tails){log1p(-exp(lower)), lower};
	}
	for (double i = last - 1; i > 0 && term > 1e-17 * sum; i--)
		sum += term *= i / half;
	double upper = peak + log(last / half) + log(sum);
	return (struct log_tails){upper, log1p(-exp(upper))};
}

/* ln(exp(a) + exp(b)) */
static double
log_add(double a, double b)
{
	double high = a > b ? a : b, low = a > b ? b : a;
	return high + log1p(exp(low - high));
}

/* With S = 1 - Qs and H = 1 - Qh, (S - H + 1) / 2 has the odds (S + Qh) / (Qs + H). */
double
chi_square_log_odds(const struct member *members, size_t count)
{
	if (count == 0)
		return log(NOTHING_KNOWN / (1 - NOTHING_KNOWN));
	struct sums sums = sum_up(members, count);
	struct log_tails spam = log_tails(sums.spam, count);
	struct log_tails innocent = log_tails(sums.innocent, count);
	return log_add(spam.lower, innocent.upper) - log_add(spam.upper, innocent.lower);
}
