#include "mail/field.h"

#include "base/ascii.h"

bool
mail_field_next(struct span *rest, struct span *field)
{
	struct span line;

	if (!span_next_line(rest, &line) || span_trim(line).size == 0)
		return false;
	*field = line;
	while (rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t') && span_next_line(rest, &line))
		field->size += line.size;
	return true;
}

bool
mail_field_is(struct span field, struct span name, struct span *value)
{
	if (!span_starts_nocase(field, name))
		return false;
	*value = span_skip(field, name.size);
	return true;
}

/* Behind the last `byte`; empty if there is none. */
static struct span
behind_last(struct span text, char byte)
{
	for (size_t i = text.size; i > 0; i--)
		if (text.data[i - 1] == byte)
			return span_skip(text, i);
	return (struct span){NULL, 0};
}

static bool
is_of_domain(char byte)
{
	return ascii_is_letter(byte) || ascii_is_digit(byte) || byte == '.' || byte == '-' || byte == '_' ||
	       (unsigned char)byte > 127;
}

struct span
mail_field_domain(struct span value)
{
	struct span address = behind_last(value, '<');
	struct span domain =
		behind_last(address.size > 0 ? span_head(address, span_find_byte(address, '>')) : value, '@');
	size_t size = 0;

	while (size < domain.size && is_of_domain(domain.data[size]))
		size++;
	return span_head(domain, size);
}
