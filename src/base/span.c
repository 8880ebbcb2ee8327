#include "base/span.h"

#include "base/ascii.h"

bool
span_starts_nocase(struct span text, struct span prefix)
{
	if (text.size < prefix.size)
		return false;
	for (size_t i = 0; i < prefix.size; i++)
		if (ascii_lower(text.data[i]) != ascii_lower(prefix.data[i]))
			return false;
	return true;
}

size_t
span_find(struct span text, struct span needle)
{
	const char *hit = text.size >= needle.size ? memmem(text.data, text.size, needle.data, needle.size) : NULL;

	return hit != NULL ? (size_t)(hit - text.data) : SPAN_NONE;
}

/* The next `byte` from `at` on; the size if there is none. */
static size_t
next_byte(struct span text, size_t at, char byte)
{
	const char *found = at < text.size ? memchr(text.data + at, byte, text.size - at) : NULL;

	return found != NULL ? (size_t)(found - text.data) : text.size;
}

/* From one first letter to the next, small or capital. */
size_t
span_find_nocase(struct span text, struct span needle)
{
	const char small = ascii_lower(needle.data[0]), capital = ascii_upper(needle.data[0]);
	size_t next_small = next_byte(text, 0, small);
	size_t next_capital = small == capital ? text.size : next_byte(text, 0, capital);

	for (;;) {
		size_t at = next_small < next_capital ? next_small : next_capital;
		if (at + needle.size > text.size)
			return SPAN_NONE;
		if (span_starts_nocase(span_skip(text, at), needle))
			return at;
		if (at == next_small)
			next_small = next_byte(text, at + 1, small);
		else
			next_capital = next_byte(text, at + 1, capital);
	}
}

struct span
span_trim(struct span text)
{
	while (text.size > 0 && ascii_is_space(text.data[0]))
		text = (struct span){text.data + 1, text.size - 1};
	while (text.size > 0 && ascii_is_space(text.data[text.size - 1]))
		text.size--;
	return text;
}

bool
span_next_word(struct span *rest, const char *separators, struct span *word)
{
	size_t start = 0;

	while (start < rest->size && strchr(separators, rest->data[start]) != NULL && rest->data[start] != '\0')
		start++;
	size_t end = start;
	while (end < rest->size && (rest->data[end] == '\0' || strchr(separators, rest->data[end]) == NULL))
		end++;
	*word = span_head(span_skip(*rest, start), end - start);
	*rest = span_skip(*rest, end);
	return word->size > 0;
}

bool
span_next_field(struct span *rest, char separator, struct span *field)
{
	if (rest->data == NULL)
		return false;
	size_t end = span_find_byte(*rest, separator);
	*field = span_head(*rest, end);
	*rest = end == SPAN_NONE ? (struct span){NULL, 0} : span_of(rest->data + end + 1, rest->size - end - 1);
	return true;
}

bool
span_to_number(struct span text, unsigned long long maximum, unsigned long long *number)
{
	unsigned long long value = 0;

	if (text.size == 0)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (!ascii_is_digit(text.data[i]))
			return false;
		unsigned long long digit = (unsigned long long)(text.data[i] - '0');
		if (value > (maximum - digit) / 10 || digit > maximum)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}
