/*
 * A run: what one or many lessons changed, as entries in the order of their tokens (signed).
 *
 * Kept as bytes, in memory as in the file, 8 to 9 for an entry: a count of bytes (4), the days' base (4), then for
 * each entry one byte that says how long the step from the last token is and, in most cases, what changed, the
 * step itself, and what did not fit (run.c): entries with weights take 18 bytes, about. It owns its memory; running out
 * of memory aborts. Changes in a run have been cut so that no hits fall below 0: runs are added up in any grouping, in
 * their order.
 */
#ifndef DSPAM_STORE_SQLITE_RUN_H
#define DSPAM_STORE_SQLITE_RUN_H

#include "store/store.h"

struct run_entry {
	uint64_t token;
	int32_t spam;
	int32_t innocent;
	int32_t day;
	int32_t weight;
	int64_t gradient;
};

/* All that a row says, as a change of one that is not there. */
struct run_entry run_entry_of(const struct store_row *row);

struct run {
	unsigned char *data;
	size_t size, capacity;  /* bytes */
	size_t count;           /* entries */
	uint64_t last;          /* place (run.c) of the last entry */
	struct run_mark *marks; /* where each 16th entry begins */
	size_t mark_capacity;
};

void run_free(struct run *run);

/* Make it empty; entries are then appended, ascending. `day` is that of most of them. */
void run_begin(struct run *run, int32_t day);
void run_append(struct run *run, const struct run_entry *entry);

/* The run that `size` bytes of the file hold; false when they cannot be one. */
bool run_load(struct run *run, const void *data, size_t size);

/* Reads a run from its beginning to its end. */
struct run_reader {
	const struct run *run;
	size_t offset, index;
	uint64_t place;
};

struct run_reader run_read(const struct run *run);
/* False: there are no more. */
bool run_next(struct run_reader *reader, struct run_entry *entry);

/* The sum of two; the day of the later one stands. `sum` is neither of them. */
void run_add(const struct run *earlier, const struct run *later, struct run *sum);

/* One of `parts` ranges of equal width that all tokens are cut into, and the rest; neither of them is `run`. */
void run_split(const struct run *run, unsigned parts, unsigned part, struct run *inside, struct run *outside);

/* Add the run to what `count` sorted rows say already. */
void run_apply(const struct run *run, struct store_row *rows, size_t count);

/* A run that is somewhere else: `size` bytes, pieces of which can be read. */
struct run_source {
	size_t size;
	bool (*read)(void *context, void *data, size_t size, size_t offset);
	void *context;
};

/* The same with a run that is needed once, and never wholly in memory; false when it cannot be read or is none. */
bool run_apply_source(const struct run_source *source, struct store_row *rows, size_t count);

#endif
