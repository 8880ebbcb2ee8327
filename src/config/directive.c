#include "config/directive.h"

#include "base/ascii.h"

enum { NAME_MAXIMUM = 64 }; /* longer names are nobody's typing error */

/* Asked for hundreds of times at every start, so that the first letter is looked at first. */
static const struct directive *
row_of(struct span name)
{
	char letter = name.size > 0 ? ascii_lower(name.data[0]) : '\0';

	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *row = &directive_table[i];
		if (ascii_lower(row->name[0]) == letter && row->type != DIRECTIVE_HEADING &&
		    span_equal_nocase(span_from(row->name), name))
			return row;
	}
	return NULL;
}

const struct directive *
directive_find(struct span name, struct span *suffix)
{
	const struct directive *row = row_of(name);

	*suffix = span_of(NULL, 0);
	if (row != NULL)
		return row;
	size_t dot = span_find_byte(name, '.');
	if (dot == SPAN_NONE)
		return NULL;
	row = row_of(span_head(name, dot));
	if (row == NULL || !(row->flags & (DIRECTIVE_SUFFIX | DIRECTIVE_ONLY_SUFFIX | DIRECTIVE_PROFILED)))
		return NULL;
	*suffix = span_skip(name, dot + 1);
	return suffix->size == 0 ? NULL : row;
}

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

size_t
directive_distance(struct span a, struct span b, size_t limit)
{
	size_t row[NAME_MAXIMUM + 1];

	if (a.size > NAME_MAXIMUM || b.size > NAME_MAXIMUM || a.size > b.size + limit || b.size > a.size + limit)
		return limit + 1;
	for (size_t j = 0; j <= b.size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.size; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.size; j++) {
			size_t change = diagonal + (ascii_lower(a.data[i - 1]) != ascii_lower(b.data[j - 1]));

			diagonal = row[j];
			row[j] = smallest(change, row[j] + 1, row[j - 1] + 1);
		}
	}
	return row[b.size] > limit ? limit + 1 : row[b.size];
}

const char *
directive_nearest(struct span name)
{
	size_t best = name.size < 4 ? 1 : name.size < 12 ? 2 : 3;
	const char *nearest = NULL;

	name = span_head(name, span_find_byte(name, '.'));
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *row = &directive_table[i];

		if (row->type == DIRECTIVE_HEADING || row->type == DIRECTIVE_WRONG)
			continue;
		size_t distance = directive_distance(name, span_from(row->name), best);
		if (distance <= best && (nearest == NULL || distance < best)) {
			best = distance;
			nearest = row->name;
		}
	}
	return nearest;
}

bool
directive_has_word(const char *words, struct span word, bool exact)
{
	struct span rest = span_from(words);
	struct span known;

	while (span_next_word(&rest, " ", &known))
		if (exact ? span_equal(known, word) : span_equal_nocase(known, word))
			return true;
	return false;
}

/* The digits at the beginning of `text`, as far as they fit. */
static bool
leading_number(struct span *text, unsigned base, unsigned long long *number)
{
	size_t used = 0;

	*number = 0;
	for (; used < text->size && ascii_is_digit(text->data[used]) && text->data[used] < '0' + (int)base; used++) {
		if (*number > (~0ULL - base) / base)
			*number = (~0ULL - base) / base;
		*number = *number * base + (unsigned)(text->data[used] - '0');
	}
	*text = span_skip(*text, used);
	return used > 0;
}

/* K, M or G at the end of a size. */
static void
multiply(struct span *rest, unsigned long long *number)
{
	static const char letters[] = "kmg";
	const char *letter = rest->size == 1 ? strchr(letters, ascii_lower(rest->data[0])) : NULL;

	if (letter == NULL || *letter == '\0')
		return;
	unsigned shift = 10U * (unsigned)(letter - letters + 1);
	*number = *number > (~0ULL >> shift) ? ~0ULL : *number << shift;
	*rest = span_of(NULL, 0);
}

static bool
within(const struct directive *directive, unsigned long long *number)
{
	unsigned long long given = *number;

	if (given < directive->minimum)
		*number = directive->minimum;
	if (given > directive->maximum)
		*number = directive->maximum;
	return *number == given;
}

bool
directive_number(const struct directive *directive, const char *value, unsigned long long *number)
{
	struct span rest = span_from(value);

	*number = 0;
	if (directive->type == DIRECTIVE_DAYS && span_equal_nocase(rest, SPAN("off")))
		return true;
	if (!leading_number(&rest, directive->type == DIRECTIVE_MODE ? 8 : 10, number)) {
		if (directive->initial != NULL && strcmp(directive->initial, value) != 0)
			directive_number(directive, directive->initial, number);
		return false;
	}
	if (directive->type == DIRECTIVE_SIZE)
		multiply(&rest, number);
	return within(directive, number) && rest.size == 0;
}
