/*
 * The tokens of one message.
 *
 * A token is a piece of text with a 64-bit identifier (base/crc64.h) and the
 * number of times it occurs. Tokens are the same when their identifiers are.
 * The set and all its text live in the arena of the message.
 */
#ifndef DSPAM_TOKEN_TOKEN_H
#define DSPAM_TOKEN_TOKEN_H

#include <stdint.h>

#include "base/arena.h"

struct token {
	uint64_t id;
	const char *text;   /* NUL-terminated; may hold any other byte; "" when only the id is known */
	uint32_t frequency; /* occurrences in the message, >= 1 */
	uint32_t next;      /* within the set: chain of its bucket */
};

/*
 * All tokens of a message, each once, in the order of first occurrence.
 *
 * `order` lists indices into `tokens` in DSPAM's iteration order (bucket id mod
 * 24593 ascending, first occurrence within a bucket). It is the order of the
 * records in a signature and decides ties between equally significant tokens.
 */
struct token_set {
	struct arena *arena;
	struct token *tokens;
	size_t count;
	size_t capacity;
	uint32_t *order;    /* count entries, after token_set_finish */
	uint64_t whitelist; /* id of the whitelist token; 0 when there is none */
	bool truncated;     /* TOKEN_COUNT_MAX or the arena's ceiling was met; later tokens are missing */

	/* Indices of tokens in text order, with repetitions, for noise reduction (may be NULL). */
	uint32_t *words, *pairs;
	size_t word_count, pair_count, word_capacity, pair_capacity;

	uint32_t *buckets;
	size_t bucket_count;
};

/* Tokens of one message; when there are more, the rest of the text is not read. */
#define TOKEN_COUNT_MAX 250000

#define TOKEN_BUCKETS 24593
#define TOKEN_NONE UINT32_MAX

/* An empty set in `arena`; NULL when the arena is full. */
struct token_set *token_set_new(struct arena *arena);

/*
 * Count one occurrence of `text` (at most 255 bytes), whose identifier is `id`.
 * Returns its index, or TOKEN_NONE when the set is full (`truncated` is set then).
 */
uint32_t token_set_add(struct token_set *set, uint64_t id, struct span text);

/* Compute `order`; false when the arena is full. */
bool token_set_finish(struct token_set *set);

#endif
