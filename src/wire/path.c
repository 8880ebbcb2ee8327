#include "wire/path.h"

/* Offset of the first of `bytes` that stands outside quotes, or SPAN_NONE; `open` says whether a quote lacks its end.
 */
static size_t
find_unquoted(struct span text, const char *bytes, bool *open)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < text.size; i++) {
		char c = text.data[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c != '\0' && strchr(bytes, c) != NULL)
			break;
	}
	*open = quoted;
	return i < text.size ? i : SPAN_NONE;
}

static bool
has_control_byte(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] < 32 || text.data[i] == 127)
			return true;
	return false;
}

bool
path_valid(struct span address)
{
	bool open;

	return !has_control_byte(address) && find_unquoted(address, "<> ", &open) == SPAN_NONE && !open;
}

/* Without a way out of the loop, so that it takes many bytes at once: whole messages are asked about as well. */
bool
path_is_international(struct span text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.size; i++)
		all |= (unsigned char)text.data[i];
	return all > 127;
}

bool
path_cut(struct span *rest, struct span *address)
{
	struct span text = *rest;
	bool open;

	while (text.size > 0 && text.data[0] == ' ')
		text = span_skip(text, 1);
	if (!span_starts(text, SPAN("<")))
		return false;
	text = span_skip(text, 1);
	size_t end = find_unquoted(text, ">", &open);
	if (end == SPAN_NONE)
		return false;
	*address = span_head(text, end);
	*rest = span_skip(text, end + 1);
	if (rest->size > 0 && rest->data[0] != ' ')
		return false;
	if (span_starts(*address, SPAN("@"))) {
		size_t colon = find_unquoted(*address, ":", &open);
		if (colon == SPAN_NONE)
			return false;
		*address = span_skip(*address, colon + 1);
	}
	return path_valid(*address);
}

bool
path_next_parameter(struct span *rest, struct span *name, struct span *value)
{
	struct span text = *rest;
	bool open;

	while (text.size > 0 && text.data[0] == ' ')
		text = span_skip(text, 1);
	if (text.size == 0)
		return false;
	size_t end = find_unquoted(text, " ", &open);
	struct span word = span_head(text, end);
	size_t sign = span_find_byte(word, '=');
	*rest = span_skip(text, word.size);
	*name = span_head(word, sign);
	*value = sign == SPAN_NONE ? (struct span){NULL, 0} : span_of(word.data + sign + 1, word.size - sign - 1);
	return true;
}
