/*
 * The adaptive classifier: a small online model for each user, over three views of a message.
 *
 * Every feature has a weight, which lessons move by AdaGrad (Duchi, Hazan, Singer 2011), and counts of the lessons that
 * had it. Its value is how pure it is: how much more often it was seen in one class than in the other. A view's score
 * is normalised by the length of its vector of values, so that no family drowns the others, and each view is taught by
 * its own error, so that each can decide alone. A lesson is only taken from a message that is not certain already; a
 * label that contradicts a sure score moves little, and what many lessons stand behind least; no lesson goes beyond
 * what it needs. Evidence of innocence in the content counts to a limit, since the content is what a sender of spam can
 * fill with anything.
 *
 * A fourth view may hold an advice, the verdict of another classifier (advice.h), which has a weight before anything
 * was learned about it. Without one, nothing is different.
 *
 * What is remembered is whole numbers, and a lesson is a list of differences to add to them. So lessons commute,
 * whoever writes them in whatever order, and to take the recorded differences away again undoes a lesson exactly.
 *
 * Pure arithmetic without memory of its own: rows are the caller's, in any order, one for each feature; any thread.
 */
#ifndef DSPAM_CLASSIFY_ADAPTIVE_H
#define DSPAM_CLASSIFY_ADAPTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ADAPTIVE_VIEWS = 4,          /* where, content, who, advice: feature/feature.h */
	ADAPTIVE_WEIGHT_BITS = 16,   /* a weight is in units of 2^-16 */
	ADAPTIVE_START_BITS = 10,    /* a weight to start with in units of 2^-10 */
	ADAPTIVE_GRADIENT_BITS = 24, /* a gradient in units of 2^-24 */
	ADAPTIVE_PASSES = 3          /* of a correction, at most */
};

/* What is remembered of a feature; all zeros but id, view and start: nothing. */
struct adaptive_row {
	uint64_t id;
	int64_t gradient;        /* the sum of squared gradients; 2^-24 */
	int32_t weight;          /* 2^-16; saturates */
	uint32_t spam, innocent; /* lessons that had it */
	int16_t start;           /* is added to the weight, and not remembered: 0 but for an advice; 2^-10 */
	uint8_t view;
};

/* Lessons of the user. */
struct adaptive_lessons {
	uint32_t spam, innocent;
	uint32_t spam_surprises, innocent_surprises; /* reports of that class that contradicted a sure score */
	uint32_t advisor; /* those of the classifier that advises: the more, the later it is outgrown; 0: it never is */
};

/* What a lesson adds to a row, in the units of the row. */
struct adaptive_change {
	int32_t weight, gradient, spam, innocent;
};

/* And to the user's lessons. */
struct adaptive_lessons_change {
	int32_t spam, innocent, spam_surprises, innocent_surprises;
};

struct adaptive_score {
	double view[ADAPTIVE_VIEWS]; /* z of each */
	double norm[ADAPTIVE_VIEWS]; /* the sum of squares of its values */
	double advice;               /* what its view counts, from 1 down to 0 */
	double learning;             /* what lessons look at */
	double shown;                /* what people see: > 0 is spam; the limit of the content is in it */
	double probability;          /* calibrated, of being spam */
};

/* adaptive_row.start of an advice that says spam with these log odds, ln(p / (1 - p)); within 30. */
int16_t adaptive_start(double log_odds);

struct adaptive_score adaptive_judge(const struct adaptive_row *rows, size_t count,
				     const struct adaptive_lessons *lessons);

/*
 * Add what the rows of a site's common model say of the same message (adaptive_judge with the site's rows and lessons),
 * at 0.7. A lesson with the sum teaches the user's rows only what the site does not know.
 */
void adaptive_add_site(struct adaptive_score *score, const struct adaptive_score *site);

/* The probability that belongs to a score as it is shown; grows with it. 0.411 at 0, 0.874 at 1, 0.065 at -1. */
double adaptive_probability(double shown);

/*
 * How much a feature says for spam; the shares of all add up to score->shown, and with a site those of its rows do, too
 * (`site`: its score alone).
 */
double adaptive_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
		      const struct adaptive_score *score);
double adaptive_site_share(const struct adaptive_row *row, const struct adaptive_lessons *lessons,
			   const struct adaptive_score *site, const struct adaptive_score *score);

/*
 * One lesson from mail that has this score: what it adds to each row and to the lessons. A label that contradicts a
 * sure score is hardly believed. False when there was nothing to learn; then the changes are left alone.
 */
bool adaptive_learn(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		    const struct adaptive_score *score, bool is_spam, struct adaptive_change *changes,
		    struct adaptive_lessons_change *lessons_change);

/*
 * The same from mail of which nobody has said anything, by its own verdict: half a lesson, which makes no score so sure
 * that a report would be a surprise. Of a class that has more than three times as many lessons as the other, and
 * thirty besides, it takes none: else a filter whose user reports little of his spam teaches itself that all mail is
 * innocent.
 */
bool adaptive_learn_verdict(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
			    const struct adaptive_score *score, bool is_spam, struct adaptive_change *changes,
			    struct adaptive_lessons_change *lessons_change);

/*
 * The user has said this of this very message, which is believed: up to ADAPTIVE_PASSES lessons in one, until the score
 * is on the right side; one where it is there already and not certain. It is counted once. Where the score was sure of
 * the opposite, the change is the smallest that turns it, and it counts as a surprise as well. Who has surprised so too
 * often for his lessons is doubted in that class: a report is one lesson, and rows give way by what they stand on. Not
 * in the other class, so that what was done can be repaired. An earlier lesson from the message has been taken out of
 * rows and lessons by the caller. `site`: the score of the site's rows, or NULL. `scratch`: room for `count` rows.
 * False as above.
 */
bool adaptive_correct(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		      const struct adaptive_score *site, bool is_spam, struct adaptive_row *scratch,
		      struct adaptive_change *changes, struct adaptive_lessons_change *lessons_change);

/* Add a lesson to a row, and take it away again. */
void adaptive_row_add(struct adaptive_row *row, const struct adaptive_change *change);
void adaptive_row_take(struct adaptive_row *row, const struct adaptive_change *change);
void adaptive_lessons_add(struct adaptive_lessons *lessons, const struct adaptive_lessons_change *change);
void adaptive_lessons_take(struct adaptive_lessons *lessons, const struct adaptive_lessons_change *change);

#endif
