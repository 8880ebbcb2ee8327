#include "filter/factor_text.h"

#include <stdio.h>

#include "feature/feature.h"

static const char *const families[FEATURE_FAMILIES] = {
	[FEATURE_HEADER_WORD] = "header word",
	[FEATURE_HEADER_NAME] = "header name",
	[FEATURE_RECEIVED_PAIR] = "way",
	[FEATURE_URL] = "url",
	[FEATURE_RELATION] = "relation",
	[FEATURE_MIME] = "mime",
	[FEATURE_COUNT] = "count",
	[FEATURE_WINDOW] = "window",
	[FEATURE_LINE_SHAPE] = "line shape",
	[FEATURE_WORD] = "word",
	[FEATURE_VERDICT] = "advice",
};

const char *
factor_family(const struct factor *factor)
{
	return factor->feature == NULL ? "token" : families[factor->feature->family];
}

static size_t
append(struct span text, char *out, size_t used)
{
	for (size_t i = 0; i < text.size && used < FACTOR_TEXT_MAX; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte < 32 || byte > 126 || byte == '%')
			used += (size_t)snprintf(out + used, 4, "%%%02x", byte);
		else
			out[used++] = (char)byte;
	}
	return used;
}

void
factor_text(const struct factor *factor, char out[static FACTOR_TEXT_MAX + 4])
{
	size_t used = 0;

	if (factor->feature == NULL) {
		used = append(span_from(factor->text), out, used);
	} else {
		used = append(factor->feature->of, out, used);
		if (factor->feature->of.size > 0)
			used = append(SPAN("*"), out, used);
		used = append(factor->feature->text, out, used);
		if (factor->feature->more.size > 0)
			used = append(SPAN("+"), out, used);
		used = append(factor->feature->more, out, used);
	}
	out[used] = '\0';
}
