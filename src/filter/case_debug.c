#include "filter/case_debug.h"

#include <inttypes.h>

#include "filter/factor_text.h"

#define TOKEN_TEXT_MAX 120
#define FEATURES_TOLD 15

void
case_debug_begin(const struct filter_case *fc)
{
	static const char *const modes[] = {
		[TRAINING_MODE_UNSET] = "unset", [TRAINING_TOE] = "toe",         [TRAINING_TUM] = "tum",
		[TRAINING_TEFT] = "teft",        [TRAINING_NOTRAIN] = "notrain", [TRAINING_UNLEARN] = "unlearn",
	};

	debug_line(&fc->judgement->debug, "%s, %zu bytes, uid %" PRIu64 ", mode %s, tokenizer %s, PValue %s%s%s%s",
		   fc->request->classify                       ? "classify"
		   : fc->request->training_class == CLASS_SPAM ? "class spam"
		   : fc->request->training_class != CLASS_NONE ? "class innocent"
							       : "process",
		   fc->raw.size, (uint64_t)fc->uid, modes[fc->mode], tokenizer_name(fc->filter->settings->tokenizer),
		   pvalue_name(fc->method.pvalue), fc->method.bias ? ", bias" : "", fc->method.noise ? ", noise" : "",
		   fc->method.whitelist ? ", whitelist" : "");
}

void
case_debug_findings(const struct filter_case *fc)
{
	static const char *const words[] = {
		[VIRUS_NOT_SOUGHT] = "none was made",
		[VIRUS_NONE] = "clean",
		[VIRUS_FOUND] = "found",
		[VIRUS_UNKNOWN] = "failed",
	};
	const struct debug *debug = &fc->judgement->debug;
	const struct scan_findings *findings = fc->request->findings;

	if (findings != NULL) {
		debug_line(debug, "virus scan: %s %s (%u ms)%s", words[findings->virus], findings->virus_text,
			   findings->scan_time, fc->judgement->preferences.no_virus_scan ? ", optOutClamAV" : "");
		debug_line(debug, "source: %s; list: %s (%u ms)%s",
			   findings->source[0] != '\0' ? findings->source : "not known",
			   findings->zone[0] != '\0' ? findings->zone : "none", findings->lookup_time,
			   fc->judgement->preferences.ignore_rbl ? ", ignoreRBLLookups" : "");
	}
	if (fc->listed || fc->inoculate)
		debug_line(debug, "listed: %s%s", fc->judgement->status, fc->inoculate ? ", learned as spam" : "");
}

void
case_debug_read(const struct filter_case *fc, int64_t time)
{
	const struct analysis *analysis = &fc->analysis;
	const struct totals *totals = &analysis->totals;
	size_t known = 0;

	for (size_t i = 0; i < analysis->set->count; i++)
		known += analysis->hits[i].spam > 0 || analysis->hits[i].innocent > 0;
	debug_line(&fc->judgement->debug,
		   "store: %zu tokens%s, %zu of them known, and %zu patterns read in %.3f ms; SL=%" PRId64
		   " IL=%" PRId64 " SM=%" PRId64 " IM=%" PRId64 " SC=%" PRId64 " IC=%" PRId64 " ScL=%" PRId64
		   " IcL=%" PRId64,
		   analysis->set->count, fc->by_signature ? " of the signature" : "", known, analysis->noise.count,
		   (double)time / 1000, totals->spam_learned, totals->innocent_learned, totals->spam_misclassified,
		   totals->innocent_misclassified, totals->spam_corpusfed, totals->innocent_corpusfed,
		   totals->spam_classified, totals->innocent_classified);
}

static void
tell_token(const struct filter_case *fc, const struct member *factor)
{
	const struct token *token = &fc->analysis.set->tokens[factor->token];
	const struct hits *hits = &fc->analysis.hits[factor->token];
	bool text = fc->judgement->debug.rules->text;

	debug_line(&fc->judgement->debug,
		   "token %020" PRIu64 " value %.5f spam %" PRIu32 " innocent %" PRIu32 " times %" PRIu32 "%s%.*s",
		   token->id, factor->value, hits->spam, hits->innocent, token->frequency, text ? " " : "",
		   text ? TOKEN_TEXT_MAX : 0, token->text);
}

void
case_debug_verdict(const struct filter_case *fc)
{
	const struct debug *debug = &fc->judgement->debug;
	const struct verdict *verdict = &fc->analysis.verdict;

	if (!debug_is_on(debug))
		return;
	for (size_t i = 0; i < ALGORITHM_COUNT; i++)
		if (fc->method.algorithms & (unsigned)algorithm_table[i].bit)
			debug_line(debug, "algorithm %s: %.6f, %s%s", algorithm_name(algorithm_table[i].bit),
				   verdict->results[i].probability, verdict->results[i].spam ? "spam" : "innocent",
				   verdict->decided == algorithm_table[i].bit ? "; it decides" : "");
	for (size_t i = 0; i < verdict->factor_count; i++)
		tell_token(fc, &verdict->factors[i]);
}

void
case_debug_features(const struct filter_case *fc)
{
	const struct judgement *judgement = fc->judgement;
	const struct appraisal *appraisal = &fc->appraisal;
	char text[FACTOR_TEXT_SIZE];

	if (!debug_is_on(&judgement->debug))
		return;
	bool with_text = judgement->debug.rules->text;
	debug_line(&judgement->debug,
		   "score %.4f of %zu features (lessons: spam %" PRIu32 ", innocent %" PRIu32 "; site %.4f)",
		   judgement->score, judgement->factor_count, appraisal->lessons.spam, appraisal->lessons.innocent,
		   appraisal->site_score.shown);
	for (size_t i = 0; i < judgement->factor_count && i < FEATURES_TOLD; i++) {
		const struct factor *factor = &judgement->factors[i];
		factor_text_ascii(factor, text);
		debug_line(&judgement->debug,
			   "feature %016" PRIx64 " share %+.4f spam %" PRIu32 " innocent %" PRIu32 " %s%s%s",
			   factor->feature->id, factor->value, factor->spam, factor->innocent, factor_family(factor),
			   with_text ? " " : "", with_text ? text : "");
	}
}

void
case_debug_result(const struct filter_case *fc)
{
	const struct judgement *judgement = fc->judgement;
	const struct totals *totals = &judgement->lesson.totals;

	debug_line(&judgement->debug, "result %s, probability %.4f, confidence %.4f, signature %s%s%s",
		   result_class_name(judgement->result_class), judgement->probability, judgement->confidence,
		   judgement->signature != NULL ? judgement->signature : "none", judgement->note != NULL ? "; " : "",
		   judgement->note != NULL ? judgement->note : "");
	if (judgement->has_lesson)
		debug_line(&judgement->debug,
			   "lesson: %zu tokens; SL%+" PRId64 " IL%+" PRId64 " SM%+" PRId64 " IM%+" PRId64 " SC%+" PRId64
			   " IC%+" PRId64 " ScL%+" PRId64 " IcL%+" PRId64 "%s",
			   judgement->lesson.count, totals->spam_learned, totals->innocent_learned,
			   totals->spam_misclassified, totals->innocent_misclassified, totals->spam_corpusfed,
			   totals->innocent_corpusfed, totals->spam_classified, totals->innocent_classified,
			   judgement->lesson.signature != NULL ? "; a signature is kept" : "");
	else
		debug_line(&judgement->debug, "lesson: none");
}
