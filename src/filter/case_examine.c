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

static struct token_set *
message_tokens(struct filter_case *fc)
{
	bool in_message = fc->judgement->preferences.signature_location != SIGNATURE_IN_HEADERS;
	struct flatten_options options = {
		.decoded_in_place = in_message && fc->request->signature == NULL,
		.cut_signatures = in_message && fc->request->training_class == CLASS_NONE,
	};
	struct tokenize_options how = tokenize_options(fc);

	if (!flatten(fc->message, &options, &fc->flat))
		return NULL;
	return tokenize(fc->arena, &fc->flat, &how);
}

/* ---- by signature ---------------------------------------------------------------- */

static void
nothing_to_learn(struct filter_case *fc, enum training_outcome outcome, const char *note)
{
	fc->judgement->training = outcome;
	fc->judgement->note = note;
}

/* Read the kept tokens; *set stays NULL when there is no such signature. */
static bool
signature_tokens(struct filter_case *fc, struct token_set **set, struct error *error)
{
	struct store_signature kept;
	bool found = false;
	struct tokenize_options how = tokenize_options(fc);

	if (!signature_id_valid(span_from(fc->signature)) || fc->uid == 0)
		return true;
	if (!store_signature_get(fc->filter->store, fc->uid, fc->signature, fc->arena, &kept, &found, error))
		return false;
	if (!found)
		return true;
	fc->dummy = signature_is_dummy(kept.data);
	if (fc->dummy)
		return true;
	how.text_order = false;
	fc->kept = kept;
	fc->state = signature_state(kept.data, how.tokenizer);
	*set = signature_decode(fc->arena, kept.data, &how, error);
	return *set != NULL;
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

/* The tokens of the first signature in the message that the store knows. */
static bool
carried_tokens(struct filter_case *fc, struct token_set **set, struct error *error)
{
	struct span ids[SIGNATURE_CANDIDATES];
	bool headers = fc->judgement->preferences.signature_location == SIGNATURE_IN_HEADERS;
	size_t count = signature_find(fc->message, headers, ids);

	for (size_t i = 0; i < count && *set == NULL; i++) {
		const char *id = arena_copy(fc->arena, ids[i]);
		if (id == NULL)
			return error_set(error, ERROR_DATA, "the message takes too much memory to be learned");
		fc->signature = id;
		if (!signature_tokens(fc, set, error))
			return false;
	}
	return true;
}

/* ---- the judgement ---------------------------------------------------------------- */

static void
force_result(struct filter_case *fc)
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
	return take_factors(fc) || error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
}

/* Whether verdict or lesson depend on what is known of each token; to add one to all of them takes no look. */
static bool
needs_hits(const struct filter_case *fc)
{
	return fc->request->training_class == CLASS_NONE || fc->request->source == SOURCE_INOCULATION ||
	       fc->mode == TRAINING_TUM || fc->method.noise ||
	       (fc->by_signature && fc->filter->settings->test_conditional);
}

/* Hold the tokens against the store. A class that was given is the result, whatever they say. */
bool
case_weigh(struct filter_case *fc, struct token_set *set, struct error *error)
{
	bool given = fc->request->training_class != CLASS_NONE;
	int64_t began = debug_clock();

	fc->analysis.arena = fc->arena;
	fc->analysis.merged = fc->merged;
	fc->analysis.method = fc->method;
	fc->analysis.method.whitelist = fc->method.whitelist && !given && !fc->inoculate;
	if (set->count == 0 && !fc->by_signature)
		return error_set(error, ERROR_DATA, "the message has no words to judge it by");
	if (!analysis_read(&fc->analysis, fc->filter->store, fc->uid, set, needs_hits(fc), error))
		return false;
	fc->judgement->totals = fc->analysis.totals;
	if (debug_is_on(&fc->judgement->debug))
		case_debug_read(fc, debug_clock() - began);
	fc->mode = lesson_mode(fc->mode, &fc->analysis.totals, fc->method.pvalue);
	if (!given && !fc->inoculate)
		return judge(fc, error);
	force_result(fc);
	fc->judgement->training = given ? TRAINING_DONE : TRAINING_NONE;
	return true;
}

static bool
examine_message(struct filter_case *fc, struct error *error)
{
	struct token_set *set = message_tokens(fc);

	if (set == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
	return case_weigh(fc, set, error) && (fc->inoculate || case_consult(fc, error));
}

/* A signature that is not there leaves nothing to learn, except from a message that says it all itself. */
static bool
without_signature(struct filter_case *fc, struct error *error)
{
	if (fc->raw.size > 0 && (fc->pristine || fc->request->source != SOURCE_ERROR) && fc->request->signature == NULL)
		return examine_message(fc, error);
	force_result(fc);
	if (fc->foreign != NULL)
		nothing_to_learn(
			fc, TRAINING_REFUSED,
			arena_printf(fc->arena,
				     "signature %.128s is of another user; only callers whom dspam.conf trusts "
				     "(Trust) may teach for others",
				     fc->foreign));
	else if (fc->signature == NULL)
		nothing_to_learn(fc, TRAINING_MISSING, "the message carries no signature");
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
	struct token_set *set = NULL;

	if (fc->uid == 0 && is_lesson(fc->request)) {
		/* nobody is made known by an error: it would be one of a name that is wrong */
		force_result(fc);
		nothing_to_learn(fc, TRAINING_MISSING, "the user is not known, so that nothing can be corrected");
		return true;
	}
	if (!case_wants_signature(fc))
		return examine_message(fc, error);
	if (fc->request->source == SOURCE_CORPUS && fc->filter->settings->original_training) {
		force_result(fc);
		nothing_to_learn(fc, TRAINING_REFUSED, "corpus training takes no signature (Compat trainingBugs)");
		return true;
	}
	fc->signature = fc->request->signature;
	if (!(fc->signature != NULL ? signature_tokens(fc, &set, error) : carried_tokens(fc, &set, error)))
		return false;
	if (set == NULL)
		return without_signature(fc, error);
	fc->by_signature = true;
	fc->known = is_known(fc);
	fc->judgement->signature = fc->signature;
	return case_weigh(fc, set, error);
}
