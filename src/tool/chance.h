/*
 * Chance that can be repeated: the same seed gives the same numbers, on every machine (splitmix64 of Steele, Lea and
 * Flood, 2014). Not for secrets. Pure.
 */
#ifndef DSPAM_TOOL_CHANCE_H
#define DSPAM_TOOL_CHANCE_H

#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state; /* the seed */
};

static inline uint64_t
chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Less than `limit`, which is not 0. */
static inline size_t
chance_below(struct chance *chance, size_t limit)
{
	return (size_t)((unsigned __int128)chance_next(chance) * limit >> 64);
}

/* At least 0, less than 1: the one that belongs to `index` and no other, whatever is drawn elsewhere. */
static inline double
chance_at(uint64_t seed, uint64_t index)
{
	struct chance own = {seed ^ (index + 1) * UINT64_C(0xd1342543de82ef95)};

	chance_next(&own);
	return (double)(chance_next(&own) >> 11) * 0x1p-53;
}

#endif
