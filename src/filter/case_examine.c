#include "filter/case_debug.h"
#include "filter/lesson.h"
#include "filter/signature.h"

/* ---- by message ---------------------------------------------------------------- */

static struct tokenize_options
tokenize_options(const struct filter_case *fc)
{
	const struct settings *settings = fc->filter->settings;

	return (struct tokenize_options){
		.tokenizer = settings->tokenizer,
		.url_context = settings->url_context,
		.whitelist = fc->method.whitelist,
		.text_order = fc->method.noise,
		.ignored = settings->ignored,
	};
}

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
}

static bool
message_material(struct filter_case *fc, struct error *error)
{
	bool in_message = fc->judgement->preferences.signature_location != SIGNATURE_IN_HEADERS;
	struct flatten_options options = {
		.decoded_in_place = in_message && fc->request->signature == NULL,
		.cut_signatures = in_message && fc->request->training_class == CLASS_NONE,
	};
	struct tokenize_options how = tokenize_options(fc);

	if (case_is_adaptive(fc) && (!case_adaptive_material(fc, error) || fc->filter->settings->advisors == 0))
		return fc->material.features != NULL;
	if (flatten(fc->message, &options, &fc->flat))
		fc->material.tokens = tokenize(fc->arena, &fc->flat, &how);
	/* without tokens there is no advice, and mail is judged all the same */
	return fc->material.tokens != NULL || case_is_adaptive(fc) || out_of_room(error);
}

void
case_borrow(struct filter_case *fc, const struct material *material, struct borrowed *borrowed)
{
	fc->material = *material;
	if (material->features != NULL) {
		borrowed->features = advice_taken_out(material->features);
		fc->material.features = &borrowed->features;
	}
	if (material->tokens != NULL) {
		borrowed->tokens = *material->tokens;
		borrowed->tokens.arena = fc->arena;
		fc->material.tokens = &borrowed->tokens;
	}
}

/* ---- by signature ---------------------------------------------------------------- */

static void
nothing_to_learn(struct filter_case *fc, enum training_outcome outcome, const char *note)
{
	fc->judgement->training = outcome;
	fc->judgement->note = note;
}

/* What somebody has said of it last; its own verdict is worth less, and can be confirmed. */
static enum signature_state
state_of_features(const struct kept_features *kept)
{
	if (kept->verdict == CLASS_NONE)
		return SIGNATURE_UNLEARNED;
	if (!kept->said || kept->lesson == CLASS_NONE)
		return SIGNATURE_UNMARKED;
	return kept->lesson == CLASS_SPAM ? SIGNATURE_SPAM : SIGNATURE_INNOCENT;
}

/* Take what the signature holds, if it is of the kind that is learned now. */
static bool
decode(struct filter_case *fc, struct error *error)
{
	struct tokenize_options how = tokenize_options(fc);
	struct kept_features *features = &fc->kept_features;

	fc->other_kind = kept_features_are(fc->kept.data) != case_is_adaptive(fc);
	if (fc->other_kind)
		return true;
	if (!case_is_adaptive(fc)) {
		how.text_order = false;
		fc->state = signature_state(fc->kept.data, how.tokenizer);
		fc->material.tokens = signature_decode(fc->arena, fc->kept.data, &how, error);
		return fc->material.tokens != NULL;
	}
	if (!kept_features_decode(fc->arena, fc->kept.data, features, error))
		return false;
	fc->state = state_of_features(features);
	fc->material = (struct material){.features = features->set, .sender = features->sender};
	return true;
}

static bool
has_material(const struct filter_case *fc)
{
	return fc->material.tokens != NULL || fc->material.features != NULL;
}

/* Read what is kept; there is no material when there is no such signature. */
static bool
signature_material(struct filter_case *fc, struct error *error)
{
	struct store_signature kept;
	bool found = false;

	if (!signature_id_valid(span_from(fc->signature)) || fc->uid == 0)
		return true;
	if (!store_signature_get(fc->filter->store, fc->uid, fc->signature, fc->arena, &kept, &found, error))
		return false;
	if (!found)
		return true;
	fc->dummy = signature_is_dummy(kept.data);
	if (fc->dummy)
		return true;
	fc->kept = kept;
	return decode(fc, error);
}

