#include "classify/selection.h"

#include <math.h>

static size_t
limit_of(unsigned algorithms)
{
	if (algorithms & ALGORITHM_BURTON)
		return 27;
	return algorithms & ALGORITHM_ROBINSON ? 25 : 15;
}

static const char *
text_of(const struct evidence *evidence, const struct choice *choice)
{
	return evidence->set->tokens[choice->token].text;
}

/*
 * Whether `newcomer`, the later one, goes in front of `other`. Texts are looked at last, and seldom,
 * because single and double precision rarely agree.
 */
static bool
goes_before(const struct evidence *evidence, const struct choice *newcomer, const struct choice *other)
{
	double distance = (float)newcomer->distance;
	if (distance != other->distance)
		return distance > other->distance;
	if (newcomer->frequency != other->frequency)
		return newcomer->frequency > other->frequency;
	return value_complexity(text_of(evidence, newcomer)) >= value_complexity(text_of(evidence, other));
}

/* Most tokens of a message are turned away by their first comparison, with the last of a full list. */
static void
insert(struct selection *selection, const struct evidence *evidence, const struct choice *newcomer)
{
	struct choice *choices = selection->choices;
	size_t at = selection->count;
	if (at == selection->limit) {
		if (!goes_before(evidence, newcomer, &choices[at - 1]))
			return;
		at--;
	} else {
		selection->count++;
	}
	while (at > 0 && goes_before(evidence, newcomer, &choices[at - 1])) {
		choices[at] = choices[at - 1];
		at--;
	}
	choices[at] = *newcomer;
}

void
selection_make(struct selection *selection, const struct evidence *evidence, const double *values, unsigned algorithms)
{
	const struct token_set *set = evidence->set;
	selection->limit = limit_of(algorithms);
	selection->count = 0;
	for (size_t i = 0; i < set->count; i++) {
		uint32_t token = set->order[i];
		struct choice choice = {
			.value = values[token],
			.distance = fabs(0.5 - values[token]),
			.frequency = evidence_frequency(evidence, token),
			.token = token,
		};
		if (choice.frequency > 0)
			insert(selection, evidence, &choice);
	}
}
