/* The figures of an evaluation as text, for people and for scripts that look for a name at the beginning of a line. */
#include "tool/evaluation.h"

#include <inttypes.h>
#include <math.h>

/* ---- one contender -------------------------------------------------------------------- */

static void
print_figure(FILE *out, const char *name, double number, int digits)
{
	if (isnan(number))
		fprintf(out, "%-14s%10s\n", name, "-");
	else
		fprintf(out, "%-14s%10.*f\n", name, digits, number);
}

static size_t
errors_of(const struct outcome *outcome)
{
	return outcome->figures.ham_misclassified + outcome->figures.spam_misclassified;
}

static void
print_trouble(const struct evaluation *evaluation, const struct outcome *outcome, FILE *out)
{
	const struct contender *contender = outcome->contender;

	if (outcome->figures.unsure > 0)
		fprintf(out, "%-14s%10zu  marked as unsure; counted as what they are rather\n", "unsure",
			outcome->figures.unsure);
	if (contender->not_judged > 0)
		fprintf(out, "%-14s%10zu  not looked at, counted as ham\n", "not judged", contender->not_judged);
	if (contender->not_taught > 0)
		fprintf(out, "%-14s%10zu  of %zu reports found nothing to learn from\n", "not taught",
			contender->not_taught, contender->reports);
	if (evaluation->replay->unreadable > 0)
		fprintf(out, "%-14s%10zu  not counted above\n", "unreadable", evaluation->replay->unreadable);
}

static void
print_interval(FILE *out, const char *name, const struct interval *interval, int digits)
{
	if (!isnan(interval->low))
		fprintf(out, "%-14s%10.*f  to %.*f\n", name, digits, interval->low, digits, interval->high);
}

static void
print_details(const struct evaluation *evaluation, const struct outcome *outcome, FILE *out)
{
	const struct figures_list *said = &outcome->contender->said;
	const struct bootstrap *bootstrap = &outcome->bootstrap;
	char terms[EVALUATION_TERMS_SIZE];

	for (size_t i = 0; i < LEARNING_STEPS && learning_steps[i] <= said->count; i++)
		fprintf(out, "first %-8zu%10zu  errors\n", learning_steps[i],
			learning_errors(said, 0, learning_steps[i]));
	fputs("each thousand  ", out);
	for (size_t i = 0; i < learning_blocks(said); i++)
		fprintf(out, " %zu", learning_block(said, i));
	fputc('\n', out);
	print_interval(out, "95% errors", &bootstrap->errors, 0);
	print_interval(out, "95% 1-ROCA%", &bootstrap->roca, 4);
	print_figure(out, "calibration", outcome->calibration.error, 4);
	for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
		const struct calibration_bin *bin = &outcome->calibration.bins[i];
		if (bin->count > 0)
			fprintf(out, "  %.1f to %.1f    %10zu  said %.4f, spam %.4f\n", i / 10.0, (i + 1) / 10.0,
				bin->count, bin->mean, (double)bin->spam / (double)bin->count);
	}
	evaluation_terms(evaluation, terms);
	fprintf(out, "%s\n", terms);
}

void
evaluation_print_one(const struct evaluation *evaluation, bool details, FILE *out)
{
	const struct outcome *outcome = &evaluation->outcomes[0];
	const struct figures *f = &outcome->figures;

	fprintf(out, "%-14s%10zu  %zu spam, %zu ham\n", "messages", f->count, f->spam, f->ham);
	fprintf(out, "%-14s%10zu  %zu spam missed, %zu ham taken for spam\n", "errors", errors_of(outcome),
		f->spam_misclassified, f->ham_misclassified);
	print_figure(out, "1-ROCA%", f->roca, 4);
	print_figure(out, "lam%", f->lam, 3);
	print_figure(out, "hm%", f->hm, 3);
	print_figure(out, "sm%", f->sm, 3);
	print_figure(out, "accuracy%", f->accuracy, 3);
	print_figure(out, "messages/s", outcome->per_second, 0);
	print_figure(out, "classify ms", outcome->judge_ms, 3);
	print_figure(out, "learn ms", outcome->learn_ms, 3);
	print_trouble(evaluation, outcome, out);
	if (details)
		print_details(evaluation, outcome, out);
}

/* ---- several ------------------------------------------------------------------------------ */

static int
name_width(const struct evaluation *evaluation)
{
	int width = 10;

	for (size_t i = 0; i < evaluation->count; i++) {
		int size = (int)strlen(evaluation->outcomes[i].contender->name);
		width = size > width ? size : width;
	}
	return width;
}

