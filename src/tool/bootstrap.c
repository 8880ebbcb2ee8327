#include "tool/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "tool/chance.h"

enum { FIGURES = 4 }; /* of a list in a round: errors, area, and what they have beyond those of the first list */

struct sample {
	const struct figures_list *const *lists;
	size_t count;
	unsigned rounds;
	size_t **rankings;
	unsigned *times; /* of each message in this round */
	double *values;  /* [list][figure][round] */
};

static double *
values_of(const struct sample *sample, size_t list, unsigned figure)
{
	return sample->values + (list * FIGURES + figure) * sample->rounds;
}

static void
draw(struct sample *sample, struct chance *chance)
{
	size_t messages = sample->lists[0]->count;

	for (size_t i = 0; i < messages; i++)
		sample->times[i] = 0;
	for (size_t i = 0; i < messages; i++)
		sample->times[chance_below(chance, messages)]++;
}

static double
errors_of(const struct figures_list *list, const unsigned *times)
{
	double errors = 0.0;

	for (size_t i = 0; i < list->count; i++)
		if (figures_is_error(&list->messages[i]))
			errors += times[i];
	return errors;
}

static void
take_round(struct sample *sample, unsigned round)
{
	for (size_t i = 0; i < sample->count; i++) {
		double *errors = values_of(sample, i, 0), *roca = values_of(sample, i, 1);
		errors[round] = errors_of(sample->lists[i], sample->times);
		roca[round] = figures_roca(sample->lists[i], sample->rankings[i], sample->times);
		values_of(sample, i, 2)[round] = errors[round] - values_of(sample, 0, 0)[round];
		values_of(sample, i, 3)[round] = roca[round] - values_of(sample, 0, 1)[round];
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* A round that happened to have no spam, or no ham, has no area and is left out. */
static struct interval
interval_of(double *values, unsigned rounds)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rounds; i++)
		if (!isnan(values[i]))
			values[count++] = values[i];
	if (count == 0)
		return (struct interval){NAN, NAN};
	qsort(values, count, sizeof *values, compare_numbers);
	return (struct interval){values[(unsigned)(0.025 * (count - 1) + 0.5)],
				 values[(unsigned)(0.975 * (count - 1) + 0.5)]};
}

void
bootstrap_run(const struct figures_list *const *lists, size_t count, unsigned rounds, uint64_t seed,
	      struct bootstrap *results)
{
	size_t messages = lists[0]->count;
	struct chance chance = {seed};
	struct sample sample = {
		.lists = lists,
		.count = count,
		.rounds = messages == 0 ? 0 : rounds,
		.rankings = figures_array(count, sizeof *sample.rankings),
		.times = figures_array(messages, sizeof *sample.times),
		.values = figures_array(count * FIGURES * rounds, sizeof *sample.values),
	};

	for (size_t i = 0; i < count; i++)
		sample.rankings[i] = figures_ranking(lists[i]);
	for (unsigned round = 0; round < sample.rounds; round++) {
		draw(&sample, &chance);
		take_round(&sample, round);
	}
	for (size_t i = 0; i < count; i++) {
		results[i].errors = interval_of(values_of(&sample, i, 0), sample.rounds);
		results[i].roca = interval_of(values_of(&sample, i, 1), sample.rounds);
		results[i].more_errors = interval_of(values_of(&sample, i, 2), sample.rounds);
		results[i].more_roca = interval_of(values_of(&sample, i, 3), sample.rounds);
		free(sample.rankings[i]);
	}
	free(sample.rankings);
	free(sample.times);
	free(sample.values);
}
