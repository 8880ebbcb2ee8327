#include "store/sqlite/cache.h"

#include <stdlib.h>

enum { ROWS = 262144 };

/* Each token has one place; the latest stays. */
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

static struct cache_row *
place_of(const struct cache *cache, store_uid uid, uint64_t token)
{
	uint64_t mixed = (token ^ (uint64_t)uid << 40) * UINT64_C(0x9E3779B97F4A7C15);

	return &cache->rows[(mixed >> 32) % ROWS];
}

bool
cache_get(const struct cache *cache, store_uid uid, uint32_t generation, struct store_row *row)
{
	const struct cache_row *place = place_of(cache, uid, row->token);

	if (place->row.token != row->token || place->owner != uid + 1 || place->generation != generation)
		return false;
	*row = place->row;
	return true;
}

void
cache_put(struct cache *cache, store_uid uid, uint32_t generation, const struct store_row *row)
{
	*place_of(cache, uid, row->token) = (struct cache_row){*row, uid + 1, generation};
}

void
cache_advance(struct cache *cache, store_uid uid, uint32_t from, uint32_t to, const struct run *run)
{
	if (cache->rows == NULL)
		return;
	for (size_t i = 0; i < run->count; i++) {
		struct cache_row *place = place_of(cache, uid, run->entries[i].token);
		struct run one = {.entries = &run->entries[i], .count = 1};
		if (place->owner != uid + 1 || place->generation != from || place->row.token != one.entries->token)
			continue;
		run_apply(&one, &place->row, 1);
		place->generation = to;
	}
	/* what the run does not name has not changed */
	for (size_t i = 0; i < ROWS; i++)
		if (cache->rows[i].owner == uid + 1 && cache->rows[i].generation == from)
			cache->rows[i].generation = to;
}
