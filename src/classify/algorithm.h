/*
 * The algorithms that combine the values of tokens into one probability (dspam-behaviour: statistics 4).
 *
 * Each chooses its members, tokens with the values that enter it, and folds them. A new algorithm is a
 * file, a bit in method.h and a row of the table.
 */
#ifndef DSPAM_CLASSIFY_ALGORITHM_H
#define DSPAM_CLASSIFY_ALGORITHM_H

#include "classify/selection.h"

struct member {
	uint32_t token; /* index in the set */
	double value;   /* as it enters the algorithm; between 0 and 1, never equal to either */
};

/* What an algorithm chooses from. */
struct sample {
	const struct evidence *evidence;
	const double *values; /* of all tokens, parallel to the set's */
	const struct selection *selection;
	enum pvalue pvalue;
};

struct algorithm {
	enum algorithm_bit bit;
	double threshold; /* a probability not below it is spam; with markov one above 0.5 */

	/* Write the members and return their number; there is room for algorithm_room() of them. */
	size_t (*choose)(const struct sample *sample, struct member *members);
	double (*probability)(const struct member *members, size_t count);
	/* ln(p / (1 - p)) of that probability, without its rounding to 0 and 1. */
	double (*log_odds)(const struct member *members, size_t count);
	/* The members worth telling to a reader. */
	size_t (*explain)(const struct sample *sample, struct member *members);
};

#define ALGORITHM_COUNT 5

/* In the order naive, graham, burton, robinson, chi-square. */
extern const struct algorithm algorithm_table[ALGORITHM_COUNT];

static inline size_t
algorithm_room(size_t tokens)
{
	return tokens > SELECTION_MAXIMUM ? tokens : SELECTION_MAXIMUM;
}

/* bayes.c: prod(p) / (prod(p) + prod(1 - p)) of few tokens (graham, burton) and of all (naive) */
size_t naive_choose(const struct sample *sample, struct member *members);
size_t naive_explain(const struct sample *sample, struct member *members);
size_t graham_choose(const struct sample *sample, struct member *members);
size_t burton_choose(const struct sample *sample, struct member *members);
double naive_probability(const struct member *members, size_t count);
double graham_probability(const struct member *members, size_t count);
double burton_probability(const struct member *members, size_t count);
double bayes_log_odds(const struct member *members, size_t count);

/* robinson.c: geometric means. Also gives the confidence of every verdict. */
size_t robinson_choose(const struct sample *sample, struct member *members);
double robinson_probability(const struct member *members, size_t count);
double robinson_log_odds(const struct member *members, size_t count);

/* chi_square.c: Fisher's method over all tokens. */
size_t chi_square_choose(const struct sample *sample, struct member *members);
double chi_square_probability(const struct member *members, size_t count);
double chi_square_log_odds(const struct member *members, size_t count);

#endif
