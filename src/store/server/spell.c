#include "store/server/spell.h"

void
spell_unsigned(uint64_t number, struct buffer *out)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	buffer_append(out, digits + at, sizeof digits - at);
}

void
spell_signed(int64_t number, struct buffer *out)
{
	if (number < 0)
		buffer_append_byte(out, '-');
	spell_unsigned(number < 0 ? -(uint64_t)number : (uint64_t)number, out);
}

static uint64_t
cut(uint32_t hits)
{
	return hits > INT32_MAX ? INT32_MAX : hits;
}

void
spell_column(const struct store_row *row, enum spell_column column, bool is_unsigned, struct buffer *out)
{
	switch (column) {
	case SPELL_TOKEN:
		(is_unsigned ? spell_unsigned(row->token, out) : spell_signed((int64_t)row->token, out));
		break;
	case SPELL_SPAM:
		spell_unsigned(cut(row->spam), out);
		break;
	case SPELL_INNOCENT:
		spell_unsigned(cut(row->innocent), out);
		break;
	case SPELL_DAY:
		spell_signed(row->day, out);
		break;
	case SPELL_WEIGHT:
		spell_signed(row->weight, out);
		break;
	case SPELL_GRADIENT:
		spell_signed(row->gradient, out);
		break;
	}
}

void
spell_hex(struct span bytes, struct buffer *out)
{
	static const char digits[] = "0123456789abcdef";
	char *text = buffer_reserve(out, bytes.size * 2);

	if (text == NULL)
		return;
	for (size_t i = 0; i < bytes.size; i++) {
		text[2 * i] = digits[(unsigned char)bytes.data[i] >> 4];
		text[2 * i + 1] = digits[bytes.data[i] & 15];
	}
	out->size += bytes.size * 2;
}
