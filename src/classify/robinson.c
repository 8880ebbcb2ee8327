#include "classify/algorithm.h"
#include "classify/log_product.h"

#define MEMBERS 25

/* Every value is drawn towards 0.5, the less the more tokens there are; only clear ones count. */
size_t
robinson_choose(const struct sample *sample, struct member *members)
{
	const struct selection *selection = sample->selection;
	double n = (double)(selection->count < MEMBERS ? selection->count : MEMBERS);
	size_t count = 0;
	for (size_t i = 0; i < selection->count && count < MEMBERS; i++) {
		const struct choice *choice = &selection->choices[i];
		struct member member = {choice->token, (0.01 * 0.5 + n * choice->value) / (0.01 + n)};
		if (member.value >= 0.3 && member.value <= 0.7)
			continue;
		members[count++] = member;
		if (choice->frequency > 1 && count < MEMBERS)
			members[count++] = member;
	}
	return count;
}

/* The products are in single precision, as in the original. */
double
robinson_probability(const struct member *members, size_t count)
{
	if (count == 0)
		return 0;
	float spam = 1, innocent = 1;
	for (size_t i = 0; i < count; i++) {
		spam = (float)(spam * members[i].value);
		innocent = (float)(innocent * (1 - members[i].value));
	}
	double a = 1 - pow(innocent, 1.0 / (double)count);
	double b = 1 - pow(spam, 1.0 / (double)count);
	return ((a - b) / (a + b) + 1) / 2;
}

/* ((a - b) / (a + b) + 1) / 2 = a / (a + b), so that its odds are a / b. Without members nothing is known. */
double
robinson_log_odds(const struct member *members, size_t count)
{
	if (count == 0)
		return 0;
	struct log_product spam = LOG_PRODUCT_ONE, innocent = LOG_PRODUCT_ONE;
	for (size_t i = 0; i < count; i++) {
		log_product_multiply(&spam, members[i].value);
		log_product_multiply(&innocent, 1 - members[i].value);
	}
	double a = -expm1(log_product_value(&innocent) / (double)count);
	double b = -expm1(log_product_value(&spam) / (double)count);
	return log(a) - log(b);
}
