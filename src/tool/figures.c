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

static int
compare_scores(const void *a, const void *b)
{
	const struct figures_message *left = a, *right = b;

	return (left->score < right->score) - (left->score > right->score);
}

/* Walk from the highest score down, through groups of equal ones: pairs of ham and spam ranked wrongly. */
static double
roca(const struct figures_list *list, size_t spam, size_t ham)
{
	size_t spam_above = 0;
	double lost = 0.0; /* twice the number of pairs; exact, as far as doubles count: 2^53 */

	for (size_t first = 0, next; first < list->count; first = next) {
		size_t tied_spam = 0;
		for (next = first; next < list->count && list->messages[next].score == list->messages[first].score;
		     next++)
			tied_spam += list->messages[next].is_spam;
		size_t tied_ham = next - first - tied_spam;
		lost += (double)tied_ham * (double)(2 * (spam - spam_above) - tied_spam);
		spam_above += tied_spam;
	}
	return 100.0 * lost / (2.0 * (double)spam * (double)ham);
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
figures_of(struct figures_list *list)
{
	struct figures f = {.count = list->count, .roca = NAN, .lam = NAN};

	for (size_t i = 0; i < list->count; i++) {
		const struct figures_message *message = &list->messages[i];
		f.spam += message->is_spam;
		f.spam_misclassified += message->is_spam && !message->called_spam;
		f.ham_misclassified += !message->is_spam && message->called_spam;
	}
	f.ham = f.count - f.spam;
	f.hm = percent(f.ham_misclassified, f.ham);
	f.sm = percent(f.spam_misclassified, f.spam);
	f.accuracy = percent(f.count - f.ham_misclassified - f.spam_misclassified, f.count);
	if (f.spam == 0 || f.ham == 0)
		return f;
	qsort(list->messages, list->count, sizeof *list->messages, compare_scores);
	f.roca = roca(list, f.spam, f.ham);
	f.lam = logistic_average(&f);
	return f;
}
