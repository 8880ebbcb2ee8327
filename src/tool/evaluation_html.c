/* An evaluation as one page, for the administrator who has to choose: figures, charts, and how to repeat it. */
#include "tool/evaluation.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "tool/chart.h"
#include "tool/evaluation_chart.h"
#include "tool/html.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<title>dspam_eval</title>\n<style>\n"
	":root{color-scheme:light dark;--back:#fff;--text:#1d2430;--dim:#667085;--rule:#d9dee7;--best:#e8f3ea;\n"
	"--c0:#1f6feb;--c1:#d9600d;--c2:#1a7f4b;--c3:#a11d8f;--c4:#0b7d8e;--c5:#8a5a1f;--c6:#c4213c;--c7:#5b5fc7}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#14181f;--text:#e4e8ef;--dim:#98a2b3;--rule:#333b48;--best:#"
	"1d3426;\n"
	"--c0:#6cb0ff;--c1:#ff9d57;--c2:#5fd08b;--c3:#ec85dc;--c4:#5ecbdb;--c5:#d3a368;--c6:#ff7f93;--c7:#a6aaff}}\n"
	"body{margin:0 auto;padding:1.5rem;max-width:76rem;background:var(--back);color:var(--text);"
	"font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}\n"
	"p,li{max-width:46rem}.dim{color:var(--dim)}.wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.3rem .7rem;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}\n"
	"th{font-weight:600;color:var(--dim);white-space:normal;vertical-align:bottom}th:first-child,td:first-child{"
	"text-align:left}\n"
	"td small{color:var(--dim)}tr.best td{background:var(--best)}\n"
	"pre{padding:.7rem;border:1px solid var(--rule);border-radius:.4rem;overflow-x:auto;white-space:pre-wrap;"
	"overflow-wrap:anywhere}\n"
	"svg{display:block;width:100%;max-width:52rem;height:auto}svg text{font-size:12px;fill:var(--dim)}\n"
	".grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--dim);fill:none}\n"
	".guide{stroke:var(--dim);stroke-dasharray:4 4}\n"
	".line{fill:none;stroke-width:2}.dashed{stroke-dasharray:7 4}.dot{stroke:var(--back)}\n"
	".key{display:inline-block;width:1.4em;height:.25em;margin-right:.5em;vertical-align:middle}\n"
	/* paper does not scroll, and leaves backgrounds out */
	".key,tr.best td{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
	"@media print{body{padding:0;font-size:12px}.wide{overflow:visible}\n"
	"th,td{padding:.2rem .25rem;white-space:normal}td+td small{white-space:nowrap}\n"
	"svg,tr,pre{break-inside:avoid}h2,h2+p{break-after:avoid}}\n";

/* ---- the table ------------------------------------------------------------------------ */

static void
put_key(const struct evaluation *evaluation, size_t i, FILE *out)
{
	fprintf(out, "<span class=\"key k%zu\"></span>", i % CHART_COLOURS);
	html_put(out, evaluation->outcomes[i].contender->name);
}

static void
put_number(FILE *out, double number, int digits)
{
	if (isnan(number))
		fputs("<td>-</td>", out);
	else
		fprintf(out, "<td>%.*f</td>", digits, number);
}

static void
put_with_interval(FILE *out, double number, const struct interval *interval, int digits)
{
	if (isnan(number) || isnan(interval->low))
		put_number(out, number, digits);
	else
		fprintf(out, "<td>%.*f <small>%.*f to %.*f</small></td>", digits, number, digits, interval->low, digits,
			interval->high);
}

static double
errors_of(const struct outcome *outcome)
{
	return (double)(outcome->figures.ham_misclassified + outcome->figures.spam_misclassified);
}

static size_t
best_of(const struct evaluation *evaluation)
{
	size_t best = 0;

	for (size_t i = 1; i < evaluation->count; i++)
		if (errors_of(&evaluation->outcomes[i]) < errors_of(&evaluation->outcomes[best]))
			best = i;
	return best;
}

