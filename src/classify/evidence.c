#include "classify/evidence.h"

double *
evidence_values(const struct evidence *evidence, const struct value_rule *rule)
{
	const struct token_set *set = evidence->set;
	double *values = arena_alloc(set->arena, set->count * sizeof(*values));
	if (!values)
		return NULL;
	for (size_t i = 0; i < set->count; i++)
		values[i] = value_of(rule, evidence->hits[i], set->tokens[i].text);
	return values;
}
