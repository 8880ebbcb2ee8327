/* What stands in stores of other programs, as numbers of ours. Pure. */
#ifndef DSPAM_MOVE_FOREIGN_H
#define DSPAM_MOVE_FOREIGN_H

#include <stdint.h>

#include "base/span.h"

/* A token: its number as decimal text, without sign or as the signed number of the same bits. */
bool foreign_token(struct span text, uint64_t *token);

/* "2026-11-22", with a time behind it or not, or seconds or, where the number is small, days since 1970-01-01. */
bool foreign_day(struct span text, int32_t *day);

/* A weight or a gradient (store.h): a whole number of 64 bits. */
bool foreign_weight(struct span text, int64_t *weight);

/* Hits, cut to what every database can hold. */
static inline uint32_t
foreign_hits(long long hits)
{
	return hits < 0 ? 0 : hits > INT32_MAX ? INT32_MAX : (uint32_t)hits;
}

#endif