static void
put_summary(const struct evaluation *evaluation, FILE *out)
{
	fputs("<div class=\"wide\"><table>\n<tr><th>settings</th><th>errors</th><th>spam missed</th>"
	      "<th>ham taken for spam</th><th>unsure</th><th>1-ROCA %</th><th>lam %</th><th>calibration error</th>"
	      "<th>judge, ms</th><th>learn, ms</th></tr>\n",
	      out);
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct outcome *outcome = &evaluation->outcomes[i];
		const struct figures *f = &outcome->figures;
		bool best = evaluation->count > 1 && i == best_of(evaluation);
		fprintf(out, "<tr%s><td>", best ? " class=\"best\"" : "");
		put_key(evaluation, i, out);
		fputs("<br><small>", out);
		html_put(out, outcome->text);
		fputs("</small></td>", out);
		put_with_interval(out, errors_of(outcome), &outcome->bootstrap.errors, 0);
		fprintf(out, "<td>%zu</td><td>%zu</td><td>%zu</td>", f->spam_misclassified, f->ham_misclassified,
			f->unsure);
		put_with_interval(out, f->roca, &outcome->bootstrap.roca, 4);
		put_number(out, f->lam, 3);
		put_number(out, outcome->calibration.error, 4);
		put_number(out, outcome->judge_ms, 3);
		put_number(out, outcome->learn_ms, 3);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

/* ---- differences and learning ------------------------------------------------------------ */

static const char *
in_words(const struct interval *more)
{
	if (more->low > 0)
		return "more errors";
	return more->high < 0 ? "fewer errors" : "may be chance";
}

static void
put_differences(const struct evaluation *evaluation, FILE *out)
{
	if (evaluation->count < 2)
		return;
	fputs("<h2>Beside ", out);
	html_put(out, evaluation->outcomes[0].contender->name);
	fputs("</h2>\n<p>How many more errors each makes on the same mail, and where 95 % of such differences lie. An "
	      "interval that holds 0 may be chance.</p>\n<div class=\"wide\"><table>\n"
	      "<tr><th>settings</th><th>errors</th><th>1-ROCA %</th><th></th></tr>\n",
	      out);
	const struct outcome *first = &evaluation->outcomes[0];
	for (size_t i = 1; i < evaluation->count; i++) {
		const struct outcome *outcome = &evaluation->outcomes[i];
		fputs("<tr><td>", out);
		put_key(evaluation, i, out);
		fputs("</td>", out);
		put_with_interval(out, errors_of(outcome) - errors_of(first), &outcome->bootstrap.more_errors, 0);
		put_with_interval(out, outcome->figures.roca - first->figures.roca, &outcome->bootstrap.more_roca, 4);
		fprintf(out, "<td>%s</td></tr>\n", in_words(&outcome->bootstrap.more_errors));
	}
	fputs("</table></div>\n", out);
}

static void
put_learning(const struct evaluation *evaluation, FILE *out)
{
	fputs("<h2>How fast it learns</h2>\n<p>All errors so far; flat is good.</p>\n", out);
	evaluation_chart_learning(evaluation, out);
	fputs("<div class=\"wide\"><table>\n<tr><th>errors in the first</th>", out);
	for (size_t j = 0; j < LEARNING_STEPS; j++)
		fprintf(out, "<th>%zu</th>", learning_steps[j]);
	fputs("<th>in each thousand</th></tr>\n", out);
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct figures_list *said = &evaluation->outcomes[i].contender->said;
		fputs("<tr><td>", out);
		put_key(evaluation, i, out);
		fputs("</td>", out);
		for (size_t j = 0; j < LEARNING_STEPS; j++)
			put_number(out,
				   learning_steps[j] > said->count
					   ? NAN
					   : (double)learning_errors(said, 0, learning_steps[j]),
				   0);
		fputs("<td>", out);
		for (size_t j = 0; j < learning_blocks(said); j++)
			fprintf(out, "%s%zu", j == 0 ? "" : " ", learning_block(said, j));
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void
put_calibration(const struct evaluation *evaluation, FILE *out)
{
	fputs("<h2>Do the probabilities mean what they say?</h2>\n<p>Of mail that was given 0.9, nine in ten should be "
	      "spam: on the dashed line. A dot stands for all mail of a tenth, a larger one for more of it.</p>\n",
	      out);
	evaluation_chart_calibration(evaluation, out);
	fputs("<div class=\"wide\"><table>\n<tr><th>messages: spam of all</th>", out);
	for (unsigned i = 0; i < CALIBRATION_BINS; i++)
		fprintf(out, "<th>%.1f to %.1f</th>", i / 10.0, (i + 1) / 10.0);
	fputs("</tr>\n", out);
	for (size_t i = 0; i < evaluation->count; i++) {
		fputs("<tr><td>", out);
		put_key(evaluation, i, out);
		fputs("</td>", out);
		for (unsigned j = 0; j < CALIBRATION_BINS; j++) {
			const struct calibration_bin *bin = &evaluation->outcomes[i].calibration.bins[j];
			fprintf(out, "<td>%zu <small>of %zu</small></td>", bin->spam, bin->count);
		}
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

/* ---- the page ------------------------------------------------------------------------------- */

static void
put_head(FILE *out)
{
	fputs(head, out);
	for (int i = 0; i < CHART_COLOURS; i++)
		fprintf(out, ".line.c%d{stroke:var(--c%d)}.dot.c%d,.k%d{fill:var(--c%d);background:var(--c%d)}\n", i, i,
			i, i, i, i);
	fputs("</style>\n</head>\n<body>\n<h1>How good the filter would be</h1>\n", out);
}

static void
put_introduction(const struct evaluation *evaluation, FILE *out)
{
	const struct figures *f = &evaluation->outcomes[0].figures;
	char terms[EVALUATION_TERMS_SIZE], date[40] = "";
	time_t when = (time_t)evaluation->when;
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &tm);
	evaluation_terms(evaluation, terms);
	fprintf(out, "<p>%zu messages, %zu of them spam and %zu ham, from ", f->count, f->spam, f->ham);
	html_put(out, evaluation->index);
	fputs(", each judged before anything was learned from it; from an empty store; ", out);
	html_put(out, terms);
	fprintf(out, ".</p>\n<p class=\"dim\">%s, dspam %s, %s</p>\n", date, DSPAM_VERSION,
		strcmp(evaluation->driver, "memory") == 0 ? "stores in memory" : "stores on disk");
	if (evaluation->replay->unreadable > 0)
		fprintf(out, "<p>%zu messages could not be read and are not counted.</p>\n",
			evaluation->replay->unreadable);
	if (evaluation->replay->interrupted != 0)
		fputs("<p>It was interrupted: these are the figures up to there.</p>\n", out);
}

static const char legend[] =
	"<ul class=\"dim\">\n"
	"<li><b>errors</b>: wrong verdicts; behind it, where 95 % of such counts lie if the mail had been other mail "
	"of "
	"the same kind (bootstrap; another order of the mail is not in it).</li>\n"
	"<li><b>unsure</b>: delivered and marked as unsure; counted with the errors as what it was taken for "
	"rather.</li>\n"
	"<li><b>1-ROCA %</b>: how often ham has a higher score than spam, of all such pairs; it does not depend on "
	"where "
	"the threshold lies.</li>\n"
	"<li><b>lam %</b>: the logistic average of missed spam and mistaken ham.</li>\n"
	"<li><b>calibration error</b>: how far the probabilities are from the truth, on average.</li>\n"
	"<li><b>ms</b>: time of the processor for each message.</li>\n</ul>\n";

void
evaluation_print_html(const struct evaluation *evaluation, FILE *out)
{
	put_head(out);
	put_introduction(evaluation, out);
	put_summary(evaluation, out);
	fputs(legend, out);
	put_differences(evaluation, out);
	fputs("<h2>Missed spam against mistaken ham</h2>\n<p>Each curve is one filter with all thresholds it could "
	      "have; "
	      "above and left is better. The dot is where its threshold stands. Both axes are logit scales, as in the "
	      "TREC spam track.</p>\n",
	      out);
	evaluation_chart_roc(evaluation, out);
	put_learning(evaluation, out);
	put_calibration(evaluation, out);
	fputs("<h2>To repeat it</h2>\n<pre>", out);
	html_put_command(out, evaluation->command);
	fputs("</pre>\n</body>\n</html>\n", out);
}
