#include "token/token.h"

struct token_set *
token_set_new(struct arena *arena)
{
	struct token_set *set = arena_calloc(arena, 1, sizeof *set);

	if (set == NULL)
		return NULL;
	set->arena = arena;
	set->buckets = arena_alloc(arena, TOKEN_BUCKETS * sizeof *set->buckets);
	if (set->buckets == NULL)
		return NULL;
	memset(set->buckets, 0xFF, TOKEN_BUCKETS * sizeof *set->buckets); /* TOKEN_NONE everywhere */
	return set;
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
	return true;
}

uint32_t
token_set_add(struct token_set *set, uint64_t id, struct span text)
{
	/* grown first, so that a link into the tokens stays valid below */
	if (set->count == set->capacity && !set->truncated)
		set->truncated = !grow(set);
	uint32_t *link = &set->buckets[id % TOKEN_BUCKETS];
	while (*link != TOKEN_NONE) {
		struct token *token = &set->tokens[*link];
		if (token->id == id) {
			token->frequency++;
			return *link;
		}
		link = &token->next;
	}
	const char *copy = set->truncated || set->count == TOKEN_COUNT_MAX ? NULL : arena_copy(set->arena, text);
	if (copy == NULL) {
		set->truncated = true;
		return TOKEN_NONE;
	}
	*link = (uint32_t)set->count;
	set->tokens[set->count] = (struct token){.id = id, .text = copy, .frequency = 1, .next = TOKEN_NONE};
	return (uint32_t)set->count++;
}

bool
token_set_finish(struct token_set *set)
{
	size_t used = 0;

	set->order = arena_alloc(set->arena, (set->count + 1) * sizeof *set->order);
	if (set->order == NULL)
		return false;
	for (size_t bucket = 0; bucket < TOKEN_BUCKETS; bucket++)
		for (uint32_t i = set->buckets[bucket]; i != TOKEN_NONE; i = set->tokens[i].next)
			set->order[used++] = i;
	return true;
}
