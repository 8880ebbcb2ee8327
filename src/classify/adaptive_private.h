/*
 * What judging (adaptive.c) and learning (adaptive_learn.c) share: the constants, chosen by experiment on public
 * corpora, where they lie on a flat optimum, and what a row says of a message.
 */
#ifndef DSPAM_CLASSIFY_ADAPTIVE_PRIVATE_H
#define DSPAM_CLASSIFY_ADAPTIVE_PRIVATE_H

#include <math.h>

#include "classify/adaptive.h"

#define ADAPTIVE_CONTENT 1 /* the view whose evidence of innocence has a limit */
#define PRIOR 0.5          /* the value of what was never seen */
#define PRIOR_STRENGTH 0.5 /* in lessons */
#define DOUBT 0.2          /* a lesson that each class might have had as well */
#define VIEW_SLOPE 1.25    /* how soon a view is sure of itself */

#define WEIGHT_UNIT (1.0 / (1 << ADAPTIVE_WEIGHT_BITS))
#define GRADIENT_UNIT (1.0 / (1 << ADAPTIVE_GRADIENT_BITS))

static inline double
adaptive_logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/* One lesson's part of each class: to be in many lessons of a class that had many says no more than in few of few. */
struct rarity {
	double spam, innocent;
};

static inline struct rarity
rarity_of(const struct adaptive_lessons *lessons)
{
	return (struct rarity){1 / (lessons->spam + 1.0), 1 / (lessons->innocent + 1.0)};
}

/*
 * The value of a feature: how pure it is. That it was never seen in a class says little while the class has had few
 * lessons, hence the doubt: it vanishes with more of them. Of what was never seen at all it comes out as PRIOR,
 * exactly, without a branch that no processor foresees.
 */
static inline double
purity(const struct adaptive_row *row, const struct rarity *rarity)
{
	double seen = (double)row->spam + row->innocent;
	double spam = (row->spam + DOUBT) * rarity->spam, innocent = (row->innocent + DOUBT) * rarity->innocent;
	double both = spam + innocent;

	return (seen * fabs(spam - innocent) + PRIOR * PRIOR_STRENGTH * both) / (both * (seen + PRIOR_STRENGTH));
}

/* Whether the content's evidence of innocence is beyond its limit. */
bool adaptive_content_is_beyond(const struct adaptive_score *score);

/* What a view counts in this score. */
double adaptive_share_of_view(const struct adaptive_score *score, size_t view);

#endif
