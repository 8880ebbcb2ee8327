/* What a message is judged by: its tokens and what the user's mail taught about each. */
#ifndef DSPAM_CLASSIFY_EVIDENCE_H
#define DSPAM_CLASSIFY_EVIDENCE_H

#include "classify/value.h"
#include "token/token.h"

/* Borrowed from the caller; the arrays are parallel to set->tokens. */
struct evidence {
	const struct token_set *set; /* finished: its order decides ties */
	const struct hits *hits;
	const uint32_t *frequency; /* as noise reduction lowered it (noise.h); NULL: as it is in the set */
};

static inline uint32_t
evidence_frequency(const struct evidence *evidence, uint32_t token)
{
	return evidence->frequency ? evidence->frequency[token] : evidence->set->tokens[token].frequency;
}

/* The values of all tokens, in the arena of the set; NULL when it is full. */
double *evidence_values(const struct evidence *evidence, const struct value_rule *rule);

#endif
