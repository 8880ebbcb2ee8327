#include "tool/evaluation_chart.h"

#include <math.h>
#include <stdlib.h>

#include "tool/chart.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- ROC ---------------------------------------------------------------------------- */

/* As in the TREC spam track: both errors in percent, stretched towards none, and better is above and left. */
static const double rates[] = {0.01, 0.1, 1, 10, 50};

static void
draw_roc(struct chart *chart, size_t line, const struct outcome *outcome)
{
	const struct figures_list *said = &outcome->contender->said;
	const struct figures *f = &outcome->figures;
	size_t *ranking = figures_ranking(said);
	size_t spam = 0, ham = 0;

	chart_line_begin(chart, line);
	chart_line_to(chart, 0.0, 100.0, true);
	for (size_t i = 0; i < said->count; i++) {
		const struct figures_message *message = &said->messages[ranking[i]];
		*(message->is_spam ? &spam : &ham) += 1;
		if (i + 1 < said->count && said->messages[ranking[i + 1]].score == message->score)
			continue;
		chart_line_to(chart, 100.0 * (double)ham / (double)f->ham,
			      100.0 * (double)(f->spam - spam) / (double)f->spam, true);
	}
	chart_line_end(chart);
	free(ranking);
	char title[CONTENDER_NAME_SIZE + 80];
	snprintf(title, sizeof title, "%s: %.3f %% of ham taken for spam, %.3f %% of spam missed",
		 outcome->contender->name, f->hm, f->sm);
	chart_dot(chart, line, f->hm, f->sm, 4.5, title);
}

void
evaluation_chart_roc(const struct evaluation *evaluation, FILE *out)
{
	struct chart chart = {
		.x = {"ham taken for spam, %", 0.01, 50, true, rates, COUNT(rates)},
		.y = {"spam missed, %", 50, 0.01, true, rates, COUNT(rates)},
	};

	chart_begin(&chart, out, "ROC curves");
	for (size_t i = 0; i < evaluation->count; i++)
		if (evaluation->outcomes[i].figures.spam > 0 && evaluation->outcomes[i].figures.ham > 0)
			draw_roc(&chart, i, &evaluation->outcomes[i]);
	chart_end(&chart);
}

/* ---- learning ------------------------------------------------------------------------- */

#define TICKS_MAX 12

/* Multiples of 1, 2 or 5 times a power of ten, up to `highest`: at most nine. */
static size_t
round_ticks(double highest, double ticks[TICKS_MAX])
{
	double step = pow(10.0, floor(log10(fmax(highest, 1.0) / 4.0)));
	size_t count = 0;

	if (step < 1.0)
		step = 1.0;
	if (highest / step > 8.0)
		step *= highest / step > 16.0 ? 5.0 : 2.0;
	while (count < TICKS_MAX && (double)count * step <= highest) {
		ticks[count] = (double)count * step;
		count++;
	}
	return count;
}

static void
draw_learning(struct chart *chart, size_t line, const struct figures_list *said)
{
	size_t errors = 0;

	chart_line_begin(chart, line);
	chart_line_to(chart, 0.0, 0.0, true);
	for (size_t i = 0; i < said->count; i++)
		if (figures_is_error(&said->messages[i]))
			chart_line_to(chart, (double)(i + 1), (double)++errors, true);
	chart_line_to(chart, (double)said->count, (double)errors, true);
	chart_line_end(chart);
}

void
evaluation_chart_learning(const struct evaluation *evaluation, FILE *out)
{
	double messages[TICKS_MAX], errors[TICKS_MAX], most = 1.0;

	for (size_t i = 0; i < evaluation->count; i++) {
		const struct figures *f = &evaluation->outcomes[i].figures;
		most = fmax(most, (double)(f->spam_misclassified + f->ham_misclassified));
	}
	double count = fmax((double)evaluation->outcomes[0].figures.count, 1.0);
	struct chart chart = {
		.x = {"messages", 0, count, false, messages, round_ticks(count, messages)},
		.y = {"errors so far", 0, most, false, errors, round_ticks(most, errors)},
	};

	chart_begin(&chart, out, "Learning curves");
	for (size_t i = 0; i < evaluation->count; i++)
		draw_learning(&chart, i, &evaluation->outcomes[i].contender->said);
	chart_end(&chart);
}

/* ---- calibration ------------------------------------------------------------------------ */

static void
draw_calibration(struct chart *chart, size_t line, const struct outcome *outcome)
{
	const struct calibration_bin *bins = outcome->calibration.bins;

	chart_line_begin(chart, line);
	for (unsigned i = 0; i < CALIBRATION_BINS; i++)
		if (bins[i].count > 0)
			chart_line_to(chart, bins[i].mean, (double)bins[i].spam / (double)bins[i].count, false);
	chart_line_end(chart);
	for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
		char title[CONTENDER_NAME_SIZE + 80];
		if (bins[i].count == 0)
			continue;
		double share = (double)bins[i].spam / (double)bins[i].count;
		snprintf(title, sizeof title, "%s: %zu messages, said %.3f, spam %.3f", outcome->contender->name,
			 bins[i].count, bins[i].mean, share);
		chart_dot(chart, line, bins[i].mean, share, 2.0 + log10((double)bins[i].count), title);
	}
}

void
evaluation_chart_calibration(const struct evaluation *evaluation, FILE *out)
{
	static const double tenths[] = {0, 0.2, 0.4, 0.6, 0.8, 1};
	struct chart chart = {
		.x = {"probability that was said", 0, 1, false, tenths, COUNT(tenths)},
		.y = {"share of spam among these", 0, 1, false, tenths, COUNT(tenths)},
	};

	chart_begin(&chart, out, "Calibration");
	chart_guide(&chart, 0, 0, 1, 1);
	for (size_t i = 0; i < evaluation->count; i++)
		draw_calibration(&chart, i, &evaluation->outcomes[i]);
	chart_end(&chart);
}
