/*
 * Rows of tokens that a process has read lately, shared by all its connections to one store.
 *
 * The rows of a user have a version, a number that grows with every lesson and that the driver reads together with
 * the rows. What stands here belongs to one version of each user: the lesson that leads to the next
 * one is applied to it, so that a busy user's rows stay known while he learns. Whoever reads
 * another version than the one that is known finds nothing, and a lesson that nobody told us of
 * (another process) makes us forget the user. So what is found is exact, however many processes share the store.
 *
 * Thread safe; one lock, held for about 50 microseconds a message. Bounded: 16 bytes a row, all of it
 * given when it is made, and taken from the system only as it fills up.
 */
#ifndef DSPAM_STORE_ROW_CACHE_H
#define DSPAM_STORE_ROW_CACHE_H

#include "store/store.h"

/* At most `bytes` of memory; NULL for less than 64 KiB. Rows with weights are kept only with `weights`: 8 bytes more
 * for each row. */
struct row_cache *row_cache_new(size_t bytes, bool weights);
/* NULL is allowed. */
void row_cache_free(struct row_cache *cache);

/* The version of the user whose rows are known; false: none. */
bool row_cache_version(struct row_cache *cache, store_uid uid, int64_t *version);

/*
 * Fill in those of the rows, whose tokens are set, that are known in this version. The positions of the
 * others go to `missing`, which has room for all; returns how many these are.
 */
size_t row_cache_get(struct row_cache *cache, store_uid uid, int64_t version, struct store_row *rows, size_t count,
		     uint32_t *missing);

/*
 * Keep rows that were read in this version, also those of zeros because the store has none. What is known in another
 * version wins, unless `replace` says that it cannot be brought up to this one.
 */
void row_cache_put(struct row_cache *cache, store_uid uid, int64_t version, bool replace, const struct store_row *rows,
		   size_t count);

/* A lesson that has been committed: it led from one version to the next, on this day. */
void row_cache_advance(struct row_cache *cache, store_uid uid, int64_t from, int64_t to,
		       const struct store_change *changes, size_t count, int32_t day);

#endif
