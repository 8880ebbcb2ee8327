#include "classify/adaptive.h"

#include <math.h>

/* Chosen by experiment on public corpora; they lie on a flat optimum. */
#define CONTENT 1            /* the view with a limit */
#define ADVICE 3             /* and that of another classifier */
#define CONTENT_LIMIT (-1.2) /* of its evidence of innocence */
#define PRIOR 0.5            /* the value of what was never seen */
#define PRIOR_STRENGTH 0.5   /* in lessons */
#define DOUBT 0.2            /* a lesson that each class might have had as well */
#define STEP 0.40            /* of AdaGrad */
#define STEP_SOFTENED 0.02   /* and what keeps its first steps finite */
#define VIEW_SLOPE 1.25      /* how soon a view is sure of itself */
#define SPAM_KNOWN 0.98      /* beyond that there is nothing to learn */
#define INNOCENT_KNOWN 0.04
#define ODD 2.5      /* a score that a label should not contradict */
#define ODD_STEP 0.2 /* how much it is believed then */
#define JUMP 4.0     /* no lesson moves a score beyond that */
#define SITE 0.7     /* what a site's model counts */
#define SLOPE 2.3    /* calibration: p = 1 / (1 + exp(-(SLOPE z + OFFSET))) */
#define OFFSET (-0.36)
/* An advice that is right by its own slope, and alone, is calibrated. */
#define ADVICE_SHARE (VIEW_SLOPE / SLOPE)

static const double share_of_view[ADAPTIVE_VIEWS] = {0.5, 0.6, 0.4, ADVICE_SHARE};

#define WEIGHT_UNIT (1.0 / (1 << ADAPTIVE_WEIGHT_BITS))
#define GRADIENT_UNIT (1.0 / (1 << ADAPTIVE_GRADIENT_BITS))

/* In the units of a weight. */
static double
weight_of(const struct adaptive_row *row)
{
	return row->weight + row->start * (double)(1 << (ADAPTIVE_WEIGHT_BITS - ADAPTIVE_START_BITS));
}

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/* ---- the score ------------------------------------------------------------------- */

/* One lesson's part of each class: to be in many lessons of a class that had many says no more than in few of few. */
struct rarity {
	double spam, innocent;
};

static struct rarity
rarity_of(const struct adaptive_lessons *lessons)
{
	return (struct rarity){1 / (lessons->spam + 1.0), 1 / (lessons->innocent + 1.0)};
}

/*
 * The value of a feature: how pure it is. That it was never seen in a class says little while the class has had few
 * lessons, hence the doubt: it vanishes with more of them.
 */
static double
purity(const struct adaptive_row *row, const struct rarity *rarity)
{
	double seen = (double)row->spam + row->innocent;

	if (seen == 0)
		return PRIOR;
	double spam = (row->spam + DOUBT) * rarity->spam, innocent = (row->innocent + DOUBT) * rarity->innocent;
	double both = spam + innocent;
	return (seen * fabs(spam - innocent) + PRIOR * PRIOR_STRENGTH * both) / (both * (seen + PRIOR_STRENGTH));
}

/* An advisor counts by what he has learned, beside what the user has taught since: he learns no more. */
static double
advice_of(const struct adaptive_lessons *lessons)
{
	double advisor = lessons->advisor, own = (double)lessons->spam + lessons->innocent;

	return advisor > 0 ? advisor / (advisor + own) : 1;
}

static double
share_now(const struct adaptive_score *score, size_t view)
{
	return view == ADVICE ? share_of_view[view] * score->advice : share_of_view[view];
}

static void
sum_up(struct adaptive_score *score)
{
	score->learning = score->shown = 0;
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		double z = score->view[v];
		score->learning += share_now(score, v) * z;
		score->shown += share_now(score, v) * (v == CONTENT ? fmax(z, CONTENT_LIMIT) : z);
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
	return logistic(SLOPE * shown + OFFSET);
}

