#include "classify/adaptive_private.h"

#define STEP 0.40          /* of AdaGrad */
#define STEP_SOFTENED 0.02 /* and what keeps its first steps finite */
#define SPAM_KNOWN 0.98    /* beyond that there is nothing to learn */
#define INNOCENT_KNOWN 0.04
#define JUMP 4.0         /* no lesson moves a score beyond that */
#define ODD 2.5          /* a score that a label should not contradict */
#define ODD_STEP 0.2     /* how much it is believed then */
#define VERDICT_STEP 0.5 /* what a verdict of its own is worth as a lesson */
#define VERDICT_SURE 2.4 /* and how sure it makes of itself: below ODD, so that no report surprises by that alone */
#define BALANCE 3        /* so many lessons of one class for each of the other, */
#define BALANCE_FROM 10  /* as if it had these besides, before its own verdict leaves out the one */
#define STEADY 3.0       /* after so many lessons a row gives way half as much to what contradicts them */
#define TURN_TARGET 0.2  /* the score that a turn aims at */
#define TURN_MOST 1.0    /* by which it moves a weight at most */
#define TRUST 10         /* so many reports of a class that contradict a sure score are believed, */
#define TRUST_SHARE 0.01 /* and so many more for each lesson */

/* A message in a lesson: what its rows and their errors are multiplied with, by view. */
struct step {
	struct rarity rarity;
	double error[ADAPTIVE_VIEWS], root[ADAPTIVE_VIEWS] /* of the norms */, share[ADAPTIVE_VIEWS];
	bool is_spam, steady; /* rows give way by what they stand on */
	bool content_beyond;  /* the limit of what it says for innocence */
	double from, most;    /* the score that is moved, and how far it may come */
};

static struct step
step_new(const struct adaptive_lessons *lessons, const struct adaptive_score *score, double from, bool is_spam,
	 double belief)
{
	struct step step = {.rarity = rarity_of(lessons),
			    .is_spam = is_spam,
			    .content_beyond = adaptive_content_is_beyond(score),
			    .from = from,
			    .most = JUMP};

	for (size_t v = 0; v < ADAPTIVE_VIEWS; v++) {
		step.error[v] = (is_spam - adaptive_logistic(VIEW_SLOPE * score->view[v])) * belief;
		step.root[v] = score->norm[v] > 0 ? sqrt(score->norm[v]) : 1;
		step.share[v] = adaptive_share_of_view(score, v);
	}
	return step;
}

/* How much a row gives way to what contradicts it: 1 while nothing was learned of it. */
static double
yielding(const struct adaptive_row *row)
{
	return STEADY / (STEADY + row->spam + row->innocent);
}

/* How a row changes: its gradient, and what its weight would gain by a whole step. */
static double
step_of(const struct adaptive_row *row, const struct step *step, double *value, double *square)
{
	*value = purity(row, &step->rarity) / step->root[row->view];
	double gradient = step->error[row->view] * *value;
	*square = gradient * gradient;
	double before = (double)(row->gradient > 0 ? row->gradient : 0) * GRADIENT_UNIT;
	double whole = STEP * gradient / (sqrt(before + *square) + STEP_SOFTENED);
	return step->steady ? whole * yielding(row) : whole;
}

/* The part of the step after which the score is not beyond the most, when all of it would move it by `gain`. */
static double
part_of_step(const struct step *step, double gain)
{
	double room = step->is_spam ? step->most - step->from : step->most + step->from;
	double toward = step->is_spam ? gain : -gain;

	return toward <= 0 ? 1 : fmax(0, fmin(1, room / toward));
}

static int32_t
in_units(double weight)
{
	return (int32_t)lrint(weight / WEIGHT_UNIT);
}

/* Add a step of AdaGrad: all of it, as is right most of the time, and then take back what was too much. */
static void
move(const struct adaptive_row *rows, size_t count, const struct step *step, struct adaptive_change *changes)
{
	double gain = 0, value, square;

	for (size_t i = 0; i < count; i++) {
		double change = step_of(&rows[i], step, &value, &square);
		gain += step->share[rows[i].view] * change * value;
		changes[i].weight += in_units(change);
		changes[i].gradient += (int32_t)lrint(square / GRADIENT_UNIT);
	}
	double part = part_of_step(step, gain);
	for (size_t i = 0; i < count && part < 1; i++) {
		double change = step_of(&rows[i], step, &value, &square);
		changes[i].weight += in_units(part * change) - in_units(change);
	}
}

/* What a row counts in the score; more innocence of the content than is shown is no use. */
static double
lever(const struct adaptive_row *row, const struct step *step)
{
	if (step->content_beyond && !step->is_spam && row->view == ADAPTIVE_CONTENT)
		return 0;
	return step->share[row->view] * purity(row, &step->rarity) / step->root[row->view];
}

/*
 * Add the smallest change that brings the score to TURN_TARGET, where what many lessons stand behind is dear to change:
 * so the message itself is turned, and little else with it (passive-aggressive as in Crammer et al. 2006, with a
 * confidence in each weight as in their AROW, 2009).
 */
static void
turn(const struct adaptive_row *rows, size_t count, const struct step *step, struct adaptive_change *changes)
{
	double all = 0, value, square, far = (step->is_spam ? TURN_TARGET : -TURN_TARGET) - step->from;

	for (size_t i = 0; i < count; i++)
		all += lever(&rows[i], step) * lever(&rows[i], step) * yielding(&rows[i]);
	for (size_t i = 0; i < count && all > 0; i++) {
		double change = far * lever(&rows[i], step) * yielding(&rows[i]) / all;
		step_of(&rows[i], step, &value, &square);
		changes[i].weight += in_units(fmax(-TURN_MOST, fmin(TURN_MOST, change)));
		changes[i].gradient += (int32_t)lrint(square / GRADIENT_UNIT);
	}
}

