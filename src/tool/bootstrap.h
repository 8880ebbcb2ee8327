/*
 * How far a figure may be luck: intervals that hold it with 95 %, by the percentile bootstrap (Efron 1979). The
 * messages are drawn again and again with replacement, the same ones for all classifiers, so that their differences are
 * paired.
 *
 * It asks what other messages of the same kind would have given, not what another order would. Pure.
 */
#ifndef DSPAM_TOOL_BOOTSTRAP_H
#define DSPAM_TOOL_BOOTSTRAP_H

#include <stdint.h>

#include "tool/figures.h"

#define BOOTSTRAP_ROUNDS 1000

struct interval {
	double low, high; /* NAN: undefined */
};

struct bootstrap {
	struct interval errors, roca;
	struct interval more_errors, more_roca; /* than the first list has */
};

/* Of `count` lists about the same messages in the same order; fills results[count]. */
void bootstrap_run(const struct figures_list *const *lists, size_t count, unsigned rounds, uint64_t seed,
		   struct bootstrap *results);

#endif
