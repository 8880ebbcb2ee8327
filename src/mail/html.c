#include "mail/html.h"

#include "base/ascii.h"
#include "mail/html_entity.h"

#define ATTRIBUTE_REACH 50 /* bytes after the tag name in which a link attribute must begin */
#define ENTITY_NAME_MAX 10

struct stripper {
	struct span in;
	size_t at; /* of the next byte to read */
	char *out;
	size_t used;
	bool skip_space; /* after an entity or between cells: white space is swallowed */
};

/* Tags that may carry a link, and in which attribute. */
static const struct {
	struct span tag, attribute;
} links[] = {
	{{"a", 1}, {"href", 4}},           {{"img", 3}, {"src", 3}},          {{"input", 5}, {"src", 3}},
	{{"iframe", 6}, {"src", 3}},       {{"frame", 5}, {"src", 3}},        {{"script", 6}, {"src", 3}},
	{{"form", 4}, {"action", 6}},      {{"embed", 5}, {"src", 3}},        {{"area", 4}, {"href", 4}},
	{{"base", 4}, {"href", 4}},        {{"link", 4}, {"href", 4}},        {{"source", 6}, {"src", 3}},
	{{"body", 4}, {"background", 10}}, {{"blockquote", 10}, {"cite", 4}}, {{"q", 1}, {"cite", 4}},
	{{"ins", 3}, {"cite", 4}},         {{"del", 3}, {"cite", 4}},
};

static const struct span breaking[] = {{"p", 1}, {"tr", 2}, {"option", 6}, {"br", 2}, {"li", 2}, {"div", 3}};
static const struct span breaking_ends[] = {{"select", 6}, {"table", 5}};

/* Their content is not text. */
static const struct span hidden[] = {
	{"applet", 6},  {"embed", 5},    {"frameset", 8}, {"frame", 5},  {"iframe", 6},
	{"noembed", 7}, {"noscript", 8}, {"object", 6},   {"script", 6}, {"style", 5},
};

static bool
is_one_of(struct span name, const struct span *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(name, names[i]))
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

static struct span
rest_of(const struct stripper *stripper)
{
	return span_skip(stripper->in, stripper->at);
}

static void
put(struct stripper *stripper, char byte)
{
	stripper->out[stripper->used++] = byte;
}

static void
put_line_end(struct stripper *stripper)
{
	if (stripper->used > 0 && stripper->out[stripper->used - 1] != '\n' &&
	    stripper->out[stripper->used - 1] != '\r')
		put(stripper, '\n');
}

/* ---- tags ----------------------------------------------------------------- */

/* The link in `tag` (what stands behind the name), empty when there is none of a known scheme. */
static struct span
link_value(struct span tag, struct span attribute)
{
	size_t at = span_find_nocase(span_head(tag, ATTRIBUTE_REACH - 1 + attribute.size), attribute);

	if (at == SPAN_NONE)
		return (struct span){NULL, 0};
	struct span value = span_skip(tag, at + attribute.size);
	while (value.size > 0 && ascii_is_space(value.data[0]))
		value = span_skip(value, 1);
	if (value.size == 0 || value.data[0] != '=')
		return (struct span){NULL, 0};
	value = span_skip(value, 1);
	while (value.size > 0 && ascii_is_space(value.data[0]))
		value = span_skip(value, 1);
	if (value.size > 0 && (value.data[0] == '"' || value.data[0] == '\'')) {
		char quote = value.data[0];
		value = span_skip(value, 1);
		size_t end = span_find_byte(value, quote);
		value = span_head(value, end == SPAN_NONE ? value.size : end);
	}
	if (span_starts_nocase(value, SPAN("http:")) || span_starts_nocase(value, SPAN("https:")) ||
	    span_starts_nocase(value, SPAN("ftp:")))
		return value;
	return (struct span){NULL, 0};
}

/* Write the link of a tag that can have one. False when `name` is no such tag. */
static bool
strip_link(struct stripper *stripper, struct span name, struct span tag)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		if (!span_equal_nocase(links[i].tag, name))
			continue;
		struct span value = link_value(tag, links[i].attribute);
		if (value.size > 0) {
			put(stripper, ' ');
			memmove(stripper->out + stripper->used, value.data, value.size);
			stripper->used += value.size;
			put(stripper, ' ');
		}
		return true;
	}
	return false;
}

/* Go on behind `</name`; at the end of the text if it is not there. */
static void
skip_hidden(struct stripper *stripper, struct span name)
{
	for (;;) {
		struct span rest = rest_of(stripper);
		size_t at = span_find_byte(rest, '<');
		if (at == SPAN_NONE) {
			stripper->at = stripper->in.size;
			return;
		}
		stripper->at += at;
		rest = span_skip(rest, at + 1);
		if (span_starts(rest, SPAN("/")) && span_starts_nocase(span_skip(rest, 1), name))
			return;
		stripper->at++;
	}
}

