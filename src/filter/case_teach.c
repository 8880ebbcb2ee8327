#include "filter/case.h"

#include <time.h>

#include "base/clock.h"
#include "filter/lesson.h"
#include "filter/signature.h"

/*
 * Note in the signature what is learned from it; the lesson counts only if nobody else does so meanwhile. `kept`: what
 * it is to hold; data NULL: as before, but for its state.
 */
static bool
turn_signature(struct filter_case *fc, struct store_lesson *lesson, struct span kept)
{
	const struct request *request = fc->request;
	bool unlearned = request->mode == TRAINING_UNLEARN;
	struct store_signature *signature = arena_alloc(fc->arena, sizeof *signature);

	if (fc->kept.id == NULL) /* somebody else's, who has reported it to his group */
		return true;
	if (kept.data == NULL &&
	    (fc->filter->settings->double_training || (request->source != SOURCE_ERROR && !unlearned)))
		return true;
	if (signature == NULL)
		return false;
	*signature = fc->kept;
	signature->data = kept;
	if (kept.data == NULL)
		signature->data = signature_with_state(fc->arena, fc->kept.data, fc->filter->settings->tokenizer,
						       unlearned                               ? SIGNATURE_UNLEARNED
						       : request->training_class == CLASS_SPAM ? SIGNATURE_SPAM
											       : SIGNATURE_INNOCENT);
	lesson->signature = signature;
	lesson->replaces = fc->kept.data;
	return signature->data.data != NULL;
}

/* One of the other kind, whose message was there and has been learned: it becomes one of ours, so that this counts
 * once. */
static bool
renews_signature(const struct filter_case *fc, struct span kept)
{
	return fc->other_kind && kept.data != NULL && fc->request->training_class != CLASS_NONE;
}

/* What a signature holds of tokens. */
static struct span
encode_tokens(const struct filter_case *fc)
{
	const struct analysis *analysis = &fc->analysis;
	enum tokenizer tokenizer = fc->filter->settings->tokenizer;
	struct span data = signature_encode(fc->arena, tokenizer, &fc->flat, analysis->set, analysis->noise.patterns,
					    analysis->patterns_kept ? analysis->noise.count : 0);

	return data.data == NULL ? data
				 : signature_with_state(fc->arena, data, tokenizer,
							fc->judgement->spam ? SIGNATURE_SPAM : SIGNATURE_INNOCENT);
}

static bool
keep_signature(struct filter_case *fc, struct store_lesson *lesson, struct span kept)
{
	struct store_signature *signature = arena_alloc(fc->arena, sizeof *signature);

	if (signature == NULL)
		return false;
	*signature = (struct store_signature){
		.id = fc->judgement->signature,
		.data = kept.data != NULL ? kept : encode_tokens(fc),
		.day = lesson->day,
	};
	lesson->signature = signature;
	return signature->data.data != NULL;
}

static bool
is_empty(const struct store_lesson *lesson)
{
	static const struct totals none;

	return lesson->count == 0 && lesson->signature == NULL && memcmp(&lesson->totals, &none, sizeof none) == 0;
}

