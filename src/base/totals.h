/*
 * The eight counters of one user: how much was learned from.
 *
 * Names are those of the original's dspam_stats table; in its documents and in
 * ours they are SL IL SM IM SC IC ScL IcL, in this order.
 */
#ifndef DSPAM_BASE_TOTALS_H
#define DSPAM_BASE_TOTALS_H

#include <stdint.h>

/* As a state every counter is >= 0; as a change of the state (a difference) any sign may stand. */
struct totals {
	int64_t spam_learned;
	int64_t innocent_learned;
	int64_t spam_misclassified;     /* spam that was missed and corrected */
	int64_t innocent_misclassified; /* false positives that were corrected */
	int64_t spam_corpusfed;
	int64_t innocent_corpusfed;
	int64_t spam_classified; /* classified without learning (mature TOE) */
	int64_t innocent_classified;
};

#endif
