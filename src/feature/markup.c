#include "feature/markup.h"

#include "base/ascii.h"
#include "feature/byte.h"
#include "mail/html_entity.h"

struct stripper {
	struct span rest;
	struct feature_text *text;
	char *out;
	size_t size, maximum;
	bool unclosed; /* no > follows: looked for once, or a text of nothing but < would take long */
};

static void
put(struct stripper *stripper, char c)
{
	if (stripper->size < stripper->maximum)
		stripper->out[stripper->size++] = c;
}

/* ---- tags ------------------------------------------------------------------------ */

static struct span
tag_name(struct span tag)
{
	size_t size = 0;

	if (tag.size > 0 && tag.data[0] == '/')
		tag = span_skip(tag, 1);
	while (size < tag.size && (ascii_is_letter(tag.data[size]) || ascii_is_digit(tag.data[size])))
		size++;
	return span_head(tag, size);
}

/* Tags that stand inside of a word as often as not; sizes first, since most names are none of them. */
static bool
is_inline(struct span name)
{
	static const struct span names[] = {
		{"a", 1},   {"b", 1},   {"i", 1},      {"u", 1},    {"s", 1},      {"font", 4},    {"span", 4},
		{"em", 2},  {"tt", 2},  {"strong", 6}, {"big", 3},  {"small", 5},  {"sub", 3},     {"sup", 3},
		{"ins", 3}, {"kbd", 3}, {"var", 3},    {"abbr", 4}, {"strike", 6}, {"acronym", 7},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name.size == names[i].size && span_equal_nocase(name, names[i]))
			return true;
	return name.size == 0;
}

/* Whether text ends with a word, before a sign at `end`. */
static bool
stands_before(struct span tag, size_t end, struct span word)
{
	return end >= word.size && span_equal_nocase(span_of(tag.data + end - word.size, word.size), word);
}

/* Whether what stands at a : or = makes things invisible. */
static bool
hides(struct span tag, size_t at)
{
	static const struct {
		struct span name, value;
	} ways[] = {
		{{"display", 7}, {"none", 4}},
		{{"font-size", 9}, {"0", 1}},
		{{"visibility", 10}, {"hidden", 6}},
	};
	struct span value = span_trim(span_head(span_skip(tag, at + 1), 12));

	if (tag.data[at] == '=')
		return span_starts(value, SPAN("\"1\"")) && stands_before(tag, at, SPAN("size"));
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (span_starts_nocase(value, ways[i].value) && stands_before(tag, at, ways[i].name))
			return true;
	return false;
}

/* The addresses in href, src and the like, and whether it hides something: all of it is around one of three signs. */
static void
take_attributes(struct feature_text *text, struct span tag)
{
	bool hidden = false;

	for (size_t i = 0; i < tag.size; i++) {
		char sign = tag.data[i];
		if (sign != ':' && sign != '=' && sign != '.')
			continue;
		struct span url = feature_text_url_around(tag, i);
		feature_text_add_url(text, url);
		if (url.size > 0)
			i = (size_t)(url.data + url.size - tag.data) - 1;
		else
			hidden = hidden || (sign != '.' && hides(tag, i));
	}
	text->hidden += hidden;
}

/* Past the end tag `name`; what is between is not seen. */
static void
skip_content(struct stripper *stripper, struct span name)
{
	while (stripper->rest.size > 0) {
		size_t end = span_find(stripper->rest, SPAN("</"));
		if (end == SPAN_NONE) {
			stripper->rest = span_skip(stripper->rest, stripper->rest.size);
			return;
		}
		stripper->rest = span_skip(stripper->rest, end);
		if (span_equal_nocase(tag_name(span_skip(stripper->rest, 1)), name))
			return; /* the end tag is taken as any tag */
		stripper->rest = span_skip(stripper->rest, 2);
	}
}

/* At a <: a comment, a tag, or just that sign. */
static void
take_tag(struct stripper *stripper)
{
	struct span rest = span_skip(stripper->rest, 1);

	if (span_starts(rest, SPAN("!--"))) {
		size_t end = span_find(rest, SPAN("-->"));
		stripper->rest = end == SPAN_NONE ? span_skip(rest, rest.size) : span_skip(rest, end + 3);
		return;
	}
	size_t end = stripper->unclosed ? SPAN_NONE : span_find_byte(rest, '>');
	stripper->unclosed = end == SPAN_NONE;
	if (end == SPAN_NONE || rest.size == 0 ||
	    !(ascii_is_letter(rest.data[0]) || rest.data[0] == '/' || rest.data[0] == '!' || rest.data[0] == '?')) {
		put(stripper, '<');
		stripper->rest = rest;
		return;
	}
	struct span tag = span_head(rest, end), name = tag_name(tag);
	stripper->rest = span_skip(rest, end + 1);
	stripper->text->tags++;
	if (tag.size > name.size + 1)
		take_attributes(stripper->text, span_skip(tag, name.size));
	if (!is_inline(name))
		put(stripper, ' ');
	if (tag.data[0] != '/' && (span_equal_nocase(name, SPAN("script")) || span_equal_nocase(name, SPAN("style"))))
		skip_content(stripper, name);
}

