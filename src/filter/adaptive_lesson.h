/*
 * Lessons of the adaptive classifier: what a message changes in the memory of its user.
 *
 * A lesson that stands from the same message is taken back first, to the last bit; then comes the new one. What is
 * learned from mail that arrives depends on the mode: teft takes every message by its verdict, as far as there is
 * something to learn; tum takes those that are unsure; toe and notrain take none. A report is believed in every mode,
 * as adaptive_correct (adaptive.h) says.
 */
#ifndef DSPAM_FILTER_ADAPTIVE_LESSON_H
#define DSPAM_FILTER_ADAPTIVE_LESSON_H

#include "filter/appraisal.h"
#include "filter/kept_features.h"
#include "filter/lesson.h"

/* What is known of the message besides its appraisal. */
struct adaptive_occasion {
	const struct lesson_rule *rule;
	const struct kept_features *kept; /* by signature; NULL: none */
	bool spam;                        /* what it counts as: the class that was given, or the verdict */
	bool whitelisted;                 /* innocent because of its sender: nothing is learned from that */
	bool whitelist;                   /* senders are counted */
};

/*
 * Fill in changes, count and totals of `lesson`, and `now`: what is to be kept of the message after it. Changes the
 * rows of the appraisal on the way. All lives in its arena; false when that is full.
 */
bool adaptive_lesson_make(struct appraisal *appraisal, const struct adaptive_occasion *occasion,
			  struct store_lesson *lesson, struct kept_features *now, struct error *error);

#endif
