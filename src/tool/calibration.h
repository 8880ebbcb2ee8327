/*
 * Whether probabilities mean what they say: of all mail that was given 0.9, nine in ten should be spam. Pure.
 */
#ifndef DSPAM_TOOL_CALIBRATION_H
#define DSPAM_TOOL_CALIBRATION_H

#include "tool/figures.h"

enum { CALIBRATION_BINS = 10 }; /* of equal width */

struct calibration_bin {
	size_t count, spam;
	double mean; /* of what was said; NAN without messages */
};

struct calibration {
	struct calibration_bin bins[CALIBRATION_BINS];
	double error; /* expected calibration error: |said - true share| over all messages; NAN without any */
};

/* Messages without a probability are left out. */
struct calibration calibration_of(const struct figures_list *list);

#endif