/* ---- lessons --------------------------------------------------------------------- */

static bool
is_known(const struct adaptive_score *score, bool is_spam)
{
	double q = adaptive_logistic(score->learning);

	return is_spam ? q >= SPAM_KNOWN : q <= INNOCENT_KNOWN;
}

static bool
is_odd(double score, bool is_spam)
{
	return is_spam ? score < -ODD : score > ODD;
}

/* Who contradicts sure scores again and again is not believed any more as others are, until he has taught more. */
static bool
is_trusted(const struct adaptive_lessons *lessons, bool is_spam)
{
	uint32_t surprises = is_spam ? lessons->spam_surprises : lessons->innocent_surprises;

	return surprises < TRUST + TRUST_SHARE * ((double)lessons->spam + lessons->innocent);
}

/* A message counts once, in its rows and among the lessons. */
static void
begin(size_t count, bool is_spam, bool counts, struct adaptive_change *changes,
      struct adaptive_lessons_change *lessons_change)
{
	int32_t spam = counts && is_spam, innocent = counts && !is_spam;

	for (size_t i = 0; i < count; i++)
		changes[i] = (struct adaptive_change){.spam = spam, .innocent = innocent};
	*lessons_change = (struct adaptive_lessons_change){.spam = spam, .innocent = innocent};
}

/* A lesson from what is not known already; a label that contradicts is hardly believed, and rows give way by what they
 * stand on, as they do where the lesson is `doubtful` altogether. */
static void
teach(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
      const struct adaptive_score *score, bool is_spam, bool doubtful, struct adaptive_change *changes,
      struct adaptive_lessons_change *lessons_change)
{
	bool odd = is_odd(score->learning, is_spam);
	struct step step = step_new(lessons, score, score->learning, is_spam, odd ? ODD_STEP : 1);

	step.steady = odd || doubtful;
	begin(count, is_spam, !odd, changes, lessons_change);
	move(rows, count, &step, changes);
}

bool
adaptive_learn(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
	       const struct adaptive_score *score, bool is_spam, struct adaptive_change *changes,
	       struct adaptive_lessons_change *lessons_change)
{
	if (is_known(score, is_spam))
		return false;
	teach(rows, count, lessons, score, is_spam, false, changes, lessons_change);
	return true;
}

/* Who is hardly ever told of one class must not learn by himself that there is but the other. */
static bool
is_one_sided(const struct adaptive_lessons *lessons, bool is_spam)
{
	double own = is_spam ? lessons->spam : lessons->innocent, other = is_spam ? lessons->innocent : lessons->spam;

	return own > BALANCE * (other + BALANCE_FROM);
}

bool
adaptive_learn_verdict(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		       const struct adaptive_score *score, bool is_spam, struct adaptive_change *changes,
		       struct adaptive_lessons_change *lessons_change)
{
	if (fabs(score->learning) >= VERDICT_SURE || is_one_sided(lessons, is_spam))
		return false;
	struct step step = step_new(lessons, score, score->learning, is_spam, VERDICT_STEP);
	step.most = VERDICT_SURE;
	begin(count, is_spam, true, changes, lessons_change);
	move(rows, count, &step, changes);
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

/* The score that a report is about. Who reports spam wants to see it as spam, by whatever says so; who reports innocent
 * mail must get below what is shown, where the content counts to a limit only. */
static double
reported(const struct adaptive_score *score, bool is_spam)
{
	return is_spam ? score->learning : score->shown;
}

static bool
is_right(const struct adaptive_score *score, bool is_spam)
{
	return is_spam ? score->shown > 0 : score->shown <= 0;
}

/* Passes in which the score comes to the right side. */
static void
believe(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
	const struct adaptive_score *site, struct adaptive_score score, bool is_spam, struct adaptive_row *scratch,
	struct adaptive_change *changes, struct adaptive_lessons_change *lessons_change)
{
	bool odd = is_odd(reported(&score, is_spam), is_spam);
	struct adaptive_lessons taught = *lessons;

	begin(count, is_spam, true, changes, lessons_change);
	lessons_change->spam_surprises = odd && is_spam;
	lessons_change->innocent_surprises = odd && !is_spam;
	for (unsigned pass = 0; pass < ADAPTIVE_PASSES; pass++) {
		struct step step = step_new(&taught, &score, reported(&score, is_spam), is_spam, 1);
		(odd ? turn : move)(pass == 0 ? rows : scratch, count, &step, changes);
		for (size_t i = 0; i < count; i++) {
			scratch[i] = rows[i];
			adaptive_row_add(&scratch[i], &changes[i]);
		}
		taught = *lessons;
		adaptive_lessons_add(&taught, lessons_change);
		score = judge_with(scratch, count, &taught, site);
		if (is_right(&score, is_spam))
			break;
	}
}

bool
adaptive_correct(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		 const struct adaptive_score *site, bool is_spam, struct adaptive_row *scratch,
		 struct adaptive_change *changes, struct adaptive_lessons_change *lessons_change)
{
	struct adaptive_score score = judge_with(rows, count, lessons, site);

	if (is_known(&score, is_spam) && is_right(&score, is_spam))
		return false;
	if (is_trusted(lessons, is_spam))
		believe(rows, count, lessons, site, score, is_spam, scratch, changes, lessons_change);
	else
		teach(rows, count, lessons, &score, is_spam, true, changes, lessons_change);
	return true;
}
