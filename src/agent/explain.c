#include "agent/explain.h"

#include <inttypes.h>
#include <math.h>

#include "filter/factor_text.h"

enum { SHOWN = 40 };

/* Of tokens the value says how spammy they are; they do not add up. */
static bool
explain_tokens(const struct judgement *judgement, struct buffer *text)
{
	char name[FACTOR_TEXT_SIZE];

	if (!buffer_append_string(text, "   value  token\n"))
		return false;
	for (size_t i = 0; i < judgement->factor_count; i++) {
		factor_text(&judgement->factors[i], name);
		if (!buffer_printf(text, "%8.5f  %s\n", judgement->factors[i].value, name))
			return false;
	}
	return true;
}

static bool
explain_feature(const struct judgement *judgement, const struct factor *factor, struct buffer *text)
{
	char name[FACTOR_TEXT_SIZE];

	factor_text(factor, name);
	return buffer_printf(text, "%+8.4f %6" PRIu32 " %8" PRIu32, factor->value, factor->spam, factor->innocent) &&
	       (!judgement->has_common ||
		buffer_printf(text, " %6" PRIu32 " %8" PRIu32, factor->common_spam, factor->common_innocent)) &&
	       buffer_printf(text, "  %-12s %s\n", factor_family(factor), name);
}

/* As it is printed. */
static double
rounded(double share)
{
	return round(share * 1e4) / 1e4;
}

/* Those at the end say nothing: they were never learned. */
static size_t
saying_something(const struct judgement *judgement)
{
	size_t count = judgement->factor_count < SHOWN ? judgement->factor_count : SHOWN;

	while (count > 0 && judgement->factors[count - 1].value == 0)
		count--;
	return count;
}

static bool
explain_features(const struct judgement *judgement, struct buffer *text)
{
	size_t shown = saying_something(judgement);
	const char *blanks = judgement->has_common ? "                                  " : "                  ";
	double rest = rounded(judgement->score); /* with what rounding leaves, so that the column adds up */

	if (!buffer_append_string(text, judgement->has_common ? "           of the user     common model\n"
								"   share   spam innocent   spam innocent  what\n"
							      : "   share   spam innocent  what\n"))
		return false;
	for (size_t i = 0; i < shown; i++) {
		if (!explain_feature(judgement, &judgement->factors[i], text))
			return false;
		rest -= rounded(judgement->factors[i].value);
	}
	if (shown < judgement->factor_count &&
	    !buffer_printf(text, "%+8.4f%s%zu others\n", rest, blanks, judgement->factor_count - shown))
		return false;
	return buffer_printf(text, "%+8.4f%stogether: probability %.4f; spam from %.4f, unsure from %.4f\n",
			     judgement->score, blanks, judgement->probability,
			     judgement->preferences.quarantine_threshold, judgement->preferences.unsure_threshold);
}

bool
agent_explain(const struct judgement *judgement, struct buffer *text)
{
	if (judgement->factor_count == 0)
		return buffer_append_string(text, "nothing is known about anything in this message\n");
	return judgement->factors[0].feature != NULL ? explain_features(judgement, text)
						     : explain_tokens(judgement, text);
}
