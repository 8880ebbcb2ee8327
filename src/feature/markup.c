#include "feature/markup.h"

#include "base/ascii.h"
#include "mail/html_entity.h"

struct stripper {
	struct span rest;
	struct feature_text *text;
	char *out;
	size_t size, maximum;
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

static bool
is_one_of(struct span name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (span_equal_nocase(name, span_from(*names)))
			return true;
	return false;
}

/* Tags that stand inside of a word as often as not. */
static bool
is_inline(struct span name)
{
	static const char *const names[] = {"a",      "abbr", "acronym", "b",  "big",   "em",   "font",
					    "i",      "ins",  "kbd",     "s",  "small", "span", "strike",
					    "strong", "sub",  "sup",     "tt", "u",     "var",  NULL};

	return name.size == 0 || is_one_of(name, names);
}

static bool
hides(struct span tag)
{
	return span_find_nocase(tag, SPAN("display:none")) != SPAN_NONE ||
	       span_find_nocase(tag, SPAN("font-size:0")) != SPAN_NONE ||
	       span_find_nocase(tag, SPAN("visibility:hidden")) != SPAN_NONE ||
	       span_find_nocase(tag, SPAN("size=\"1\"")) != SPAN_NONE;
}

/* The addresses in href, src and the like. */
static void
take_urls(struct feature_text *text, struct span tag)
{
	for (size_t i = 0; i + 7 < tag.size; i++) {
		struct span rest = span_skip(tag, i);
		size_t size = 0;
		if (!span_starts_nocase(rest, SPAN("http://")) && !span_starts_nocase(rest, SPAN("https://")) &&
		    !span_starts_nocase(rest, SPAN("www.")))
			continue;
		while (size < rest.size && (unsigned char)rest.data[size] > 32 &&
		       strchr("\"'<>", rest.data[size]) == NULL)
			size++;
		feature_text_add_url(text, span_head(rest, size));
		i += size;
	}
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
	static const char *const unseen[] = {"script", "style", NULL};
	struct span rest = span_skip(stripper->rest, 1);

	if (span_starts(rest, SPAN("!--"))) {
		size_t end = span_find(rest, SPAN("-->"));
		stripper->rest = end == SPAN_NONE ? span_skip(rest, rest.size) : span_skip(rest, end + 3);
		return;
	}
	size_t end = span_find_byte(rest, '>');
	if (end == SPAN_NONE || rest.size == 0 ||
	    !(ascii_is_letter(rest.data[0]) || strchr("/!?", rest.data[0]) != NULL)) {
		put(stripper, '<');
		stripper->rest = rest;
		return;
	}
	struct span tag = span_head(rest, end), name = tag_name(tag);
	stripper->rest = span_skip(rest, end + 1);
	stripper->text->tags++;
	stripper->text->hidden += hides(tag);
	take_urls(stripper->text, tag);
	if (!is_inline(name))
		put(stripper, ' ');
	if (tag.data[0] != '/' && is_one_of(name, unseen))
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
		code = html_entity_code(span_head(rest, size));
	if (code == 0) {
		put(stripper, '&');
		stripper->rest = rest;
		return;
	}
	put_code(stripper, code == 160 || code == 256 ? ' ' : code);
	stripper->rest = span_skip(rest, size + (size < rest.size && rest.data[size] == ';' ? 1 : 0));
}

size_t
markup_strip(struct span in, struct feature_text *text, char *out, size_t maximum)
{
	struct stripper stripper = {.rest = in, .text = text, .out = out, .maximum = maximum};

	while (stripper.rest.size > 0 && stripper.size < maximum) {
		if (stripper.rest.data[0] == '<') {
			take_tag(&stripper);
		} else if (stripper.rest.data[0] == '&') {
			take_entity(&stripper);
		} else {
			put(&stripper, stripper.rest.data[0]);
			stripper.rest = span_skip(stripper.rest, 1);
		}
	}
	return stripper.size;
}
