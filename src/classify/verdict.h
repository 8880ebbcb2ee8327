/*
 * The judgement of a message: spam or innocent, how sure, and because of what.
 *
 * Pure: the verdict depends on its arguments alone. It borrows the token set and
 * lives, with its members, in the arena of the set.
 */
#ifndef DSPAM_CLASSIFY_VERDICT_H
#define DSPAM_CLASSIFY_VERDICT_H

#include "base/error.h"
#include "classify/algorithm.h"

struct verdict {
	bool spam;
	bool whitelisted;           /* innocent because of its sender, whatever the algorithms say */
	double probability;         /* of being spam, 0 to 1 */
	double confidence;          /* 0 to 1; the original's, which depends on robinson whatever decided */
	enum algorithm_bit decided; /* the algorithm that the probability comes from */

	/*
	 * How spammy the message is, for ranking: ln(p / (1 - p)) of the algorithm that decided, computed
	 * in logarithms so that it does not saturate, minus the same of its threshold (above 0 is spam, up
	 * to rounding), plus a hundredth of the mean ln(v / (1 - v)) of all tokens, which tells apart
	 * messages that are equal otherwise. Whitelisting does not enter. Always finite.
	 */
	double score;

	/* Of the algorithms that the method names, in the order of algorithm_table. */
	struct {
		double probability;
		bool spam;
	} results[ALGORITHM_COUNT];

	/* X-DSPAM-Factors: tokens (indices in the set) and their values, most significant first. */
	const struct member *factors;
	size_t factor_count;
};

/*
 * Judge a message. Fails when it has no tokens (ERROR_DATA), or when the arena of the set is full.
 * method->algorithms must not be empty.
 */
bool verdict_reach(const struct evidence *evidence, const struct totals *totals, const struct method *method,
		   struct verdict *verdict, struct error *error);

#endif
