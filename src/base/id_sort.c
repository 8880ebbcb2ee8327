#include "base/id_sort.h"

#include <stdlib.h>

enum { BITS_MAX = 11, FEW = 24 /* that are sorted fastest by inserting one after the other */ };

static inline uint64_t
order_of(uint64_t id)
{
	return id ^ (uint64_t)1 << 63;
}

static inline int
is_before(const struct id_place *a, const struct id_place *b)
{
	return a->id != b->id ? order_of(a->id) < order_of(b->id) : a->index < b->index;
}

static int
compare(const void *a, const void *b)
{
	return is_before(b, a) - is_before(a, b);
}

static void
sort_bucket(struct id_place *items, size_t count)
{
	if (count > FEW) {
		qsort(items, count, sizeof *items, compare);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct id_place item = items[i];
		size_t k = i;
		for (; k > 0 && is_before(&item, &items[k - 1]); k--)
			items[k] = items[k - 1];
		items[k] = item;
	}
}

void
id_sort(struct id_place *from, struct id_place *to, size_t count)
{
	uint32_t ends[(1 << BITS_MAX) + 1] = {0};
	unsigned bits = 1;

	while (bits < BITS_MAX && (size_t)1 << bits < count)
		bits++;
	for (size_t i = 0; i < count; i++)
		ends[(order_of(from[i].id) >> (64 - bits)) + 1]++;
	for (size_t bucket = 0; bucket < (size_t)1 << bits; bucket++)
		ends[bucket + 1] += ends[bucket];
	/* Each begin becomes its end, which is where the next one begins. */
	for (size_t i = 0; i < count; i++)
		to[ends[order_of(from[i].id) >> (64 - bits)]++] = from[i];
	for (size_t bucket = 0, begin = 0; bucket < (size_t)1 << bits; begin = ends[bucket++])
		sort_bucket(to + begin, ends[bucket] - begin);
}
