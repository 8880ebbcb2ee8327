/*
 * A message, or a signature, held against what its user has taught.
 *
 * Tokens, noise reduction patterns, the hits of both, and the verdict. Everything lives in
 * the arena of the message.
 */
#ifndef DSPAM_FILTER_ANALYSIS_H
#define DSPAM_FILTER_ANALYSIS_H

#include "classify/noise.h"
#include "classify/verdict.h"
#include "store/store.h"

struct analysis {
	struct arena *arena;
	struct method method;
	store_uid merged; /* whose totals and hits are added to those of the user; 0: nobody's */
	struct token_set *set;
	struct totals totals;
	struct hits *hits;      /* parallel to set->tokens */
	struct store_row *rows; /* what was read, sorted for the store */
	uint32_t *row_token;    /* row i is token row_token[i]; from set->count on, a pattern */
	size_t row_count;
	struct noise noise; /* no patterns unless the method wants noise reduction */
	struct hits *noise_hits;
	bool patterns_kept; /* patterns are learned with the tokens */
	struct verdict verdict;
};

/*
 * Read totals and hits of `set`; analysis->method, ->arena and ->merged are set, all else is zero. A lesson that does
 * not depend on the hits saves their reading: without `hits` all are 0 and there are no patterns.
 */
bool analysis_read(struct analysis *analysis, struct store *store, store_uid uid, struct token_set *set, bool hits,
		   struct error *error);

/* Reach the verdict; also again, after the hits or totals were changed. */
bool analysis_judge(struct analysis *analysis, struct error *error);

#endif