/* ---- entities --------------------------------------------------------------------- */

/* UTF-8 */
static void
put_code(struct stripper *stripper, unsigned code)
{
	if (code == 0 || code > 0x10FFFF) {
		put(stripper, ' ');
	} else if (code < 0x80) {
		put(stripper, (char)code);
	} else if (code < 0x800) {
		put(stripper, (char)(0xC0 | code >> 6));
		put(stripper, (char)(0x80 | (code & 0x3F)));
	} else if (code < 0x10000) {
		put(stripper, (char)(0xE0 | code >> 12));
		put(stripper, (char)(0x80 | (code >> 6 & 0x3F)));
		put(stripper, (char)(0x80 | (code & 0x3F)));
	} else {
		put(stripper, (char)(0xF0 | code >> 18));
		put(stripper, (char)(0x80 | (code >> 12 & 0x3F)));
		put(stripper, (char)(0x80 | (code >> 6 & 0x3F)));
		put(stripper, (char)(0x80 | (code & 0x3F)));
	}
}

static unsigned
number_of(struct span digits)
{
	bool hexadecimal = digits.size > 0 && ascii_lower(digits.data[0]) == 'x';
	unsigned code = 0;

	for (size_t i = hexadecimal ? 1 : 0; i < digits.size && code < 0x110000; i++) {
		int digit = ascii_hex(digits.data[i]);
		if (digit < 0 || (!hexadecimal && digit > 9))
			return 0;
		code = code * (hexadecimal ? 16 : 10) + (unsigned)digit;
	}
	return code;
}

/* Characters beyond Latin-1 that stand in words; of the others a blank is as good. */
static unsigned
code_of(struct span name)
{
	static const struct {
		struct span name;
		unsigned code;
	} codes[] = {
		{{"rsquo", 5}, 0x2019},
		{{"zwnj", 4}, 0x200C},
		{{"zwj", 3}, 0x200D},
		{{"euro", 4}, 0x20AC},
	};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (span_equal_nocase(name, codes[i].name))
			return codes[i].code;
	return html_entity_code(name);
}

/* At an &. */
static void
take_entity(struct stripper *stripper)
{
	struct span rest = span_skip(stripper->rest, 1);
	size_t size = 0;
	unsigned code = 0;

	while (size < rest.size && size < 10 &&
	       (ascii_is_letter(rest.data[size]) || ascii_is_digit(rest.data[size]) ||
		(size == 0 && rest.data[0] == '#')))
		size++;
	if (size > 1 && rest.data[0] == '#')
		code = number_of(span_of(rest.data + 1, size - 1));
	else if (size > 0)
		code = code_of(span_head(rest, size));
	if (code == 0) {
		put(stripper, '&');
		stripper->rest = rest;
		return;
	}
	put_code(stripper, code == 160 || code == 256 ? ' ' : code);
	stripper->rest = span_skip(rest, size + (size < rest.size && rest.data[size] == ';' ? 1 : 0));
}

/* Up to the next tag or entity. */
static void
take_text(struct stripper *stripper)
{
	struct span rest = span_head(stripper->rest, stripper->maximum - stripper->size);
	size_t size = span_find_byte(rest, '<');

	rest = span_head(rest, size == SPAN_NONE ? rest.size : size);
	size = span_find_byte(rest, '&');
	size = size == SPAN_NONE ? rest.size : size;
	memcpy(stripper->out + stripper->size, rest.data, size);
	stripper->size += size;
	stripper->rest = span_skip(stripper->rest, size);
}

size_t
markup_strip(struct span in, struct feature_text *text, char *out, size_t maximum)
{
	struct stripper stripper = {.rest = in, .text = text, .out = out, .maximum = maximum};

	while (stripper.rest.size > 0 && stripper.size < maximum) {
		if (stripper.rest.data[0] == '<')
			take_tag(&stripper);
		else if (stripper.rest.data[0] == '&')
			take_entity(&stripper);
		else
			take_text(&stripper);
	}
	return stripper.size;
}
