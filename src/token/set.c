#include "token/token.h"

#include <stdlib.h>

#include "base/id_sort.h"

enum { BUCKETS = 1024 /* at first */ };

/* Buckets, a power of two of them, without tokens; NULL when the arena is full. */
static uint32_t *
make_buckets(struct arena *arena, size_t count)
{
	uint32_t *buckets = arena_alloc(arena, count * sizeof *buckets);

	if (buckets != NULL)
		memset(buckets, 0xFF, count * sizeof *buckets); /* TOKEN_NONE everywhere */
	return buckets;
}

struct token_set *
token_set_new(struct arena *arena)
{
	struct token_set *set = arena_calloc(arena, 1, sizeof *set);

	if (set == NULL)
		return NULL;
	set->arena = arena;
	set->bucket_count = BUCKETS;
	set->buckets = make_buckets(arena, BUCKETS);
	return set->buckets != NULL ? set : NULL;
}

/* The low bits of identifiers are alike in many words; those in the middle of this product depend on all. */
static inline uint32_t *
bucket_of(const struct token_set *set, uint64_t id)
{
	return &set->buckets[(id * UINT64_C(0x9E3779B97F4A7C15)) >> 32 & (set->bucket_count - 1)];
}

/* As long as there is room for it; with fewer buckets it is only slower. */
static void
spread(struct token_set *set)
{
	uint32_t *buckets = make_buckets(set->arena, set->bucket_count * 4);

	if (buckets == NULL)
		return;
	set->buckets = buckets;
	set->bucket_count *= 4;
	for (size_t i = 0; i < set->count; i++) {
		uint32_t *bucket = bucket_of(set, set->tokens[i].id);
		set->tokens[i].next = *bucket;
		*bucket = (uint32_t)i;
	}
}

static bool
grow(struct token_set *set)
{
	size_t capacity = set->capacity == 0 ? 512 : set->capacity * 2;
	struct token *tokens = arena_alloc(set->arena, capacity * sizeof *tokens);

	if (tokens == NULL)
		return false;
	if (set->count > 0)
		memcpy(tokens, set->tokens, set->count * sizeof *tokens);
	set->tokens = tokens;
	set->capacity = capacity;
	if (capacity > 2 * set->bucket_count)
		spread(set);
	return true;
}

uint32_t
token_set_add(struct token_set *set, uint64_t id, struct span text)
{
	for (uint32_t i = *bucket_of(set, id); i != TOKEN_NONE; i = set->tokens[i].next) {
		if (set->tokens[i].id == id) {
			set->tokens[i].frequency++;
			return i;
		}
	}
	if (set->count == set->capacity && !set->truncated)
		set->truncated = !grow(set);
	const char *copy = set->truncated || set->count == TOKEN_COUNT_MAX ? NULL : arena_copy(set->arena, text);
	if (copy == NULL) {
		set->truncated = true;
		return TOKEN_NONE;
	}
	uint32_t *bucket = bucket_of(set, id);
	set->tokens[set->count] = (struct token){.id = id, .text = copy, .frequency = 1, .next = *bucket};
	*bucket = (uint32_t)set->count;
	return (uint32_t)set->count++;
}

/* The room to sort in is not the arena's: a set that has filled the arena is marked as truncated, and of use all the
 * same. */
bool
token_set_finish(struct token_set *set)
{
	struct id_place *places = reallocarray(NULL, 2 * set->count + 1, sizeof *places);

	if (places == NULL)
		abort();
	set->order = arena_alloc(set->arena, (set->count + 1) * sizeof *set->order);
	/* The remainder has 15 bits; they are put on top, below the sign. */
	for (size_t i = 0; i < set->count; i++)
		places[i] = (struct id_place){set->tokens[i].id % TOKEN_BUCKETS << 48, (uint32_t)i};
	id_sort(places, places + set->count, set->count);
	for (size_t i = 0; set->order != NULL && i < set->count; i++)
		set->order[i] = places[set->count + i].index;
	free(places);
	return set->order != NULL;
}
