/* Windows of Subject and From: who says it. */
#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/header.h"
#include "feature/script.h"

enum { WINDOW = 4, WINDOW_TEXT = 200 };

static bool
is_ascii(struct span word)
{
	unsigned classes = 0;

	for (size_t i = 0; i < word.size; i++)
		classes |= byte_classes[(unsigned char)word.data[i]];
	return (classes & BYTE_BEYOND) == 0;
}

/* ASCII only: four bytes each. */
static void
slide(struct feature_filler *filler, const struct feature_key *key, struct span text)
{
	for (size_t i = 0; i + WINDOW <= text.size; i++)
		feature_add(filler, key, span_of(text.data + i, WINDOW));
}

/* Four characters each; of scripts without blanks one says as much as two. */
static void
slide_characters(struct feature_filler *filler, const struct feature_key *key, struct span text)
{
	size_t begin = 0, end = 0, weight = 0;

	while (end < text.size) {
		size_t size = script_size(span_skip(text, end));
		weight += script_runs_on(span_skip(text, end), size) ? 2 : 1;
		end += size;
		if (weight < WINDOW)
			continue;
		feature_add(filler, key, span_of(text.data + begin, end - begin));
		while (weight >= WINDOW) {
			size = script_size(span_skip(text, begin));
			weight -= script_runs_on(span_skip(text, begin), size) ? 2 : 1;
			begin += size;
		}
	}
}

static void
add_windows(struct feature_filler *filler, const struct mail_part *part, struct span name)
{
	const struct feature_key key = feature_key(FEATURE_WHO, FEATURE_WINDOW, name);
	const struct mail_header *header = mail_part_header(part, name);
	struct arena *arena = feature_filler_arena(filler);
	size_t size = 1, budget = FEATURE_VALUE;

	if (header == NULL)
		return;
	struct span value = script_head(feature_header_value(arena, header, &budget), WINDOW_TEXT);
	bool ascii = is_ascii(value);
	char *text = arena_text(arena, (ascii ? WINDOW_TEXT : SCRIPT_FORM) + 2);
	if (text == NULL)
		return;
	text[0] = ' ';
	if (ascii && value.size > 0)
		memcpy(text + 1, value.data, value.size);
	size += ascii ? value.size : script_form(value, text + 1);
	for (size_t i = 1; i < size; i++)
		text[i] = byte_is(text[i], BYTE_DIGIT) ? '9' : ascii_lower(text[i]);
	text[size++] = ' ';
	(ascii ? slide : slide_characters)(filler, &key, span_of(text, size));
}

void
feature_windows(struct feature_filler *filler, const struct mail_part *part)
{
	add_windows(filler, part, SPAN("Subject"));
	add_windows(filler, part, SPAN("From"));
}
