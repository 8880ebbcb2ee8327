#include "store/sqlite/cache.h"

#include <stdlib.h>

enum { ROWS = 262144 };

struct cache_row {
	struct store_row row;
	uint32_t owner; /* uid + 1; 0: the place is free */
	uint32_t generation;
};

void
cache_init(struct cache *cache)
{
	cache->rows = calloc(ROWS, sizeof *cache->rows);
	if (cache->rows == NULL)
		abort();
}

void
cache_free(struct cache *cache)
{
	free(cache->rows);
	cache->rows = NULL;
}

static bool
is_of(const struct cache_row *place, store_uid uid, uint64_t token)
{
	return place->owner == uid + 1 && place->row.token == token;
}

/* What a row is worth to the reader of a user and generation: a free place, and what has gone out of date, nothing. */
static uint64_t
weight(const struct cache_row *place, store_uid uid, uint32_t generation)
{
	if (place->owner == 0 || (place->owner == uid + 1 && place->generation != generation))
		return 0;
	return (uint64_t)place->row.spam + place->row.innocent + 1;
}

static uint64_t
mix(store_uid uid, uint64_t token)
{
	return (token ^ (uint64_t)uid << 40) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Where the row of a token is, or belongs: each has two places to stand in, and takes that of the rarer word. */
static struct cache_row *
place_of(const struct cache *cache, store_uid uid, uint32_t generation, uint64_t token)
{
	struct cache_row *pair = &cache->rows[(mix(uid, token) >> 32) % (ROWS / 2) * 2];

	if (is_of(&pair[0], uid, token))
		return &pair[0];
	if (is_of(&pair[1], uid, token))
		return &pair[1];
	return weight(&pair[0], uid, generation) <= weight(&pair[1], uid, generation) ? &pair[0] : &pair[1];
}

bool
cache_get(const struct cache *cache, store_uid uid, uint32_t generation, struct store_row *row)
{
	const struct cache_row *place = place_of(cache, uid, generation, row->token);

	if (!is_of(place, uid, row->token) || place->generation != generation)
		return false;
	*row = place->row;
	return true;
}

/*
 * Most words come once and never again: they do not drive out commoner ones, but for one in 16, so that nothing
 * stays for ever.
 */
void
cache_put(struct cache *cache, store_uid uid, uint32_t generation, const struct store_row *row)
{
	struct cache_row *place = place_of(cache, uid, generation, row->token);
	const struct cache_row latest = {*row, uid + 1, generation};
	bool lucky = (mix(uid, row->token) >> 16 & 15) == 0;

	if (is_of(place, uid, row->token) || weight(place, uid, generation) <= weight(&latest, uid, generation) ||
	    lucky)
		*place = latest;
}

void
cache_advance(struct cache *cache, store_uid uid, uint32_t from, uint32_t to, const struct run *run)
{
	if (cache->rows == NULL)
		return;
	for (size_t i = 0; i < run->count; i++) {
		struct cache_row *place = place_of(cache, uid, from, run->entries[i].token);
		struct run one = {.entries = &run->entries[i], .count = 1};
		if (!is_of(place, uid, one.entries->token) || place->generation != from)
			continue;
		run_apply(&one, &place->row, 1);
		place->generation = to;
	}
	/* what the run does not name has not changed */
	for (size_t i = 0; i < ROWS; i++)
		if (cache->rows[i].owner == uid + 1 && cache->rows[i].generation == from)
			cache->rows[i].generation = to;
}
