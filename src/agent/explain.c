#include "agent/explain.h"

#include <inttypes.h>

#include "filter/factor_text.h"

enum { SHOWN = 40 };

/* Of tokens the value says how spammy they are; they do not add up. */
static bool
explain_tokens(const struct judgement *judgement, struct buffer *text)
{
	char name[FACTOR_TEXT_MAX + 4];

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
explain_feature(const struct factor *factor, struct buffer *text)
{
	char name[FACTOR_TEXT_MAX + 4];

	factor_text(factor, name);
	return buffer_printf(text, "%+8.4f %6" PRIu32 " %8" PRIu32 "  %-12s %s\n", factor->value, factor->spam,
			     factor->innocent, factor_family(factor), name);
}

static bool
explain_features(const struct judgement *judgement, struct buffer *text)
{
	size_t shown = judgement->factor_count < SHOWN ? judgement->factor_count : SHOWN;
	double rest = 0;

	if (!buffer_append_string(text, "   share   spam innocent  what\n"))
		return false;
	for (size_t i = 0; i < shown; i++)
		if (!explain_feature(&judgement->factors[i], text))
			return false;
	for (size_t i = shown; i < judgement->factor_count; i++)
		rest += judgement->factors[i].value;
	if (shown < judgement->factor_count &&
	    !buffer_printf(text, "%+8.4f                  %zu others\n", rest, judgement->factor_count - shown))
		return false;
	return buffer_printf(text,
			     "%+8.4f                  together: probability %.4f; spam from %.4f, unsure from %.4f\n",
			     judgement->score, judgement->probability, judgement->preferences.quarantine_threshold,
			     judgement->preferences.unsure_threshold);
}

bool
agent_explain(const struct judgement *judgement, struct buffer *text)
{
	if (judgement->factor_count == 0)
		return buffer_append_string(text, "nothing is known about anything in this message\n");
	return judgement->factors[0].feature != NULL ? explain_features(judgement, text)
						     : explain_tokens(judgement, text);
}
