#include "filter/case.h"

#include <time.h>

#include "filter/lesson.h"
#include "filter/signature.h"

#define SECONDS_A_DAY 86400

static bool
keep_signature(struct filter_case *fc, struct store_lesson *lesson)
{
	struct store_signature *signature = arena_alloc(fc->arena, sizeof *signature);
	const struct analysis *analysis = &fc->analysis;

	if (signature == NULL)
		return false;
	*signature = (struct store_signature){
		.id = fc->judgement->signature,
		.data = signature_encode(fc->arena, fc->filter->settings->tokenizer, &fc->flat, analysis->set,
					 analysis->noise.patterns, analysis->patterns_kept ? analysis->noise.count : 0),
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

bool
case_teach(struct filter_case *fc, struct error *error)
{
	const struct request *request = fc->request;
	const struct settings *settings = fc->filter->settings;
	struct store_lesson *lesson = &fc->judgement->lesson;
	struct lesson_rule rule = {
		.mode = fc->mode,
		.training_class = request->training_class,
		.source = request->source,
		.overruled = fc->overruled,
		.by_signature = fc->by_signature,
		.count_occurrences = settings->count_occurrences,
		.original = settings->original_training,
		.test_conditional = settings->test_conditional,
	};

	if (request->classify || fc->judgement->training == TRAINING_MISSING ||
	    fc->judgement->training == TRAINING_REFUSED || fc->uid == 0)
		return true;
	lesson->uid = fc->uid;
	lesson->day = (int32_t)(time(NULL) / SECONDS_A_DAY);
	if (!lesson_make(&fc->analysis, &rule, lesson, error))
		return false;
	if (request->training_class == CLASS_NONE && fc->judgement->signature != NULL && !keep_signature(fc, lesson))
		return error_set(error, ERROR_DATA, "the message takes too much memory for its signature to be kept");
	fc->judgement->has_lesson = !is_empty(lesson);
	return case_inoculate(fc, error);
}
