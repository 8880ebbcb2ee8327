#include "filter/factor_text.h"

#include <stdio.h>

#include <utf8proc.h>

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

/* Bytes of the character at the beginning of a text that is not empty; 0: none that can be shown. */
static size_t
size_in_utf8(struct span text)
{
	utf8proc_int32_t code;
	utf8proc_ssize_t size =
		utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, &code);

	if (size <= 0)
		return 0;
	switch (utf8proc_category(code)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return 0;
	default:
		return (size_t)size;
	}
}

static size_t
size_in_ascii(struct span text)
{
	return text.data[0] >= 32 && text.data[0] <= 126;
}

/* A text in the making, and what it takes as it is. */
struct writer {
	char *out;
	size_t used;
	size_t (*size)(struct span text);
};

static void
append(struct writer *writer, struct span text)
{
	while (text.size > 0 && writer->used < FACTOR_TEXT_MAX) {
		size_t size = text.data[0] == '%' ? 0 : writer->size(text);
		if (size == 0)
			writer->used += (size_t)snprintf(writer->out + writer->used, 4, "%%%02x",
							 (unsigned)(unsigned char)text.data[0]);
		memcpy(writer->out + writer->used, text.data, size);
		writer->used += size;
		text = span_skip(text, size == 0 ? 1 : size);
	}
}

static void
write_text(struct writer *writer, const struct factor *factor)
{
	const struct feature *feature = factor->feature;

	if (feature == NULL) {
		append(writer, span_from(factor->text));
	} else {
		append(writer, feature->of);
		if (feature->of.size > 0)
			append(writer, SPAN("*"));
		append(writer, feature->text);
		if (feature->more.size > 0)
			append(writer, SPAN("+"));
		append(writer, feature->more);
	}
	writer->out[writer->used] = '\0';
}

void
factor_text(const struct factor *factor, char out[static FACTOR_TEXT_SIZE])
{
	write_text(&(struct writer){out, 0, size_in_utf8}, factor);
}

void
factor_text_ascii(const struct factor *factor, char out[static FACTOR_TEXT_SIZE])
{
	write_text(&(struct writer){out, 0, size_in_ascii}, factor);
}
