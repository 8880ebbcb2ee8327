/*
 * A run: what one or many lessons changed, as an array sorted by token (signed order).
 *
 * It owns its memory; running out of memory aborts. Changes in a run have been cut so
 * that no hits fall below 0: runs are added up in any grouping, in their order.
 */
#ifndef DSPAM_STORE_SQLITE_RUN_H
#define DSPAM_STORE_SQLITE_RUN_H

#include "store/store.h"

/* As it stands in the file, in the byte order of the machine. */
struct run_entry {
	uint64_t token;
	int32_t spam;
	int32_t innocent;
	int32_t day;
	int32_t unused; /* 0 */
};

struct run {
	struct run_entry *entries;
	size_t count;
	size_t capacity;
};

void run_free(struct run *run);

/* Forget what was in it and make room for `count` entries, which the caller then fills. */
void run_resize(struct run *run, size_t count);

/* The run that `size` bytes of the file hold; false when they cannot be one. */
bool run_load(struct run *run, const void *data, size_t size);

/* The sum of two; the day of the later one stands. `sum` is neither of them. */
void run_add(const struct run *earlier, const struct run *later, struct run *sum);

/* Add the run to what `count` sorted rows say already. */
void run_apply(const struct run *run, struct store_row *rows, size_t count);

#endif
