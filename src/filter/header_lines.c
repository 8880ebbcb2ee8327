#include "filter/header_lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/buffer.h"
#include "filter/factor_text.h"

#define HEADERS_MAX ((size_t)64 * 1024)
#define FACTORS_MAX 10239 /* bytes of the X-DSPAM-Factors header */
#define FEATURES_SHOWN 15 /* beside the sum of all others, so that they add up to the score */

/* "minutes+of, 0.40000" of a token, "our (word, 3 spam, 1 innocent), 0.40000" of a feature. */
static void
add_factor(struct buffer *lines, const struct judgement *judgement, const struct factor *factor)
{
	char text[FACTOR_TEXT_SIZE];

	factor_text_ascii(factor, text);
	buffer_printf(lines, ",\n\t%s", text);
	if (factor->feature != NULL)
		buffer_printf(lines, " (%s, %" PRIu32 " spam, %" PRIu32 " innocent", factor_family(factor),
			      factor->spam, factor->innocent);
	if (factor->feature != NULL && judgement->has_common)
		buffer_printf(lines, "; common %" PRIu32 ", %" PRIu32, factor->common_spam, factor->common_innocent);
	buffer_printf(lines, "%s, %2.5f", factor->feature != NULL ? ")" : "", factor->value);
}

static void
add_factors(struct buffer *lines, const struct judgement *judgement)
{
	size_t start = lines->size, count = judgement->factor_count, shown = 0;
	bool features = count > 0 && judgement->factors[0].feature != NULL;
	double rest = 0;

	if (features && count > FEATURES_SHOWN)
		count = FEATURES_SHOWN;
	buffer_printf(lines, "X-DSPAM-Factors: %zu", features ? count + 1 : count);
	for (; shown < count && lines->size - start < FACTORS_MAX - 200; shown++)
		add_factor(lines, judgement, &judgement->factors[shown]);
	for (size_t i = shown; i < judgement->factor_count; i++)
		rest += judgement->factors[i].value;
	if (features)
		buffer_printf(lines, ",\n\t(all others), %2.5f", rest);
	buffer_append_byte(lines, '\n');
}

/* In single precision, as the original computed it. */
static void
add_improbability(struct buffer *lines, const struct judgement *judgement)
{
	float confidence = judgement->confidence > 0.999999 ? 0.999999F : (float)judgement->confidence;
	float odds = 100.0F * (confidence / (1.0F - confidence));

	buffer_printf(lines, "X-DSPAM-Improbability: 1 in %ld chance of being %s\n", 1 + lroundf(odds),
		      judgement->spam ? "ham" : "spam");
}

static void
add_processed(struct buffer *lines)
{
	char text[32];
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &local);
	buffer_printf(lines, "X-DSPAM-Processed: %s\n", text);
}

static void
add_result(struct buffer *lines, const struct settings *settings, const struct request *request,
	   const struct judgement *judgement)
{
	buffer_printf(lines, "X-DSPAM-Result: %s\n", result_class_name(judgement->result_class));
	if (request->source == SOURCE_NONE)
		add_processed(lines);
	buffer_printf(lines, "X-DSPAM-Confidence: %01.4f\n", judgement->confidence);
	if (settings->improbability)
		add_improbability(lines, judgement);
	buffer_printf(lines, "X-DSPAM-Probability: %01.4f\n", judgement->probability);
	if (judgement->signature != NULL)
		buffer_printf(lines, "X-DSPAM-Signature: %s\n", judgement->signature);
	if (judgement->kept_for != NULL)
		buffer_printf(lines, "X-DSPAM-User: %s\n", judgement->kept_for);
	if (judgement->preferences.show_factors && judgement->factor_count > 0)
		add_factors(lines, judgement);
}

struct span
header_lines(struct arena *arena, const struct settings *settings, const struct request *request,
	     const struct judgement *judgement)
{
	struct buffer lines = BUFFER_INIT(HEADERS_MAX);

	if (request->source == SOURCE_ERROR)
		buffer_printf(&lines, "X-DSPAM-Reclassified: %s\n", result_class_name(judgement->result_class));
	else
		add_result(&lines, settings, request, judgement);
	struct span copy = {arena_copy(arena, buffer_span(&lines)), lines.size};
	buffer_free(&lines);
	return copy;
}
