#include "classify/advice.h"

#include "classify/adaptive.h"

enum { DEGREES = ADVICE_KINDS / 2 };

/*
 * How sure a verdict is is told by its confidence, which means the same whatever algorithm decided: measured with
 * graham and burton, chi-square, naive and robinson on users with 2,000 lessons and more, who had two orders of mail,
 * verdicts of one degree are right as often with all of them. A degree begins at:
 */
static const double degrees[DEGREES] = {0, 0.6, 0.75, 0.95};

/*
 * Innocent, and spam, by degree: ln(right / wrong) of such verdicts. They are set lower than they were measured (-1.2
 * 0.5 2.7 7.5; 3.5 3.9 5.3 6.8), since another user's may be worse: the surest ones to 99 in 100, and what was wrong
 * more often than right to nothing. No spam of the original's is set so low that it would be let pass for being unsure.
 */
static const double log_odds[2][DEGREES] = {{0, 0.5, 2.5, 4.6}, {2.4, 3.0, 4.0, 4.6}};

static const char *const names[2][DEGREES] = {
	{"innocent, guessed", "innocent, weakly", "innocent, fairly sure", "innocent, sure"},
	{"spam, guessed", "spam, weakly", "spam, fairly sure", "spam, sure"},
};

unsigned
advice_kind(const struct verdict *verdict)
{
	unsigned degree = DEGREES - 1;

	while (degree > 0 && !(verdict->confidence >= degrees[degree]))
		degree--;
	return (verdict->spam ? DEGREES : 0) + degree;
}

int16_t
advice_start(unsigned kind)
{
	bool spam = kind >= DEGREES;
	double odds = log_odds[spam][kind % DEGREES];

	return adaptive_start(spam ? odds : -odds);
}

const char *
advice_name(unsigned kind)
{
	return names[kind >= DEGREES][kind % DEGREES];
}
