#include "store/sqlite/cache.h"

#include <stdlib.h>

enum { ROWS = 32768 };

/* Each token has one place; the latest stays. */
struct cache_row {
	struct store_row row;
	store_uid uid;
	uint32_t generation;
};

void
cache_init(struct cache *cache)
{
	cache->rows = calloc(ROWS, sizeof *cache->rows);
	if (cache->rows == NULL)
		abort();
	/* A user's first generation is 0, and so is the token of a cleared place. */
	for (size_t i = 0; i < ROWS; i++)
		cache->rows[i].uid = UINT32_MAX;
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

	if (place->row.token != row->token || place->uid != uid || place->generation != generation)
		return false;
	*row = place->row;
	return true;
}

void
cache_put(struct cache *cache, store_uid uid, uint32_t generation, const struct store_row *row)
{
	*place_of(cache, uid, row->token) = (struct cache_row){*row, uid, generation};
}
