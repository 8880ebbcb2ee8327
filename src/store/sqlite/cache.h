/*
 * Rows of dspam_token_data that a connection has read lately.
 *
 * Most tokens of a message are words that the one before had too. The rows of a user change
 * only when pending lessons are added to the table, and then get a new generation, which the
 * same transaction reads: so what stands here under the right generation is exact. At most 8 MB, which
 * fill up as they are used; made by the second read of a connection, since a program that serves
 * one message gains nothing.
 */
#ifndef DSPAM_STORE_SQLITE_CACHE_H
#define DSPAM_STORE_SQLITE_CACHE_H

#include "store/sqlite/run.h"

struct cache_row;

struct cache {
	struct cache_row *rows; /* NULL: not made yet */
};

void cache_init(struct cache *cache);
void cache_free(struct cache *cache);

/* Fill in `row`, whose token is set, and return true if it is known. */
bool cache_get(const struct cache *cache, store_uid uid, uint32_t generation, struct store_row *row);

/*
 * This connection has added `run` to the table, which thereby came from one generation to the next: bring what
 * is known along. If the transaction fails in the end, the cache must be given up.
 */
void cache_advance(struct cache *cache, store_uid uid, uint32_t from, uint32_t to, const struct run *run);

/* Remember a row, also one of zeros because there is none in the table. */
void cache_put(struct cache *cache, store_uid uid, uint32_t generation, const struct store_row *row);

#endif