/* What was not learned has nothing to be kept but its name: eight zero bytes, as ever, stand for "no tokens". */
static bool
teach_nothing(struct filter_case *fc, struct error *error)
{
	struct store_lesson *lesson = &fc->judgement->lesson;
	struct store_signature *signature = arena_alloc(fc->arena, sizeof *signature);

	if (fc->judgement->signature == NULL)
		return true;
	if (signature == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory for its signature to be kept");
	*signature = (struct store_signature){
		.id = fc->judgement->signature,
		.data = signature_dummy(),
		.day = lesson->day,
	};
	lesson->signature = signature;
	fc->judgement->has_lesson = true;
	return true;
}

/* What the message is, or was learned as: to be unlearned it need not be said. */
static enum training_class
class_of(const struct filter_case *fc)
{
	enum training_class class = fc->inoculate ? CLASS_SPAM : fc->request->training_class;

	if (fc->mode != TRAINING_UNLEARN || class != CLASS_NONE)
		return class;
	if (fc->state == SIGNATURE_SPAM || fc->state == SIGNATURE_INNOCENT)
		return fc->state == SIGNATURE_SPAM ? CLASS_SPAM : CLASS_INNOCENT;
	return fc->judgement->spam ? CLASS_SPAM : CLASS_INNOCENT;
}

/*
 * What judges everybody's mail is taught by dspam_train --global and its like, with source corpus: neither by mail that
 * somebody sends to its name nor by reports.
 */
static bool
site_is_spared(struct filter_case *fc)
{
	if (!case_is_site(fc) || fc->request->source == SOURCE_CORPUS)
		return false;
	if (fc->judgement->training == TRAINING_DONE) {
		fc->judgement->training = TRAINING_REFUSED;
		fc->judgement->note = "this is the model of the site (SiteModel), which only dspam_train --global "
				      "and lessons of source corpus teach";
	}
	return true;
}

/* A lesson of features is taken back by the differences that its signature holds; nothing else knows them. */
static bool
cannot_be_unlearned(struct filter_case *fc)
{
	if (fc->mode != TRAINING_UNLEARN || fc->by_signature || !case_is_adaptive(fc))
		return false;
	fc->judgement->training = TRAINING_REFUSED;
	fc->judgement->note = "what a message has taught with Algorithm adaptive is taken back by its signature only";
	return true;
}

/* Mail that is only judged: nothing is learned of it, and it has no signature. */
static bool
leaves_nothing(const struct filter_case *fc, const struct lesson_rule *rule)
{
	return rule->mode == TRAINING_NOTRAIN && rule->training_class == CLASS_NONE && rule->overruled == CLASS_NONE &&
	       !fc->by_signature && fc->judgement->signature == NULL;
}

bool
case_teach(struct filter_case *fc, struct error *error)
{
	const struct request *request = fc->request;
	const struct settings *settings = fc->filter->settings;
	struct store_lesson *lesson = &fc->judgement->lesson;
	struct lesson_rule rule = {
		.mode = fc->mode,
		.training_class = class_of(fc),
		.source = fc->inoculate ? SOURCE_INOCULATION : request->source,
		.overruled = fc->overruled,
		.by_signature = fc->by_signature,
		.count_occurrences = settings->count_occurrences,
		.original = settings->original_training,
		.test_conditional = settings->test_conditional,
		.unlearned = fc->state == SIGNATURE_UNLEARNED,
	};

	if (request->classify || fc->judgement->training == TRAINING_MISSING ||
	    fc->judgement->training == TRAINING_REFUSED || fc->uid == 0 || site_is_spared(fc))
		return true;
	lesson->uid = fc->uid;
	lesson->day = (int32_t)(time(NULL) / CLOCK_DAY);
	if (fc->known) /* there is nothing to learn from it, but he has said it */
		return case_note_vote(fc, error);
	if (cannot_be_unlearned(fc))
		return true;
	if (fc->listed)
		return teach_nothing(fc, error);
	if (leaves_nothing(fc, &rule))
		return true; /* and it is no report, of which others would learn */
	struct span kept = {NULL, 0};
	if (!(case_is_adaptive(fc) ? case_adaptive_lesson(fc, &rule, lesson, &kept, error)
				   : lesson_make(&fc->analysis, &rule, lesson, error)))
		return false;
	if (fc->by_signature || renews_signature(fc, kept)
		    ? !turn_signature(fc, lesson, kept)
		    : request->training_class == CLASS_NONE && fc->judgement->signature != NULL &&
			      !keep_signature(fc, lesson, kept))
		return error_set(error, ERROR_DATA, "the message takes too much memory for its signature to be kept");
	fc->judgement->has_lesson = !is_empty(lesson);
	return case_inoculate(fc, error) && case_note_vote(fc, error);
}
