#include "classify/adaptive.h"

#include <math.h>

/* Chosen by experiment on public corpora; they lie on a flat optimum. */
static const double share_of_view[ADAPTIVE_VIEWS] = {0.5, 0.6, 0.4};
#define CONTENT 1            /* the view with a limit */
#define CONTENT_LIMIT (-1.2) /* of its evidence of innocence */
#define PRIOR 0.5            /* the value of what was never seen */
#define PRIOR_STRENGTH 0.5   /* in lessons */
#define STEP 0.40            /* of AdaGrad */
#define STEP_SOFTENED 0.02   /* and what keeps its first steps finite */
#define VIEW_SLOPE 1.25      /* how soon a view is sure of itself */
#define SPAM_KNOWN 0.98      /* beyond that there is nothing to learn */
#define INNOCENT_KNOWN 0.04
#define ODD 2.5      /* a score that a label should not contradict */
#define ODD_STEP 0.2 /* how much it is believed then */
#define JUMP 4.0     /* no lesson moves a score beyond that */
#define SLOPE 2.3    /* calibration: p = 1 / (1 + exp(-(SLOPE z + OFFSET))) */
#define OFFSET (-0.36)

static double
logistic(double x)
{
	return 1 / (1 + exp(-x));
}

/* The value of a feature: how pure it is. */
static double
purity(const struct adaptive_row *row, const struct adaptive_lessons *lessons)
{
	double spam = row->spam / (lessons->spam + 1.0), innocent = row->innocent / (lessons->innocent + 1.0);
	double seen = (double)row->spam + row->innocent;
	double pure = seen > 0 ? fabs(spam - innocent) / (spam + innocent) : 0;

	return (seen * pure + PRIOR * PRIOR_STRENGTH) / (seen + PRIOR_STRENGTH);
}

struct adaptive_score
adaptive_judge(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons)
{
	struct adaptive_score score = {.learning = 0};

	for (size_t i = 0; i < count; i++) {
		double x = purity(&rows[i], lessons);
		score.norm[rows[i].view] += x * x;
		score.view[rows[i].view] += rows[i].weight * x;
	}
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		if (score.norm[v] > 0)
			score.view[v] /= sqrt(score.norm[v]);
		score.learning += share_of_view[v] * score.view[v];
		score.shown += share_of_view[v] * (v == CONTENT ? fmax(score.view[v], CONTENT_LIMIT) : score.view[v]);
	}
	score.probability = logistic(SLOPE * score.shown + OFFSET);
	return score;
}

double
adaptive_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
	       const struct adaptive_score *score)
{
	double share = share_of_view[row->view] * row->weight * purity(row, lessons) / sqrt(score->norm[row->view]);

	if (row->view == CONTENT && score->view[CONTENT] < CONTENT_LIMIT)
		share *= CONTENT_LIMIT / score->view[CONTENT];
	return share;
}

/* ---- learning -------------------------------------------------------------------- */

struct step {
	double error[ADAPTIVE_VIEWS], root[ADAPTIVE_VIEWS]; /* of the norms */
};

/* How a row changes: its gradient, and what its weight would gain by a whole step. */
static double
step_of(const struct adaptive_row *row, const struct adaptive_lessons *lessons, const struct step *step, double *value,
	double *square)
{
	*value = purity(row, lessons) / step->root[row->view];
	double gradient = step->error[row->view] * *value;
	*square = gradient * gradient;
	return STEP * gradient / (sqrt(row->gradient + *square) + STEP_SOFTENED);
}

/* The part of the step after which the score is not beyond JUMP. */
static double
part_of_step(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
	     const struct step *step, double score, bool is_spam)
{
	double gain = 0, value, square;

	for (size_t i = 0; i < count; i++) {
		double change = step_of(&rows[i], lessons, step, &value, &square);
		gain += share_of_view[rows[i].view] * change * value;
	}
	double room = is_spam ? JUMP - score : JUMP + score, toward = is_spam ? gain : -gain;
	return toward <= 0 ? 1 : fmax(0, fmin(1, room / toward));
}

bool
adaptive_learn(struct adaptive_row *rows, size_t count, struct adaptive_lessons *lessons,
	       const struct adaptive_score *score, bool is_spam, bool certain)
{
	double q = logistic(score->learning), value, square;
	bool odd = !certain && (is_spam ? score->learning < -ODD : score->learning > ODD);
	const struct adaptive_lessons before = *lessons;
	struct step step;

	if (is_spam ? q >= SPAM_KNOWN : q <= INNOCENT_KNOWN)
		return false;
	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		step.error[v] = (is_spam - logistic(VIEW_SLOPE * score->view[v])) * (odd ? ODD_STEP : 1);
		step.root[v] = score->norm[v] > 0 ? sqrt(score->norm[v]) : 1;
	}
	double part = part_of_step(rows, count, &before, &step, score->learning, is_spam);
	for (size_t i = 0; i < count; i++) {
		rows[i].weight += part * step_of(&rows[i], &before, &step, &value, &square);
		rows[i].gradient += square;
		if (!odd)
			++*(is_spam ? &rows[i].spam : &rows[i].innocent);
	}
	if (!odd)
		++*(is_spam ? &lessons->spam : &lessons->innocent);
	return true;
}
