#include "tool/figures.h"

#include <math.h>
#include <stdlib.h>

void
figures_add(struct figures_list *list, struct figures_message message)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 1024 : list->capacity * 2;
		list->messages = reallocarray(list->messages, list->capacity, sizeof *list->messages);
		if (list->messages == NULL)
			abort();
	}
	list->messages[list->count++] = message;
}

void
figures_free(struct figures_list *list)
{
	free(list->messages);
	*list = (struct figures_list){.messages = NULL};
}

static double
percent(size_t part, size_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : NAN;
}

/* ---- ROC area ----------------------------------------------------------------- */

struct ranked {
	double score;
	size_t number;
};

static int
compare_scores(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;

	if (left->score != right->score)
		return left->score < right->score ? 1 : -1;
	return left->number < right->number ? -1 : left->number > right->number;
}

void *
figures_array(size_t count, size_t size)
{
	void *array = calloc(count + 1, size);

	if (array == NULL)
		abort();
	return array;
}

size_t *
figures_ranking(const struct figures_list *list)
{
	size_t *ranking = figures_array(list->count, sizeof *ranking);
	struct ranked *ranked = figures_array(list->count, sizeof *ranked);

	for (size_t i = 0; i < list->count; i++)
		ranked[i] = (struct ranked){list->messages[i].score, i};
	qsort(ranked, list->count, sizeof *ranked, compare_scores);
	for (size_t i = 0; i < list->count; i++)
		ranking[i] = ranked[i].number;
	free(ranked);
	return ranking;
}

/* Walk from the highest score down, through groups of equal ones: pairs of ham and spam ranked wrongly. */
double
figures_roca(const struct figures_list *list, const size_t *ranking, const unsigned *times)
{
	const struct figures_message *messages = list->messages;
	double spam_above = 0.0, ham_above = 0.0; /* exact, as far as doubles count: 2^53 */
	double won = 0.0;                         /* twice the number of pairs */

	for (size_t first = 0, next; first < list->count; first = next) {
		double spam = 0.0, ham = 0.0;
		double score = messages[ranking[first]].score;
		for (next = first; next < list->count && messages[ranking[next]].score == score; next++)
			*(messages[ranking[next]].is_spam ? &spam : &ham) += times == NULL ? 1 : times[ranking[next]];
		won += ham * (2.0 * spam_above + spam);
		spam_above += spam;
		ham_above += ham;
	}
	double pairs = spam_above * ham_above;
	return pairs > 0.0 ? 100.0 * (2.0 * pairs - won) / (2.0 * pairs) : NAN;
}

/* ---- logistic average ---------------------------------------------------------- */

static double
logit(size_t part, size_t whole)
{
	double all = (double)whole;
	double share = fmin(fmax((double)part, 0.5), all - 0.5) / all;

	return log(share / (1.0 - share));
}

static double
logistic_average(const struct figures *f)
{
	double mean = (logit(f->ham_misclassified, f->ham) + logit(f->spam_misclassified, f->spam)) / 2.0;

	return 100.0 / (1.0 + exp(-mean));
}

struct figures
figures_of(const struct figures_list *list)
{
	struct figures f = {.count = list->count, .roca = NAN, .lam = NAN};

	for (size_t i = 0; i < list->count; i++) {
		const struct figures_message *message = &list->messages[i];
		f.spam += message->is_spam;
		f.unsure += message->unsure;
		f.spam_misclassified += message->is_spam && figures_is_error(message);
		f.ham_misclassified += !message->is_spam && figures_is_error(message);
	}
	f.ham = f.count - f.spam;
	f.hm = percent(f.ham_misclassified, f.ham);
	f.sm = percent(f.spam_misclassified, f.spam);
	f.accuracy = percent(f.count - f.ham_misclassified - f.spam_misclassified, f.count);
	if (f.spam == 0 || f.ham == 0)
		return f;
	size_t *ranking = figures_ranking(list);
	f.roca = figures_roca(list, ranking, NULL);
	f.lam = logistic_average(&f);
	free(ranking);
	return f;
}
