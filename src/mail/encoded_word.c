#include "mail/encoded_word.h"

#include "mail/transfer.h"

/* The lines of a folded value in one, each without its leading blanks. */
static struct span
unfold(struct arena *arena, struct span value)
{
	char *out = arena_text(arena, value.size + 1);
	size_t used = 0;
	struct span rest = value, line;

	if (out == NULL)
		return (struct span){NULL, 0};
	for (bool first = true; span_next_line(&rest, &line); first = false) {
		if (line.data[line.size - 1] == '\n')
			line.size--;
		while (!first && line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
			line = span_skip(line, 1);
		if (line.size > 0)
			memcpy(out + used, line.data, line.size);
		used += line.size;
	}
	return (struct span){out, used};
}

struct encoded_word {
	size_t start; /* of its `=?` */
	char encoding;
	struct span payload;
};

/* Find the first encoded word of a value: =?charset?encoding?payload?= */
static bool
find_word(struct span text, struct encoded_word *word)
{
	word->start = span_find(text, SPAN("=?"));
	if (word->start == SPAN_NONE)
		return false;
	struct span rest = span_skip(text, word->start + 2), field;
	if (!span_next_word(&rest, "?", &field) || !span_next_word(&rest, "?", &field))
		return false;
	word->encoding = field.data[0];
	return span_next_word(&rest, "?", &word->payload);
}

struct span
encoded_word_flatten(struct arena *arena, struct span value, bool *full)
{
	struct encoded_word word;

	if (span_find(value, SPAN("=?")) == SPAN_NONE)
		return value;
	struct span text = unfold(arena, value);
	if (text.data == NULL) {
		*full = true;
		return value;
	}
	if (!find_word(text, &word) || strchr("bBqQ", word.encoding) == NULL || word.encoding == '\0')
		return value;
	char *out = arena_text(arena, word.start + word.payload.size + 1);
	if (out == NULL) {
		*full = true;
		return value;
	}
	if (word.start > 0)
		memcpy(out, text.data, word.start);
	bool base64 = word.encoding == 'b' || word.encoding == 'B';
	return span_of(out, word.start + transfer_decode_text(word.payload, base64, out + word.start));
}
