#include "feature/text.h"

#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/markup.h"
#include "feature/script.h"
#include "mail/charset.h"
#include "mail/transfer.h"

/* ---- parts ------------------------------------------------------------------------ */

static bool
is_image(const struct mail_part *part)
{
	const struct mail_header *type = mail_part_header(part, SPAN("Content-Type"));

	return type != NULL && span_starts_nocase(type->value, SPAN("image/"));
}

static void
count_part(struct feature_text *text, const struct mail_part *part)
{
	text->parts++;
	text->html_parts += part->type == MAIL_TEXT && part->subtype == MAIL_HTML;
	text->plain_parts += part->type == MAIL_TEXT && part->subtype != MAIL_HTML;
	text->attachments += part->disposition == MAIL_ATTACHMENT;
	text->images += is_image(part);
	text->base64_parts += part->encoding == MAIL_BASE64;
	text->quoted_parts += part->encoding == MAIL_QUOTED_PRINTABLE;
}

struct span
feature_parameter(struct span value, struct span name)
{
	enum { LONGEST = 60 };
	size_t begin = span_find_nocase(value, name), size = 0;

	if (begin == SPAN_NONE)
		return SPAN("");
	value = span_skip(value, begin + name.size);
	while (value.size > 0 && (value.data[0] == '"' || value.data[0] == ' '))
		value = span_skip(value, 1);
	while (size < value.size && size < LONGEST && value.data[size] != '"' && value.data[size] != ';' &&
	       !ascii_is_space(value.data[size]))
		size++;
	return span_head(value, size);
}

static struct span
charset_of(const struct mail_part *part)
{
	const struct mail_header *type = mail_part_header(part, SPAN("Content-Type"));

	return type == NULL ? SPAN("") : feature_parameter(span_head(type->value, 1000), SPAN("charset="));
}

/* The body without its transfer coding: not as the tokenizer has it, which leaves attachments alone. At most `limit`
 * bytes. */
static struct span
decode(const struct mail_part *part, size_t limit, struct arena *arena)
{
	struct span body = span_head(part->body, 2 * limit);
	char *out;

	if (part->encoding != MAIL_BASE64 && part->encoding != MAIL_QUOTED_PRINTABLE)
		return span_head(body, limit);
	if ((out = arena_text(arena, body.size + 1)) == NULL)
		return SPAN("");
	size_t size = part->encoding == MAIL_BASE64 ? transfer_decode_base64(body, out)
						    : transfer_decode_quoted_printable(body, out);
	return span_head(span_of(out, size), limit);
}

static bool
is_text(const struct message *message, size_t index)
{
	const struct mail_part *part = &message->parts[index];

	return part->type == MAIL_TEXT || (index == 0 && part->type != MAIL_APPLICATION && part->type != MAIL_OTHER) ||
	       part->type == MAIL_MESSAGE;
}

static bool
is_markup(const struct mail_part *part, struct span body)
{
	struct span start = span_trim(span_head(body, 200));

	return part->subtype == MAIL_HTML || span_starts_nocase(start, SPAN("<html")) ||
	       span_starts_nocase(start, SPAN("<!doc"));
}

/* ---- addresses of the web ------------------------------------------------------------ */

/* [scheme://][user@]host[:port][/path]: where the host ends, what stands behind an @ or a : in it. */
static struct feature_url
take_apart(struct span whole)
{
	bool has_scheme = whole.size > 4 && ascii_lower(whole.data[0]) == 'h';
	size_t begin = has_scheme ? span_find_byte(whole, '/') + 2 : 0, end, colon = SPAN_NONE;

	for (end = begin;
	     end < whole.size && whole.data[end] != '/' && whole.data[end] != '?' && whole.data[end] != '#'; end++) {
		if (whole.data[end] == '@') {
			begin = end + 1;
			colon = SPAN_NONE;
		} else if (whole.data[end] == ':' && colon == SPAN_NONE) {
			colon = end;
		}
	}
	return (struct feature_url){
		.whole = whole,
		.host = span_head(span_skip(whole, begin), (colon != SPAN_NONE ? colon : end) - begin),
		.path = span_skip(whole, end),
		.has_port = colon != SPAN_NONE,
	};
}

