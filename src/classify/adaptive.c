#include "classify/adaptive_private.h"

#define ADVICE 3             /* the view of another classifier */
#define CONTENT_LIMIT (-1.0) /* of the content's evidence of innocence */
#define SITE 0.7             /* what a site's model counts */
#define SLOPE 2.3            /* calibration: p = 1 / (1 + exp(-(SLOPE z + OFFSET))) */
#define OFFSET (-0.36)
/* An advice that is right by its own slope, and alone, is calibrated. */
#define ADVICE_SHARE (VIEW_SLOPE / SLOPE)

static const double share_of_view[ADAPTIVE_VIEWS] = {0.5, 0.6, 0.4, ADVICE_SHARE};

/* In the units of a weight. */
static double
weight_of(const struct adaptive_row *row)
{
	return row->weight + row->start * (double)(1 << (ADAPTIVE_WEIGHT_BITS - ADAPTIVE_START_BITS));
}

/* ---- the score ------------------------------------------------------------------- */

/* An advisor counts by what he has learned, beside what the user has taught since: he learns no more. */
static double
advice_of(const struct adaptive_lessons *lessons)
{
	double advisor = lessons->advisor, own = (double)lessons->spam + lessons->innocent;

	return advisor > 0 ? advisor / (advisor + own) : 1;
}

double
adaptive_share_of_view(const struct adaptive_score *score, size_t view)
{
	return view == ADVICE ? share_of_view[view] * score->advice : share_of_view[view];
}

bool
adaptive_content_is_beyond(const struct adaptive_score *score)
{
	return score->view[ADAPTIVE_CONTENT] < CONTENT_LIMIT;
}

static void
sum_up(struct adaptive_score *score)
{
	score->learning = score->shown = 0;
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		double z = score->view[v];
		score->learning += adaptive_share_of_view(score, v) * z;
		score->shown += adaptive_share_of_view(score, v) * (v == ADAPTIVE_CONTENT ? fmax(z, CONTENT_LIMIT) : z);
	}
	score->probability = adaptive_probability(score->shown);
}

struct adaptive_score
adaptive_judge(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons)
{
	struct adaptive_score score = {.advice = advice_of(lessons)};
	const struct rarity rarity = rarity_of(lessons);

	for (size_t i = 0; i < count; i++) {
		double x = purity(&rows[i], &rarity);
		score.norm[rows[i].view] += x * x;
		score.view[rows[i].view] += weight_of(&rows[i]) * x;
	}
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++)
		if (score.norm[v] > 0)
			score.view[v] *= WEIGHT_UNIT / sqrt(score.norm[v]);
	sum_up(&score);
	return score;
}

void
adaptive_add_site(struct adaptive_score *score, const struct adaptive_score *site)
{
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++)
		score->view[v] += SITE * site->view[v];
	sum_up(score);
}

/* Alone in its view it is that view's score, which then has no error; ADVICE_SHARE makes the shown one right as well.
 */
int16_t
adaptive_start(double log_odds)
{
	return (int16_t)lrint(fmax(-30, fmin(30, log_odds)) / VIEW_SLOPE * (1 << ADAPTIVE_START_BITS));
}

double
adaptive_probability(double shown)
{
	return adaptive_logistic(SLOPE * shown + OFFSET);
}

/* `own`: the score of the rows that it is one of. */
static double
share_of(const struct adaptive_row *row, const struct adaptive_lessons *lessons, const struct adaptive_score *own,
	 const struct adaptive_score *score)
{
	const struct rarity rarity = rarity_of(lessons);
	double share = adaptive_share_of_view(score, row->view) * weight_of(row) * WEIGHT_UNIT * purity(row, &rarity) /
		       sqrt(own->norm[row->view]);

	if (row->view == ADAPTIVE_CONTENT && adaptive_content_is_beyond(score))
		share *= CONTENT_LIMIT / score->view[ADAPTIVE_CONTENT];
	return share;
}

double
adaptive_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
	       const struct adaptive_score *score)
{
	return share_of(row, lessons, score, score);
}

double
adaptive_site_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
		    const struct adaptive_score *site, const struct adaptive_score *score)
{
	return SITE * share_of(row, lessons, site, score);
}

/* ---- sums ---------------------------------------------------------------------- */

static int32_t
saturated(int64_t weight)
{
	return (int32_t)(weight > INT32_MAX ? INT32_MAX : weight < INT32_MIN ? INT32_MIN : weight);
}

void
adaptive_row_add(struct adaptive_row *row, const struct adaptive_change *change)
{
	row->weight = saturated((int64_t)row->weight + change->weight);
	row->gradient += change->gradient;
	row->spam += (uint32_t)change->spam;
	row->innocent += (uint32_t)change->innocent;
}

void
adaptive_row_take(struct adaptive_row *row, const struct adaptive_change *change)
{
	row->weight = saturated((int64_t)row->weight - change->weight);
	row->gradient -= change->gradient;
	row->spam -= (uint32_t)change->spam;
	row->innocent -= (uint32_t)change->innocent;
}

void
adaptive_lessons_add(struct adaptive_lessons *lessons, const struct adaptive_lessons_change *change)
{
	lessons->spam += (uint32_t)change->spam;
	lessons->innocent += (uint32_t)change->innocent;
	lessons->spam_surprises += (uint32_t)change->spam_surprises;
	lessons->innocent_surprises += (uint32_t)change->innocent_surprises;
}

void
adaptive_lessons_take(struct adaptive_lessons *lessons, const struct adaptive_lessons_change *change)
{
	lessons->spam -= (uint32_t)change->spam;
	lessons->innocent -= (uint32_t)change->innocent;
	lessons->spam_surprises -= (uint32_t)change->spam_surprises;
	lessons->innocent_surprises -= (uint32_t)change->innocent_surprises;
}