static void
skip_between_cells(struct stripper *stripper)
{
	struct span rest = rest_of(stripper);

	while (rest.size > 0 && ascii_is_space(rest.data[0]))
		rest = span_skip(rest, 1);
	if (span_starts_nocase(rest, SPAN("<td"))) {
		put(stripper, ' ');
		stripper->skip_space = true;
	}
}

/* What a tag does to the text, besides vanishing. `tag` is what stands between its < and its end. */
static void
interpret_tag(struct stripper *stripper, struct span tag)
{
	bool closing = tag.size > 0 && tag.data[0] == '/';
	struct span text = closing ? span_skip(tag, 1) : tag;
	size_t size = 0;

	while (size < text.size && !ascii_is_space(text.data[size]) && text.data[size] != '/')
		size++;
	struct span name = span_head(text, size), rest = span_skip(text, size);
	if (closing) {
		if (IS_ONE_OF(name, breaking_ends))
			put_line_end(stripper);
		else if (span_equal_nocase(name, SPAN("td")))
			skip_between_cells(stripper);
	} else if (rest.size > 0 && ascii_is_space(rest.data[0]) && strip_link(stripper, name, rest)) {
		return;
	} else if (IS_ONE_OF(name, breaking)) {
		put_line_end(stripper);
	} else if (IS_ONE_OF(name, hidden)) {
		skip_hidden(stripper, name);
	}
}

/* A < that begins no tag: all up to the next < is text, and that < is swallowed. */
static void
copy_literally(struct stripper *stripper)
{
	struct span rest = rest_of(stripper);
	size_t next = span_find_byte(span_skip(rest, 1), '<');
	size_t size = next == SPAN_NONE ? rest.size : next + 1;

	memmove(stripper->out + stripper->used, rest.data, size);
	stripper->used += size;
	stripper->at += next == SPAN_NONE ? size : size + 1;
	stripper->skip_space = false;
}

static void
strip_tag(struct stripper *stripper)
{
	struct span rest = rest_of(stripper);
	char second = rest.size > 1 ? rest.data[1] : '\0';

	if (!ascii_is_letter(second) && second != '/' && second != '!') {
		copy_literally(stripper);
		return;
	}
	size_t end = 1;
	while (end < rest.size && rest.data[end] != '>' && rest.data[end] != '<')
		end++;
	stripper->at += end < rest.size && rest.data[end] == '>' ? end + 1 : end;
	interpret_tag(stripper, span_of(rest.data + 1, end - 1));
}

/* ---- entities ------------------------------------------------------------- */

/* &#0..0NN; is that byte; anything else that begins with &# vanishes up to ; or white space. */
static void
strip_numeric(struct stripper *stripper)
{
	struct span rest = span_skip(rest_of(stripper), 2);
	size_t end = 0, digits = 0;

	while (digits < rest.size && rest.data[digits] == '0')
		digits++;
	if (digits + 2 < rest.size && ascii_is_digit(rest.data[digits]) && ascii_is_digit(rest.data[digits + 1]) &&
	    rest.data[digits + 2] == ';') {
		int code = (rest.data[digits] - '0') * 10 + (rest.data[digits + 1] - '0');
		if (code >= 32)
			put(stripper, (char)code);
	}
	while (end < rest.size && rest.data[end] != ';' && !ascii_is_space(rest.data[end]))
		end++;
	if (end < rest.size && rest.data[end] == ';')
		end++;
	stripper->at += 2 + end;
	stripper->skip_space = true;
}

/* False when what follows the & is no entity. */
static bool
strip_named(struct stripper *stripper)
{
	struct span rest = span_skip(rest_of(stripper), 1);
	size_t end = span_find_byte(span_head(rest, ENTITY_NAME_MAX), ';');

	if (end == SPAN_NONE)
		return false;
	unsigned code = html_entity_code(span_head(rest, end));
	if (code == 0)
		return false;
	if (code < 256)
		put(stripper, (char)code);
	stripper->at += end + 2;
	stripper->skip_space = true;
	return true;
}

static bool
strip_entity(struct stripper *stripper)
{
	if (span_starts(rest_of(stripper), SPAN("&#"))) {
		strip_numeric(stripper);
		return true;
	}
	return strip_named(stripper);
}

size_t
html_strip(struct span in, char *out)
{
	struct stripper stripper = {.in = in, .out = out};

	while (stripper.at < in.size) {
		char byte = in.data[stripper.at];
		if (byte == '<') {
			strip_tag(&stripper);
			continue;
		}
		if (byte == '&' && strip_entity(&stripper))
			continue;
		stripper.at++;
		if (stripper.skip_space && ascii_is_space(byte))
			continue;
		stripper.skip_space = false;
		put(&stripper, byte);
	}
	return stripper.used;
}
