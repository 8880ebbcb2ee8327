/* The figures of an evaluation for programs. */
#include "tool/evaluation.h"

#include <math.h>

#include "tool/json.h"

static void
put_interval(struct json *json, const char *key, const struct interval *interval, int digits)
{
	json_put_array(json, key);
	json_put_real(json, NULL, interval->low, digits);
	json_put_real(json, NULL, interval->high, digits);
	json_put_array_end(json);
}

static void
put_figures(struct json *json, const struct evaluation *evaluation, const struct outcome *outcome)
{
	const struct figures *f = &outcome->figures;

	json_put_integer(json, "messages", (int64_t)f->count);
	json_put_integer(json, "spam", (int64_t)f->spam);
	json_put_integer(json, "ham", (int64_t)f->ham);
	json_put_integer(json, "spam_misclassified", (int64_t)f->spam_misclassified);
	json_put_integer(json, "ham_misclassified", (int64_t)f->ham_misclassified);
	json_put_integer(json, "unsure", (int64_t)f->unsure);
	json_put_real(json, "roca", f->roca, 4);
	json_put_real(json, "lam", f->lam, 3);
	json_put_real(json, "hm", f->hm, 3);
	json_put_real(json, "sm", f->sm, 3);
	json_put_real(json, "accuracy", f->accuracy, 3);
	json_put_real(json, "messages_per_second", outcome->per_second, 0);
	json_put_real(json, "classify_ms", outcome->judge_ms, 3);
	json_put_real(json, "learn_ms", outcome->learn_ms, 3);
	json_put_integer(json, "not_judged", (int64_t)outcome->contender->not_judged);
	json_put_integer(json, "unreadable", (int64_t)evaluation->replay->unreadable);
	json_put_integer(json, "reports", (int64_t)outcome->contender->reports);
	json_put_integer(json, "not_taught", (int64_t)outcome->contender->not_taught);
}

static void
put_learning(struct json *json, const struct figures_list *said)
{
	json_put_array(json, "errors_in_first");
	for (size_t i = 0; i < LEARNING_STEPS && learning_steps[i] <= said->count; i++) {
		json_put_object(json, NULL);
		json_put_integer(json, "messages", (int64_t)learning_steps[i]);
		json_put_integer(json, "errors", (int64_t)learning_errors(said, 0, learning_steps[i]));
		json_put_object_end(json);
	}
	json_put_array_end(json);
	json_put_array(json, "errors_in_each_thousand");
	for (size_t i = 0; i < learning_blocks(said); i++)
		json_put_integer(json, NULL, (int64_t)learning_block(said, i));
	json_put_array_end(json);
}

static void
put_calibration(struct json *json, const struct calibration *calibration)
{
	json_put_real(json, "calibration_error", calibration->error, 4);
	json_put_array(json, "reliability");
	for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
		const struct calibration_bin *bin = &calibration->bins[i];
		json_put_object(json, NULL);
		json_put_real(json, "from", (double)i / CALIBRATION_BINS, 1);
		json_put_integer(json, "messages", (int64_t)bin->count);
		json_put_integer(json, "spam", (int64_t)bin->spam);
		json_put_real(json, "said", bin->count > 0 ? bin->mean : NAN, 4);
		json_put_object_end(json);
	}
	json_put_array_end(json);
}

static void
put_outcome(struct json *json, const struct evaluation *evaluation, const struct outcome *outcome)
{
	json_put_text(json, "name", span_from(outcome->contender->name));
	json_put_text(json, "settings", span_from(outcome->text));
	put_figures(json, evaluation, outcome);
	put_interval(json, "errors_95", &outcome->bootstrap.errors, 0);
	put_interval(json, "roca_95", &outcome->bootstrap.roca, 4);
	put_interval(json, "more_errors_95", &outcome->bootstrap.more_errors, 0);
	put_interval(json, "more_roca_95", &outcome->bootstrap.more_roca, 4);
	put_learning(json, &outcome->contender->said);
	put_calibration(json, &outcome->calibration);
}

void
evaluation_print_json(const struct evaluation *evaluation, FILE *out)
{
	char terms[EVALUATION_TERMS_SIZE];
	struct json json;

	evaluation_terms(evaluation, terms);
	json_begin(&json, out);
	json_put_object(&json, NULL);
	json_put_text(&json, "terms", span_from(terms));
	json_put_integer(&json, "seed", (int64_t)evaluation->seed);
	if (evaluation->count == 1) {
		put_outcome(&json, evaluation, &evaluation->outcomes[0]);
	} else {
		json_put_array(&json, "runs");
		for (size_t i = 0; i < evaluation->count; i++) {
			json_put_object(&json, NULL);
			put_outcome(&json, evaluation, &evaluation->outcomes[i]);
			json_put_object_end(&json);
		}
		json_put_array_end(&json);
	}
	json_put_object_end(&json);
	json_end(&json);
}
