/* The bytes of a run, for run.c and run_look.c. */
#ifndef DSPAM_STORE_SQLITE_RUN_BYTES_H
#define DSPAM_STORE_SQLITE_RUN_BYTES_H

#include "base/varint.h"
#include "store/sqlite/run.h"

/*
 * The first byte of an entry: the upper three bits are the bytes of the step, less one; the lower five say what
 * changed: bits 0-1 innocent hits, 2-3 spam hits, 4 that the day is the one before the base. ELSEWHERE: these follow
 * the step, as three numbers of 4 bytes. WEIGHTED: hits, days from the base on, weight and gradient follow it as
 * numbers of base/varint.h. Everything else is in the byte order of the machine.
 */
enum {
	HEAD = 4,
	STRIDE = 16,
	NUMBERS = 5,
	ENTRY_MAX = 1 + 8 + NUMBERS * VARINT_MAX,
	SLACK = 8,
	ELSEWHERE = 31,
	WEIGHTED = 30,
	HITS_SHORT = 3,
	PIECE = 4096,
	HEAD_WEIGHTED = 1 << 30 /* in the head, beside the day: WEIGHTED means that, and not hits as in older runs */
};

struct run_mark {
	uint64_t place; /* of the entry before, 0 for the first */
	size_t offset;
};

/* Signed order as unsigned numbers. */
static inline uint64_t
run_place(uint64_t token)
{
	return token ^ UINT64_C(1) << 63;
}

/* The day of most entries, from the head. */
int32_t run_day(const struct run *run);

/* Go to the next entry: its place, and its bytes. False when it does not end within the run. */
bool run_pass(const struct run *run, size_t *offset, uint64_t *place, const unsigned char **bytes);
struct run_entry run_decode(const struct run *run, uint64_t place, const unsigned char *bytes);

#endif