/* Whether the signature says that what is to be learned from it was learned already. */
static bool
is_known(const struct filter_case *fc)
{
	enum signature_state wanted = fc->request->training_class == CLASS_SPAM ? SIGNATURE_SPAM : SIGNATURE_INNOCENT;

	if (fc->filter->settings->double_training)
		return false;
	if (fc->request->mode == TRAINING_UNLEARN)
		return fc->state == SIGNATURE_UNLEARNED;
	return fc->request->source == SOURCE_ERROR && fc->state == wanted;
}

/* The material of the first signature in the message that the store knows. */
static bool
carried_material(struct filter_case *fc, struct error *error)
{
	struct span ids[SIGNATURE_CANDIDATES];
	bool headers = fc->judgement->preferences.signature_location == SIGNATURE_IN_HEADERS;
	size_t count = signature_find(fc->message, headers, ids);

	for (size_t i = 0; i < count && !has_material(fc); i++) {
		const char *id = arena_copy(fc->arena, ids[i]);
		if (id == NULL)
			return error_set(error, ERROR_DATA, "the message takes too much memory to be learned");
		fc->signature = id;
		if (!signature_material(fc, error))
			return false;
	}
	return true;
}

/* ---- the judgement ---------------------------------------------------------------- */

void
case_force_result(struct filter_case *fc)
{
	struct judgement *judgement = fc->judgement;

	judgement->spam = fc->request->training_class == CLASS_SPAM || fc->inoculate;
	judgement->result_class = judgement->spam ? RESULT_SPAM : RESULT_INNOCENT;
	judgement->probability = judgement->spam ? 1.0 : 0.0;
	judgement->confidence = fc->by_signature ? 0.0 : 1.0;
}

static bool
take_factors(struct filter_case *fc)
{
	const struct verdict *verdict = &fc->analysis.verdict;
	struct factor *factors = arena_alloc(fc->arena, (verdict->factor_count + 1) * sizeof *factors);

	if (factors == NULL)
		return false;
	for (size_t i = 0; i < verdict->factor_count; i++)
		factors[i] = (struct factor){
			.text = fc->analysis.set->tokens[verdict->factors[i].token].text,
			.value = verdict->factors[i].value,
		};
	fc->judgement->factors = factors;
	fc->judgement->factor_count = verdict->factor_count;
	return true;
}

static bool
judge(struct filter_case *fc, struct error *error)
{
	struct judgement *judgement = fc->judgement;
	const struct verdict *verdict = &fc->analysis.verdict;

	if (!analysis_judge(&fc->analysis, error))
		return false;
	judgement->spam = verdict->spam && !verdict->whitelisted;
	judgement->result_class = verdict->whitelisted ? RESULT_WHITELISTED
				  : verdict->spam      ? RESULT_SPAM
						       : RESULT_INNOCENT;
	judgement->probability = verdict->probability;
	judgement->confidence = verdict->confidence;
	judgement->score = verdict->score;
	case_debug_verdict(fc);
	return take_factors(fc) || out_of_room(error);
}

/* Whether verdict or lesson depend on what is known of each token; to add one to all of them takes no look. */
static bool
needs_hits(const struct filter_case *fc)
{
	return fc->request->training_class == CLASS_NONE || fc->request->source == SOURCE_INOCULATION ||
	       fc->mode == TRAINING_TUM || fc->method.noise ||
	       (fc->by_signature && fc->filter->settings->test_conditional);
}

static bool
weigh_tokens(struct filter_case *fc, struct error *error)
{
	bool given = fc->request->training_class != CLASS_NONE;
	int64_t began = debug_clock();

	fc->analysis.arena = fc->arena;
	fc->analysis.merged = fc->merged;
	fc->analysis.method = fc->method;
	fc->analysis.method.whitelist = fc->method.whitelist && !given && !fc->inoculate;
	if (fc->material.tokens->count == 0 && !fc->by_signature)
		return error_set(error, ERROR_DATA, "the message has no words to judge it by");
	if (!analysis_read(&fc->analysis, fc->filter->store, fc->uid, fc->material.tokens, needs_hits(fc), error))
		return false;
	if (debug_is_on(&fc->judgement->debug))
		case_debug_read(fc, debug_clock() - began);
	fc->mode = lesson_mode(fc->mode, &fc->analysis.totals, fc->method.pvalue);
	return given || fc->inoculate || judge(fc, error);
}

