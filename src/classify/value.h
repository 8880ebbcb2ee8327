/*
 * The value of a token: how probably a message is spam, seeing this token alone.
 *
 * Everything is computed in double precision in the order in which the
 * original computed it, because thousandths of a thousandth decide which of
 * nearly equal tokens is chosen (dspam-behaviour: statistics 2, 8 and 9).
 */
#ifndef DSPAM_CLASSIFY_VALUE_H
#define DSPAM_CLASSIFY_VALUE_H

#include "base/totals.h"
#include "classify/method.h"

/* How often a token was learned. */
struct hits {
	uint32_t spam;
	uint32_t innocent;
};

/* What all tokens of a message have in common; made once for each message. */
struct value_rule {
	enum pvalue pvalue;
	bool trained;      /* both kinds of mail were learned */
	double spam_total; /* learned; only meaningful when trained */
	double innocent_total;
	double bias;          /* weight of an innocent hit: 1 or 2 */
	double minimum;       /* weighted hits below which a token is taken for unknown */
	double noise_minimum; /* the same for patterns */
};

struct value_rule value_rule(const struct totals *totals, const struct method *method);

/*
 * The value of the token `text`, in [0.0001, 0.9999]. Only markov looks at the text; "" (unknown) is
 * neutral there.
 */
double value_of(const struct value_rule *rule, struct hits hits, const char *text);

/*
 * The value of a noise reduction pattern, where `all` are the hits of the pattern "bnr.t|". With markov
 * patterns are neutral.
 */
double value_of_pattern(const struct value_rule *rule, struct hits hits, struct hits all);

/* Complexity of a token: how many words it spans, left-out ones (`#`) included. At least 1. */
unsigned value_complexity(const char *text);

#endif