void
feature_text_add_url(struct feature_text *text, struct span url)
{
	enum { LONGEST = 500, SHORTEST = 5 };

	if (text->url_count < FEATURE_URLS && url.size >= SHORTEST)
		text->urls[text->url_count++] = take_apart(span_head(url, LONGEST));
}

/* The address at the beginning of a text; empty if there is none. */
static struct span
url_at(struct span rest)
{
	size_t size = 0;

	if (rest.size < 5 || !(ascii_lower(rest.data[0]) == 'h' ? span_starts_nocase(rest, SPAN("http://")) ||
									  span_starts_nocase(rest, SPAN("https://"))
								: span_starts_nocase(rest, SPAN("www."))))
		return SPAN("");
	while (size < rest.size && !byte_is(rest.data[size], BYTE_ENDS_URL))
		size++;
	return span_head(rest, size);
}

struct span
feature_text_url_around(struct span where, size_t at)
{
	static const struct {
		struct span name;
		char sign;
	} names[] = {{{"http", 4}, ':'}, {{"https", 5}, ':'}, {{"www", 3}, '.'}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t size = names[i].name.size;
		if (names[i].sign == where.data[at] && at >= size &&
		    span_starts_nocase(span_of(where.data + at - size, size), names[i].name) &&
		    (at == size || !byte_is(where.data[at - size - 1], BYTE_LETTER)))
			return url_at(span_skip(where, at - size));
	}
	return SPAN("");
}

/* The next `sign` from `from` on; the end if there is none. */
static size_t
next_sign(struct span where, size_t from, char sign)
{
	size_t at = span_find_byte(span_skip(where, from), sign);

	return at == SPAN_NONE ? where.size : from + at;
}

/* Colons and dots are few, and found by looking at many bytes at once. */
static void
find_urls(struct feature_text *text, struct span where)
{
	size_t colon = next_sign(where, 0, ':'), dot = next_sign(where, 0, '.');

	while (colon < where.size || dot < where.size) {
		size_t at = colon < dot ? colon : dot;
		struct span url = feature_text_url_around(where, at);
		size_t next = url.size == 0 ? at + 1 : (size_t)(url.data + url.size - where.data);
		feature_text_add_url(text, url);
		colon = colon < next ? next_sign(where, next, ':') : colon;
		dot = dot < next ? next_sign(where, next, '.') : dot;
	}
}

/* ---- the whole ------------------------------------------------------------------------- */

static void
read_part(struct feature_text *text, const struct mail_part *part, char *out, size_t *used, struct arena *arena)
{
	struct span body = decode(part, FEATURE_DECODED - text->decoded, arena);
	size_t begin = *used;

	text->decoded += body.size;
	body = charset_to_utf8(arena, body, charset_of(part), FEATURE_DECODED);
	if (is_markup(part, body)) {
		text->html += body.size;
		*used += markup_strip(body, text, out + begin, FEATURE_TEXT - begin);
	} else {
		body = script_head(body, FEATURE_TEXT - begin);
		if (body.size > 0)
			memcpy(out + begin, body.data, body.size);
		*used += body.size;
	}
	find_urls(text, span_of(out + begin, *used - begin));
	if (*used < FEATURE_TEXT)
		out[(*used)++] = '\n';
}

struct feature_text *
feature_text_read(struct message *message, struct arena *arena)
{
	struct feature_text *text = arena_calloc(arena, 1, sizeof *text);
	size_t used = 0, size = 3 * message->raw.size + FEATURE_PARTS; /* what bytes of old character sets become */
	char *out = arena_text(arena, size < FEATURE_TEXT ? size : FEATURE_TEXT);

	if (text == NULL || out == NULL || (text->urls = arena_alloc(arena, FEATURE_URLS * sizeof *text->urls)) == NULL)
		return NULL;
	for (size_t i = 0; i < message->part_count && i < FEATURE_PARTS; i++) {
		const struct mail_part *part = &message->parts[i];
		count_part(text, part);
		if (is_text(message, i) && part->body.size > 0 && text->decoded < FEATURE_DECODED &&
		    used < FEATURE_TEXT)
			read_part(text, part, out, &used, arena);
	}
	text->visible = span_of(out, used);
	return text;
}
