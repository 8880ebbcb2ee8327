#include "feature/text.h"

#include "base/ascii.h"
#include "feature/markup.h"
#include "mail/part.h"
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

/* The body, decoded: not as the tokenizer has it, which leaves attachments alone. At most `limit` bytes. */
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

static bool
ends_url(char c)
{
	return (unsigned char)c <= 32 || strchr("<>\"'()[]{}|\\^`", c) != NULL;
}

void
feature_text_add_url(struct feature_text *text, struct span url)
{
	if (text->url_count < FEATURE_URLS && url.size > 4)
		text->urls[text->url_count++] = span_head(url, 500);
}

static void
find_urls(struct feature_text *text, struct span where)
{
	for (size_t i = 0; i + 4 < where.size; i++) {
		struct span rest = span_skip(where, i);
		size_t size = 0;
		bool begins = i == 0 || !ascii_is_letter(where.data[i - 1]);
		if (!begins || !(span_starts_nocase(rest, SPAN("http://")) ||
				 span_starts_nocase(rest, SPAN("https://")) || span_starts_nocase(rest, SPAN("www."))))
			continue;
		while (size < rest.size && !ends_url(rest.data[size]))
			size++;
		feature_text_add_url(text, span_head(rest, size));
		i += size;
	}
}

/* ---- the whole ------------------------------------------------------------------------- */

static void
read_part(struct feature_text *text, const struct mail_part *part, char *out, size_t *used, struct arena *arena)
{
	struct span body = decode(part, FEATURE_DECODED - text->decoded, arena);
	size_t begin = *used;

	text->decoded += body.size;
	if (is_markup(part, body)) {
		text->html += body.size;
		*used += markup_strip(body, text, out + begin, FEATURE_TEXT - begin);
	} else {
		body = span_head(body, FEATURE_TEXT - begin);
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
	char *out = arena_text(arena, FEATURE_TEXT);
	size_t used = 0;

	if (text == NULL || out == NULL)
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
