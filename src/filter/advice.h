/*
 * The verdict of the original's algorithms as a feature of the adaptive classifier, for users whom they know from the
 * years before: one of the kinds of classify/advice.h, in a view of its own.
 */
#ifndef DSPAM_FILTER_ADVICE_H
#define DSPAM_FILTER_ADVICE_H

#include "classify/advice.h"
#include "feature/feature.h"

/* The feature of a kind (0 to ADVICE_KINDS - 1); its texts are constant. */
struct feature advice_feature(unsigned kind);

/* What adaptive_row.start is for this feature; 0 for all that are no advice. */
int16_t advice_feature_start(const struct feature *feature);

/* The same features without an advice, which is one user's alone. */
struct feature_set advice_taken_out(const struct feature_set *set);

#endif