static void
print_cell(FILE *out, int width, double number, int digits)
{
	if (isnan(number))
		fprintf(out, "%*s", width, "-");
	else
		fprintf(out, "%*.*f", width, digits, number);
}

static void
interval_text(const struct interval *interval, int digits, char text[40])
{
	if (isnan(interval->low))
		snprintf(text, 40, "-");
	else
		snprintf(text, 40, "%.*f-%.*f", digits, interval->low, digits, interval->high);
}

static void
print_row(const struct outcome *outcome, int width, FILE *out)
{
	const struct figures *f = &outcome->figures;
	char errors[40], roca[40];

	interval_text(&outcome->bootstrap.errors, 0, errors);
	interval_text(&outcome->bootstrap.roca, 3, roca);
	fprintf(out, "%-*s%7zu %9s%7zu%7zu%7zu", width, outcome->contender->name, errors_of(outcome), errors,
		f->spam_misclassified, f->ham_misclassified, f->unsure);
	print_cell(out, 9, f->roca, 4);
	fprintf(out, " %12s", roca);
	print_cell(out, 8, f->lam, 3);
	print_cell(out, 8, outcome->calibration.error, 4);
	print_cell(out, 8, outcome->judge_ms, 3);
	print_cell(out, 7, outcome->learn_ms, 3);
	fputc('\n', out);
}

static void
print_differences(const struct evaluation *evaluation, int width, FILE *out)
{
	const struct outcome *first = &evaluation->outcomes[0];

	fprintf(out, "\nmore than %s, and where 95 %% of such differences lie\n", first->contender->name);
	for (size_t i = 1; i < evaluation->count; i++) {
		const struct outcome *outcome = &evaluation->outcomes[i];
		const struct interval *errors = &outcome->bootstrap.more_errors, *roca = &outcome->bootstrap.more_roca;
		fprintf(out, "%-*s%+7.0f errors", width, outcome->contender->name,
			(double)errors_of(outcome) - (double)errors_of(first));
		if (!isnan(errors->low))
			fprintf(out, " (%+.0f to %+.0f)", errors->low, errors->high);
		if (!isnan(outcome->figures.roca))
			fprintf(out, ", 1-ROCA%% %+.4f (%+.4f to %+.4f)", outcome->figures.roca - first->figures.roca,
				roca->low, roca->high);
		fputc('\n', out);
	}
}

static void
print_learning(const struct evaluation *evaluation, int width, FILE *out)
{
	fprintf(out, "\n%-*s", width, "errors in");
	for (size_t j = 0; j < LEARNING_STEPS; j++)
		fprintf(out, "%6zu", learning_steps[j]);
	fputs("  and in each thousand\n", out);
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct figures_list *said = &evaluation->outcomes[i].contender->said;
		fprintf(out, "%-*s", width, evaluation->outcomes[i].contender->name);
		for (size_t j = 0; j < LEARNING_STEPS; j++) {
			if (said->count < learning_steps[j])
				fprintf(out, "%6s", "-");
			else
				fprintf(out, "%6zu", learning_errors(said, 0, learning_steps[j]));
		}
		fputs(" ", out);
		for (size_t j = 0; j < learning_blocks(said); j++)
			fprintf(out, " %zu", learning_block(said, j));
		fputc('\n', out);
	}
}

void
evaluation_print_all(const struct evaluation *evaluation, FILE *out)
{
	const struct figures *f = &evaluation->outcomes[0].figures;
	int width = name_width(evaluation);
	char terms[EVALUATION_TERMS_SIZE];

	evaluation_terms(evaluation, terms);
	fprintf(out, "messages %zu: %zu spam, %zu ham; %s\n\n", f->count, f->spam, f->ham, terms);
	fprintf(out, "%-*s%7s %9s%7s%7s%7s%9s %12s%8s%8s%8s%7s\n", width, "", "errors", "95 %", "missed", "false",
		"unsure", "1-ROCA%", "95 %", "lam%", "calibr", "cl. ms", "le. ms");
	for (size_t i = 0; i < evaluation->count; i++)
		print_row(&evaluation->outcomes[i], width, out);
	print_differences(evaluation, width, out);
	print_learning(evaluation, width, out);
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct contender *contender = evaluation->outcomes[i].contender;
		if (contender->not_judged > 0 || contender->not_taught > 0)
			fprintf(out, "%s%s: %zu messages not judged; %zu of %zu reports found nothing to learn from\n",
				i == 0 ? "\n" : "", contender->name, contender->not_judged, contender->not_taught,
				contender->reports);
	}
	if (evaluation->replay->unreadable > 0)
		fprintf(out, "unreadable: %zu, not counted above\n", evaluation->replay->unreadable);
}
