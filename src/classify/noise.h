/*
 * Bayesian noise reduction: tokens that do not fit the pattern in which they stand are left out
 * (dspam-behaviour: tokenizer 11, statistics 8).
 *
 * A pattern is the rounded values of three tokens in a row, in the text order of the words
 * ("bnr.s|0.00_0.00_0.40_") or of the pairs ("bnr.c|..."). Patterns are learned like tokens, under ids
 * of their own. Their hits stand in the store, so there are two steps: list the patterns, read their
 * hits, then apply them.
 *
 * The token set is only read. Everything made lives in its arena; nothing is global.
 */
#ifndef DSPAM_CLASSIFY_NOISE_H
#define DSPAM_CLASSIFY_NOISE_H

#include "classify/evidence.h"

/* How far a store must have come; all count the innocent messages, learned or only classified. */
bool noise_is_written(const struct totals *totals); /* patterns may be marked for writing: above 500 */
bool noise_is_kept(const struct totals *totals);    /* patterns belong to the message's tokens: above 1000 */
bool noise_is_applied(const struct totals *totals); /* tokens are left out: above 2500 */

struct noise_pattern {
	uint64_t id;
	const char *text;
};

/* The pattern that counts all: "bnr.t|", always the first of the list. */
#define NOISE_TOTAL 0

struct noise {
	const struct token_set *set;
	struct noise_pattern *patterns; /* each once, in the order of first occurrence */
	size_t count;
	uint32_t *word_patterns; /* which pattern ends at each element of set->words */
	uint32_t *pair_patterns; /* and of set->pairs */
};

/* List the patterns of a set that was made in text order (tokenize.h). `values` are those of its tokens. False: arena
 * full. */
bool noise_list(struct noise *noise, const struct token_set *set, const double *values);

/*
 * The frequencies that remain (evidence.h) after each pattern that says something took out the tokens
 * that contradict it; parallel to set->tokens. `hits` are those of the patterns. NULL: arena full.
 */
uint32_t *noise_apply(const struct noise *noise, const struct hits *hits, const double *values,
		      const struct value_rule *rule);

#endif
