#include "filter/header_lines.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/buffer.h"

#define HEADERS_MAX ((size_t)64 * 1024)
#define FACTORS_MAX 10239 /* bytes of the X-DSPAM-Factors header */
#define FACTOR_TEXT_MAX 112

/* A word of the mail, made harmless: bytes beyond printable ASCII and % as %xx. */
static void
factor_text(const char *text, char out[static FACTOR_TEXT_MAX + 4])
{
	size_t used = 0;

	for (; *text != '\0' && used < FACTOR_TEXT_MAX; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte < 32 || byte > 126 || byte == '%')
			used += (size_t)snprintf(out + used, 4, "%%%02x", byte);
		else
			out[used++] = (char)byte;
	}
	out[used] = '\0';
}

static void
add_factors(struct buffer *lines, const struct judgement *judgement)
{
	char text[FACTOR_TEXT_MAX + 4];
	size_t start = lines->size;

	buffer_printf(lines, "X-DSPAM-Factors: %zu", judgement->factor_count);
	for (size_t i = 0; i < judgement->factor_count && lines->size - start < FACTORS_MAX - 200; i++) {
		factor_text(judgement->factors[i].text, text);
		buffer_printf(lines, ",\n\t%s, %2.5f", text, judgement->factors[i].value);
	}
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
