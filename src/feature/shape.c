#include "feature/shape.h"

#include "feature/byte.h"

enum { RUNS = BYTE_DIGIT | BYTE_LOWER | BYTE_UPPER | BYTE_BEYOND };

static const char stands_for[RUNS + 1] = {
	[BYTE_DIGIT] = '9', [BYTE_LOWER] = 'a', [BYTE_UPPER] = 'A', [BYTE_BEYOND] = '8'};

/* No processor foresees where a run ends: so all is written, and what is of the same run written over. */
size_t
shape_write(struct span text, size_t maximum, char *out)
{
	size_t size = 0;
	unsigned last = 0;

	for (size_t i = 0; i < text.size && size < maximum; i++) {
		unsigned class = byte_classes[(unsigned char)text.data[i]] & RUNS;
		out[size] = (char)(text.data[i] * (class == 0) + stands_for[class]);
		size += (class & last) == 0;
		last = class;
	}
	return size;
}

static bool
is_address(struct span word)
{
	size_t numbers = 0, digits = 0;

	for (size_t i = 0; i <= word.size; i++) {
		if (i < word.size && byte_is(word.data[i], BYTE_DIGIT)) {
			if (++digits > 3)
				return false;
		} else if (digits > 0 && (i == word.size || word.data[i] == '.')) {
			numbers++;
			digits = 0;
		} else {
			return false;
		}
	}
	return numbers == 4;
}

/* Of a word with digits. */
static bool
is_random(struct span word)
{
	size_t digits = 0, letters = 0, changes = 0;
	unsigned last = 0;

	for (size_t i = 0; i < word.size; i++) {
		unsigned class = byte_classes[(unsigned char)word.data[i]];
		unsigned kind = class & BYTE_LETTER ? BYTE_LETTER : class & BYTE_DIGIT;
		if (kind == 0)
			continue;
		letters += kind == BYTE_LETTER;
		digits += kind == BYTE_DIGIT;
		changes += last != 0 && kind != last;
		last = kind;
	}
	return digits >= 5 || (digits >= 4 && letters > 0 && changes >= 2);
}

enum shape_kind
shape_kind_by(struct span word, unsigned classes)
{
	enum { LONGEST = 24, SHORTEST_ADDRESS = 7, RANDOM_DIGITS = 4 };

	if (classes & BYTE_DIGIT) {
		if (!(classes & BYTE_LETTER) && (classes & BYTE_DOT) && word.size >= SHORTEST_ADDRESS &&
		    is_address(word))
			return SHAPE_ADDRESS;
		if (word.size >= RANDOM_DIGITS && is_random(word))
			return SHAPE_RANDOM;
	}
	if (word.size > LONGEST && !(classes & (BYTE_DOT | BYTE_BEYOND)))
		return SHAPE_RANDOM;
	return (classes & BYTE_DOT) && (classes & BYTE_LETTER) ? SHAPE_NAME : SHAPE_WORD;
}

enum shape_kind
shape_kind_of(struct span word)
{
	unsigned classes = 0;

	for (size_t i = 0; i < word.size; i++)
		classes |= byte_classes[(unsigned char)word.data[i]];
	return shape_kind_by(word, classes);
}
