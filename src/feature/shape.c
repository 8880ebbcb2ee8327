#include "feature/shape.h"

#include "base/ascii.h"

static char
class_of(char c)
{
	if (ascii_is_digit(c))
		return '9';
	if (c >= 'a' && c <= 'z')
		return 'a';
	if (c >= 'A' && c <= 'Z')
		return 'A';
	return (unsigned char)c >= 128 ? '8' : '\0';
}

size_t
shape_write(struct span text, size_t maximum, char *out)
{
	size_t size = 0;
	char last = '\0';

	for (size_t i = 0; i < text.size && size < maximum; i++) {
		char class = class_of(text.data[i]);
		if (class == '\0' || class != last)
			out[size++] = class == '\0' ? text.data[i] : class;
		last = class;
	}
	return size;
}

struct span
shape_of(struct arena *arena, struct span text, size_t maximum)
{
	char *out = arena_text(arena, maximum);

	return out == NULL ? SPAN("") : span_of(out, shape_write(text, maximum, out));
}

bool
shape_is_random(struct span word)
{
	size_t digits = 0, letters = 0, changes = 0, dots = 0, beyond = 0;
	char last = '\0';

	for (size_t i = 0; i < word.size; i++) {
		char c = word.data[i], class = ascii_is_digit(c) ? '9' : ascii_is_letter(c) ? 'a' : '\0';
		digits += class == '9';
		letters += class == 'a';
		dots += c == '.';
		beyond += (unsigned char)c >= 128;
		changes += class != '\0' && last != '\0' && class != last;
		if (class != '\0')
			last = class;
	}
	return digits >= 5 || (digits >= 4 && letters > 0 && changes >= 2) ||
	       (word.size > 24 && dots == 0 && beyond == 0);
}
