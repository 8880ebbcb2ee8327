#include "classify/algorithm.h"
#include "classify/log_product.h"

#define GRAHAM_MEMBERS 15
#define BURTON_MEMBERS 27

/* The first `limit` choices; with `twice`, repeated words take two places where there is room. */
static size_t
choose_first(const struct selection *selection, size_t limit, bool twice, struct member *members)
{
	size_t count = 0;
	for (size_t i = 0; i < selection->count && count < limit; i++) {
		const struct choice *choice = &selection->choices[i];
		struct member member = {choice->token, choice->value};
		members[count++] = member;
		if (twice && choice->frequency > 1 && count < limit)
			members[count++] = member;
	}
	return count;
}

size_t
graham_choose(const struct sample *sample, struct member *members)
{
	return choose_first(sample->selection, GRAHAM_MEMBERS, false, members);
}

size_t
burton_choose(const struct sample *sample, struct member *members)
{
	return choose_first(sample->selection, BURTON_MEMBERS, true, members);
}

size_t
naive_choose(const struct sample *sample, struct member *members)
{
	const struct token_set *set = sample->evidence->set;
	size_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		if (evidence_frequency(sample->evidence, set->order[i]) > 0)
			members[count++] = (struct member){set->order[i], sample->values[set->order[i]]};
	return count;
}

/* All tokens would be a long list: the most significant ones stand for them. */
size_t
naive_explain(const struct sample *sample, struct member *members)
{
	return choose_first(sample->selection, SELECTION_MAXIMUM, false, members);
}

/* In single precision, as in the original. */
double
graham_probability(const struct member *members, size_t count)
{
	float spam = 1, innocent = 1;
	for (size_t i = 0; i < count; i++) {
		spam = (float)(spam * members[i].value);
		innocent = (float)(innocent * (1 - members[i].value));
	}
	return spam / (spam + innocent);
}

double
burton_probability(const struct member *members, size_t count)
{
	double spam = 1, innocent = 1;
	for (size_t i = 0; i < count; i++) {
		spam *= members[i].value;
		innocent *= 1 - members[i].value;
	}
	return spam / (spam + innocent);
}

/* The original combined the value of one token with itself, and divided 0 by 0 on long messages. */
double
naive_probability(const struct member *members, size_t count)
{
	return 1 / (1 + exp(-bayes_log_odds(members, count)));
}

double
bayes_log_odds(const struct member *members, size_t count)
{
	struct log_product spam = LOG_PRODUCT_ONE, innocent = LOG_PRODUCT_ONE;
	for (size_t i = 0; i < count; i++) {
		log_product_multiply(&spam, members[i].value);
		log_product_multiply(&innocent, 1 - members[i].value);
	}
	return log_product_value(&spam) - log_product_value(&innocent);
}
