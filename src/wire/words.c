#include "wire/words.h"

static bool
has_any(struct span word, const char *bytes)
{
	for (size_t i = 0; i < word.size; i++)
		if (word.data[i] != '\0' && strchr(bytes, word.data[i]) != NULL)
			return true;
	return false;
}

static void
separate(struct buffer *text)
{
	if (text->size > 0)
		buffer_append_byte(text, ' ');
}

void
words_append(struct buffer *text, struct span word)
{
	separate(text);
	if (word.size > 0 && !has_any(word, " \t\"\\")) {
		buffer_append_span(text, word);
		return;
	}
	buffer_append_byte(text, '"');
	for (size_t i = 0; i < word.size; i++) {
		if (word.data[i] == '"' || word.data[i] == '\\')
			buffer_append_byte(text, '\\');
		buffer_append_byte(text, word.data[i]);
	}
	buffer_append_byte(text, '"');
}

bool
words_append_plain(struct buffer *text, struct span word)
{
	if (has_any(word, " \t"))
		return false;
	separate(text);
	return buffer_append_span(text, word.size > 0 ? word : SPAN("\"\""));
}
