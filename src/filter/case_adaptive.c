/* The way of a message with Algorithm adaptive: its features, their verdict, and the lesson. */
#include "filter/case_debug.h"

#include <math.h>
#include <stdlib.h>

#include "token/tokenize.h"

bool
case_is_adaptive(const struct filter_case *fc)
{
	return (fc->filter->settings->algorithms & ALGORITHM_ADAPTIVE) != 0;
}

/* ---- features -------------------------------------------------------------------- */

static uint64_t
sender_of(const struct message *message)
{
	const struct mail_header *from = mail_part_header(&message->parts[0], SPAN("From"));

	if (from == NULL)
		return 0;
	size_t end = span_find_byte(from->raw, '\n');
	struct span line = span_head(from->raw, end == SPAN_NONE ? from->raw.size : end);
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line = span_head(line, line.size - 1);
	return tokenize_sender(line);
}

bool
case_adaptive_material(struct filter_case *fc, struct error *error)
{
	fc->material = (struct material){
		.features = feature_extract(fc->message, fc->arena),
		.sender = sender_of(fc->message),
	};
	return fc->material.features != NULL ||
	       error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
}

/* ---- the verdict ------------------------------------------------------------------ */

static bool
is_whitelisted(const struct filter_case *fc)
{
	const struct hits *sender = &fc->appraisal.sender_hits;

	return fc->method.whitelist && fc->request->training_class == CLASS_NONE && !fc->inoculate &&
	       sender->spam == 0 && sender->innocent > fc->method.whitelist_threshold;
}

static enum result_class
result_of(const struct filter_case *fc, double probability)
{
	const struct preferences *preferences = &fc->judgement->preferences;

	if (is_whitelisted(fc))
		return RESULT_WHITELISTED;
	if (probability >= preferences->quarantine_threshold)
		return RESULT_SPAM;
	return probability >= preferences->unsure_threshold ? RESULT_UNSURE : RESULT_INNOCENT;
}

struct share {
	double share;
	uint32_t feature;
};

static int
compare_shares(const void *a, const void *b)
{
	double left = fabs(((const struct share *)a)->share), right = fabs(((const struct share *)b)->share);

	return (left < right) - (left > right);
}

/* Those that say most first; they and the rest add up to the score. */
static bool
take_factors(struct filter_case *fc)
{
	const struct appraisal *appraisal = &fc->appraisal;
	size_t count = appraisal->set->count;
	struct share *shares = arena_alloc(fc->arena, (count + 1) * sizeof *shares);
	struct factor *factors = arena_calloc(fc->arena, count + 1, sizeof *factors);

	if (shares == NULL || factors == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		shares[i] = (struct share){appraisal_share(appraisal, i), (uint32_t)i};
	qsort(shares, count, sizeof *shares, compare_shares);
	for (size_t i = 0; i < count; i++) {
		const struct feature *feature = &appraisal->set->features[shares[i].feature];
		const struct adaptive_row *row = &appraisal->rows[shares[i].feature];
		factors[i] = (struct factor){
			.value = shares[i].share, .feature = feature, .spam = row->spam, .innocent = row->innocent};
		if (appraisal->site_rows != NULL) {
			factors[i].common_spam = appraisal->site_rows[shares[i].feature].spam;
			factors[i].common_innocent = appraisal->site_rows[shares[i].feature].innocent;
		}
	}
	fc->judgement->has_common = appraisal->site_rows != NULL;
	fc->judgement->factors = factors;
	fc->judgement->factor_count = count;
	return true;
}

static bool
judge(struct filter_case *fc, struct error *error)
{
	struct judgement *judgement = fc->judgement;
	const struct adaptive_score *score = &fc->appraisal.score;

	judgement->probability = score->probability;
	judgement->confidence = fabs(2 * score->probability - 1);
	judgement->score = score->shown;
	judgement->result_class = result_of(fc, score->probability);
	judgement->spam = judgement->result_class == RESULT_SPAM;
	judgement->suspect =
		judgement->result_class == RESULT_UNSURE && score->probability >= judgement->preferences.tag_threshold;
	if (!judgement->preferences.show_factors && !fc->request->explain && !debug_is_on(&judgement->debug))
		return true;
	if (!take_factors(fc))
		return error_set(error, ERROR_DATA, "the message takes too much memory to be explained");
	case_debug_features(fc);
	return true;
}

bool
case_adaptive_weigh(struct filter_case *fc, struct error *error)
{
	struct appraisal *appraisal = &fc->appraisal;

	*appraisal = (struct appraisal){
		.arena = fc->arena,
		.site = fc->merged,
		.set = fc->material.features,
		.sender = fc->material.sender,
		.advised = fc->filter->settings->advisors != 0,
	};
	if (!appraisal_read(appraisal, fc->filter->store, fc->uid, error) || !case_advise(fc, error))
		return false;
	appraisal_judge(appraisal);
	if (fc->request->training_class != CLASS_NONE || fc->inoculate)
		return true;
	return judge(fc, error);
}

/* ---- the lesson ------------------------------------------------------------------- */

/* What the message counts as: the class that was given, what a group said, or the verdict. */
static bool
counts_as_spam(const struct filter_case *fc, const struct lesson_rule *rule)
{
	if (rule->mode == TRAINING_UNLEARN && fc->by_signature && fc->kept_features.verdict != CLASS_NONE)
		return fc->kept_features.verdict == CLASS_SPAM;
	if (rule->training_class != CLASS_NONE)
		return rule->training_class == CLASS_SPAM;
	if (rule->overruled != CLASS_NONE)
		return rule->overruled == CLASS_SPAM;
	if (fc->judgement->result_class == RESULT_UNSURE)
		return fc->appraisal.score.shown > 0;
	return fc->judgement->spam;
}

bool
case_adaptive_lesson(struct filter_case *fc, const struct lesson_rule *rule, struct store_lesson *lesson,
		     struct span *kept, struct error *error)
{
	struct adaptive_occasion occasion = {
		.rule = rule,
		.kept = fc->by_signature && fc->kept_features.set != NULL ? &fc->kept_features : NULL,
		.spam = counts_as_spam(fc, rule),
		.whitelisted = fc->judgement->result_class == RESULT_WHITELISTED,
		.whitelist = fc->method.whitelist,
	};
	struct kept_features now;

	if (!adaptive_lesson_make(&fc->appraisal, &occasion, lesson, &now, error))
		return false;
	fc->kept_features = now;
	*kept = kept_features_encode(fc->arena, &now);
	return kept->data != NULL ||
	       error_set(error, ERROR_DATA, "the message takes too much memory for its signature to be kept");
}
