/*
 * How messages are judged: the settings of one user, as dspam.conf and his preferences give them.
 *
 * Plain values, copied and shared freely. The names are those of the original
 * (PValue, Algorithm); they compare without case.
 */
#ifndef DSPAM_CLASSIFY_METHOD_H
#define DSPAM_CLASSIFY_METHOD_H

#include <stdint.h>

#include "base/span.h"

/* PValue: how the hits of a token become a probability (value.h). */
enum pvalue { PVALUE_BCR, PVALUE_ROBINSON, PVALUE_MARKOV };

/* Algorithm: how the values of many tokens become one (algorithm.h). A set of these bits. */
enum algorithm_bit {
	ALGORITHM_NAIVE = 1,
	ALGORITHM_GRAHAM = 2,
	ALGORITHM_BURTON = 4,
	ALGORITHM_ROBINSON = 8,
	ALGORITHM_CHI_SQUARE = 16,
	ALGORITHM_ADAPTIVE = 32, /* alone: no tokens, but features (adaptive.h) */
};

#define SEDATION_MAXIMUM 10
#define WHITELIST_THRESHOLD_DEFAULT 10

struct method {
	enum pvalue pvalue;
	unsigned algorithms; /* of enum algorithm_bit, at least one */
	bool bias;           /* ProcessorBias: innocent hits count twice */
	bool tum;            /* TrainingMode tum: sedation is limited */
	unsigned sedation;   /* 0 to SEDATION_MAXIMUM: Feature tb=N, preference statisticalSedation */
	bool noise; /* Feature noise, preference enableBNR (noise.h); for the caller, a verdict does not look at it */
	bool whitelist; /* Feature whitelist, preference enableWhitelist; off when a class was given */
	uint32_t whitelist_threshold;
};

/* The values of that name; false, with nothing changed, if there are none. `graham` is an older name of bcr. */
bool pvalue_named(struct span name, enum pvalue *pvalue);
bool algorithm_named(struct span name, enum algorithm_bit *algorithm);

const char *pvalue_name(enum pvalue pvalue);
const char *algorithm_name(enum algorithm_bit algorithm);

#endif