bool
case_thinks_spam(struct filter_case *fc, bool *spam, struct error *error)
{
	if (case_is_adaptive(fc)) {
		*spam = fc->appraisal.score.shown > 0;
		return true;
	}
	if (!analysis_judge(&fc->analysis, error))
		return false;
	*spam = fc->analysis.verdict.spam;
	return true;
}

const struct totals *
case_totals(const struct filter_case *fc)
{
	return case_is_adaptive(fc) ? &fc->appraisal.totals : &fc->analysis.totals;
}

/* Hold the material against the store. A class that was given is the result, whatever it says. */
bool
case_weigh(struct filter_case *fc, struct error *error)
{
	bool given = fc->request->training_class != CLASS_NONE;

	if (!(case_is_adaptive(fc) ? case_adaptive_weigh(fc, error) : weigh_tokens(fc, error)))
		return false;
	fc->judgement->totals = *case_totals(fc);
	if (given || fc->inoculate) {
		case_force_result(fc);
		fc->judgement->training = given ? TRAINING_DONE : TRAINING_NONE;
	}
	return true;
}

static bool
examine_message(struct filter_case *fc, struct error *error)
{
	return message_material(fc, error) && case_weigh(fc, error) && (fc->inoculate || case_consult(fc, error));
}

/* A signature that is not there leaves nothing to learn, except from a message that says it all itself. */
static bool
without_signature(struct filter_case *fc, struct error *error)
{
	bool whole = fc->pristine || fc->request->source != SOURCE_ERROR || (fc->other_kind && case_is_adaptive(fc));

	if (fc->raw.size > 0 && whole && fc->request->signature == NULL)
		return examine_message(fc, error);
	case_force_result(fc);
	if (fc->of_another != NULL)
		nothing_to_learn(
			fc, TRAINING_REFUSED,
			arena_printf(fc->arena,
				     "signature %.128s is of another user; only callers whom dspam.conf trusts "
				     "(Trust) may teach for others",
				     fc->of_another));
	else if (fc->signature == NULL)
		nothing_to_learn(fc, TRAINING_MISSING, "the message carries no signature");
	else if (fc->other_kind)
		nothing_to_learn(
			fc, TRAINING_REFUSED,
			"the message was judged before Algorithm was changed, and its signature is of the other "
			"kind; it can be learned as a whole, with --source=corpus");
	else if (fc->dummy)
		nothing_to_learn(
			fc, TRAINING_REFUSED,
			"the message was not learned when it came, because of a virus or its listed sender, so "
			"that there is nothing to correct");
	else
		nothing_to_learn(fc, TRAINING_MISSING,
				 arena_printf(fc->arena, "signature %.128s is not in the store", fc->signature));
	return true;
}

static bool
is_lesson(const struct request *request)
{
	return request->training_class != CLASS_NONE || request->mode == TRAINING_UNLEARN;
}

bool
case_examine(struct filter_case *fc, struct error *error)
{
	if (fc->uid == 0 && is_lesson(fc->request)) {
		/* nobody is made known by an error: it would be one of a name that is wrong */
		case_force_result(fc);
		nothing_to_learn(fc, TRAINING_MISSING, "the user is not known, so that nothing can be corrected");
		return true;
	}
	if (!case_wants_signature(fc))
		return examine_message(fc, error);
	if (fc->request->source == SOURCE_CORPUS && fc->filter->settings->original_training) {
		case_force_result(fc);
		nothing_to_learn(fc, TRAINING_REFUSED, "corpus training takes no signature (Compat trainingBugs)");
		return true;
	}
	fc->signature = fc->request->signature;
	if (!(fc->signature != NULL ? signature_material(fc, error) : carried_material(fc, error)))
		return false;
	if (!has_material(fc))
		return without_signature(fc, error);
	fc->by_signature = true;
	fc->known = is_known(fc);
	fc->judgement->signature = fc->signature;
	return case_weigh(fc, error);
}
