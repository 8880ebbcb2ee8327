#include "filter/advice.h"

#include "feature/set.h"

struct feature
advice_feature(unsigned kind)
{
	const struct feature_key key = feature_key(FEATURE_ADVICE, FEATURE_VERDICT, SPAN("classic"));

	return feature_alone(&key, span_from(advice_name(kind)));
}

int16_t
advice_feature_start(const struct feature *feature)
{
	if (feature->view != FEATURE_ADVICE)
		return 0;
	for (unsigned kind = 0; kind < ADVICE_KINDS; kind++)
		if (advice_feature(kind).id == feature->id)
			return advice_start(kind);
	return 0;
}

struct feature_set
advice_taken_out(const struct feature_set *set)
{
	struct feature_set without = *set;

	while (without.count > 0 && set->features[without.count - 1].view == FEATURE_ADVICE)
		without.count--;
	return without;
}
