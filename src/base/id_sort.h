/*
 * Sorting identifiers, which are hashes and so fall everywhere alike: put into as many buckets as there are of them,
 * and each bucket sorted. Ones that somebody made to fall into one bucket cost as much as any sort does.
 */
#ifndef DSPAM_BASE_ID_SORT_H
#define DSPAM_BASE_ID_SORT_H

#include <stddef.h>
#include <stdint.h>

struct id_place {
	uint64_t id;
	uint32_t index; /* whose it is: of equal identifiers the lower index comes first */
};

/* Sort ascending as *signed* numbers, as the keys of a store are; `from` is lost, and the result is in `to`. */
void id_sort(struct id_place *from, struct id_place *to, size_t count);

#endif