/* `own`: the score of the rows that it is one of. */
static double
share_of(const struct adaptive_row *row, const struct adaptive_lessons *lessons, const struct adaptive_score *own,
	 const struct adaptive_score *score)
{
	const struct rarity rarity = rarity_of(lessons);
	double share = share_now(score, row->view) * weight_of(row) * WEIGHT_UNIT * purity(row, &rarity) /
		       sqrt(own->norm[row->view]);

	if (row->view == CONTENT && score->view[CONTENT] < CONTENT_LIMIT)
		share *= CONTENT_LIMIT / score->view[CONTENT];
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

/* ---- learning -------------------------------------------------------------------- */

struct step {
	struct rarity rarity;
	double error[ADAPTIVE_VIEWS], root[ADAPTIVE_VIEWS]; /* of the norms */
};

/* How a row changes: its gradient, and what its weight would gain by a whole step. */
static double
step_of(const struct adaptive_row *row, const struct step *step, double *value, double *square)
{
	*value = purity(row, &step->rarity) / step->root[row->view];
	double gradient = step->error[row->view] * *value;
	*square = gradient * gradient;
	return STEP * gradient / (sqrt(fmax(0, (double)row->gradient) * GRADIENT_UNIT + *square) + STEP_SOFTENED);
}

/* The part of the step after which the score is not beyond JUMP. */
static double
part_of_step(const struct adaptive_row *rows, size_t count, const struct step *step, const struct adaptive_score *score,
	     bool is_spam)
{
	double gain = 0, value, square;

	for (size_t i = 0; i < count; i++) {
		double change = step_of(&rows[i], step, &value, &square);
		gain += share_now(score, rows[i].view) * change * value;
	}
	double room = is_spam ? JUMP - score->learning : JUMP + score->learning, toward = is_spam ? gain : -gain;
	return toward <= 0 ? 1 : fmax(0, fmin(1, room / toward));
}

static bool
is_known(const struct adaptive_score *score, bool is_spam)
{
	double q = logistic(score->learning);

	return is_spam ? q >= SPAM_KNOWN : q <= INNOCENT_KNOWN;
}

/* Add the changes of weights and gradients; `belief`: how much the label is believed. */
static void
move(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
     const struct adaptive_score *score, bool is_spam, double belief, struct adaptive_change *changes)
{
	struct step step = {.rarity = rarity_of(lessons)};
	double value, square;

	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		step.error[v] = (is_spam - logistic(VIEW_SLOPE * score->view[v])) * belief;
		step.root[v] = score->norm[v] > 0 ? sqrt(score->norm[v]) : 1;
	}
	double part = part_of_step(rows, count, &step, score, is_spam);
	for (size_t i = 0; i < count; i++) {
		double change = part * step_of(&rows[i], &step, &value, &square);
		changes[i].weight += (int32_t)lrint(change / WEIGHT_UNIT);
		changes[i].gradient += (int32_t)lrint(square / GRADIENT_UNIT);
	}
}

/* A message counts once, in its rows and among the lessons. */
static void
begin(size_t count, bool is_spam, bool counts, struct adaptive_change *changes,
      struct adaptive_lessons_change *lessons_change)
{
	int32_t spam = counts && is_spam, innocent = counts && !is_spam;

	for (size_t i = 0; i < count; i++)
		changes[i] = (struct adaptive_change){.spam = spam, .innocent = innocent};
	*lessons_change = (struct adaptive_lessons_change){spam, innocent};
}

bool
adaptive_learn(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
	       const struct adaptive_score *score, bool is_spam, struct adaptive_change *changes,
	       struct adaptive_lessons_change *lessons_change)
{
	bool odd = is_spam ? score->learning < -ODD : score->learning > ODD;

	if (is_known(score, is_spam))
		return false;
	begin(count, is_spam, !odd, changes, lessons_change);
	move(rows, count, lessons, score, is_spam, odd ? ODD_STEP : 1, changes);
	return true;
}

static struct adaptive_score
judge_with(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
	   const struct adaptive_score *site)
{
	struct adaptive_score score = adaptive_judge(rows, count, lessons);

	if (site != NULL)
		adaptive_add_site(&score, site);
	return score;
}

bool
adaptive_correct(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		 const struct adaptive_score *site, bool is_spam, struct adaptive_row *scratch,
		 struct adaptive_change *changes, struct adaptive_lessons_change *lessons_change)
{
	struct adaptive_score score = judge_with(rows, count, lessons, site);
	struct adaptive_lessons taught = *lessons;

	if (is_known(&score, is_spam))
		return false;
	begin(count, is_spam, true, changes, lessons_change);
	move(rows, count, lessons, &score, is_spam, 1, changes);
	adaptive_lessons_add(&taught, lessons_change);
	for (int pass = 1; pass < ADAPTIVE_PASSES; pass++) {
		for (size_t i = 0; i < count; i++) {
			scratch[i] = rows[i];
			adaptive_row_add(&scratch[i], &changes[i]);
		}
		score = judge_with(scratch, count, &taught, site);
		if (is_spam ? score.shown > 0 : score.shown <= 0)
			break;
		move(scratch, count, &taught, &score, is_spam, 1, changes);
	}
	return true;
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
}

void
adaptive_lessons_take(struct adaptive_lessons *lessons, const struct adaptive_lessons_change *change)
{
	lessons->spam -= (uint32_t)change->spam;
	lessons->innocent -= (uint32_t)change->innocent;
}
