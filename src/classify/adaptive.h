/*
 * The adaptive classifier: a small online model for each user, over three views of a message.
 *
 * Every feature has a weight, which lessons move by AdaGrad (Duchi, Hazan, Singer 2011), and counts of the lessons that
 * had it. Its value is how pure it is: how much more often it was seen in one class than in the other. A view's score
 * is normalised by the length of its vector of values, so that no family drowns the others, and each view is taught by
 * its own error, so that each can decide alone. A lesson is only taken from a message that is not certain already; a
 * label that contradicts a certain score moves little; no lesson goes beyond what it needs. Evidence of innocence in
 * the content counts to a limit, since the content is what a sender of spam can fill with anything.
 *
 * Pure arithmetic: rows are the caller's, in any order, one for each feature.
 */
#ifndef DSPAM_CLASSIFY_ADAPTIVE_H
#define DSPAM_CLASSIFY_ADAPTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADAPTIVE_VIEWS = 3 }; /* where, content, who: feature/feature.h */

/* What is remembered of a feature; all zeros: nothing. */
struct adaptive_row {
	uint8_t view;
	double weight, gradient; /* the sum of squared gradients */
	uint32_t spam, innocent; /* lessons that had it */
};

/* Lessons of the user. */
struct adaptive_lessons {
	uint32_t spam, innocent;
};

struct adaptive_score {
	double view[ADAPTIVE_VIEWS]; /* z of each */
	double norm[ADAPTIVE_VIEWS]; /* the sum of squares of its values */
	double learning;             /* what lessons look at */
	double shown;                /* what people see: > 0 is spam; the limit of the content is in it */
	double probability;          /* calibrated, of being spam */
};

struct adaptive_score adaptive_judge(const struct adaptive_row *rows, size_t count,
				     const struct adaptive_lessons *lessons);

/* How much a feature says for spam; the shares of all add up to score->shown. */
double adaptive_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
		      const struct adaptive_score *score);

/*
 * Learn that the message with these rows and this score is spam or not. Changes the rows and the lessons; false when
 * there was nothing to learn. `certain`: the user has said so of this very message, which is believed.
 */
bool adaptive_learn(struct adaptive_row *rows, size_t count, struct adaptive_lessons *lessons,
		    const struct adaptive_score *score, bool is_spam, bool certain);

#endif
