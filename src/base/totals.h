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

/* Add one to the other, counter by counter. */
static inline void
totals_add(struct totals *sum, const struct totals *more)
{
	sum->spam_learned += more->spam_learned;
	sum->innocent_learned += more->innocent_learned;
	sum->spam_misclassified += more->spam_misclassified;
	sum->innocent_misclassified += more->innocent_misclassified;
	sum->spam_corpusfed += more->spam_corpusfed;
	sum->innocent_corpusfed += more->innocent_corpusfed;
	sum->spam_classified += more->spam_classified;
	sum->innocent_classified += more->innocent_classified;
}

#endif
