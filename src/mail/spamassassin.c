#include "mail/spamassassin.h"

#include "mail/message.h"
#include "mail/transfer.h"

#define MARK "X-Spam-"
#define KEPT "X-Spam-Prev-"

static bool
is_marked(const struct mail_part *part)
{
	for (size_t i = 0; i < part->header_count; i++)
		if (span_starts_nocase(part->headers[i].name, SPAN(MARK)))
			return true;
	return false;
}

/* ---- wrapped messages ------------------------------------------------------- */

/* What the Content-Type says, without quotes; empty if nothing. */
static struct span
boundary_of(const struct mail_part *part)
{
	const struct mail_header *type = mail_part_header(part, SPAN("Content-Type"));
	size_t at = type != NULL ? span_find_nocase(type->value, SPAN("boundary=")) : SPAN_NONE;

	if (at == SPAN_NONE)
		return span_of(NULL, 0);
	struct span text = span_skip(type->value, at + strlen("boundary="));
	bool quoted = span_starts(text, SPAN("\""));
	size_t size = 0;
	text = span_skip(text, quoted);
	while (size < text.size && text.data[size] != '"' && text.data[size] != '\r' && text.data[size] != '\n' &&
	       (quoted || (text.data[size] != ';' && text.data[size] != ' ' && text.data[size] != '\t')))
		size++;
	return span_head(text, size);
}

static bool
is_boundary(struct span line, struct span boundary)
{
	struct span rest = span_skip(line, 2 + boundary.size);

	if (!span_starts(line, SPAN("--")) || !span_starts(span_skip(line, 2), boundary))
		return false;
	return span_trim(span_starts(rest, SPAN("--")) ? span_skip(rest, 2) : rest).size == 0;
}

/* Cut the next part off `rest`, which begins behind a boundary line; false when no boundary line ends it. */
static bool
next_part(struct span *rest, struct span boundary, struct span *part)
{
	struct span text = *rest, line;

	while (span_next_line(&text, &line)) {
		if (!is_boundary(line, boundary))
			continue;
		*part = span_of(rest->data, (size_t)(line.data - rest->data));
		*rest = text;
		return true;
	}
	return false;
}

static bool
is_original(const struct mail_part *part)
{
	return span_find_nocase(part->head, SPAN("x-spam-type=original")) != SPAN_NONE ||
	       span_find_nocase(part->head, SPAN("original message before SpamAssassin")) != SPAN_NONE;
}

/* The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1). */
static struct span
without_line_end(struct span text)
{
	text.size -= text.size > 0 && text.data[text.size - 1] == '\n';
	text.size -= text.size > 0 && text.data[text.size - 1] == '\r';
	return text;
}

/* As text it may have been coded on its way. */
static struct span
decoded(struct arena *arena, enum mail_encoding encoding, struct span body)
{
	char *out = NULL;

	if (encoding == MAIL_BASE64 || encoding == MAIL_QUOTED_PRINTABLE)
		out = arena_text(arena, body.size + 1);
	if (out == NULL)
		return body;
	return span_of(out, encoding == MAIL_BASE64 ? transfer_decode_base64(body, out)
						    : transfer_decode_quoted_printable(body, out));
}

/* The message in a part, or nothing. */
static struct span
original_in(struct arena *arena, struct span text)
{
	const struct message *inner = message_parse(arena, text);
	struct span line;

	if (inner == NULL || !is_original(&inner->parts[0]))
		return span_of(NULL, 0);
	/* all behind the head, whatever parts there are in it */
	const char *body = inner->parts[0].body.data;
	if (body == NULL)
		return span_of(NULL, 0);
	struct span original = span_of(body, (size_t)(text.data + text.size - body));
	original = decoded(arena, inner->parts[0].encoding, without_line_end(original));
	if (span_starts(original, SPAN("From ")))
		span_next_line(&original, &line);
	return original;
}

static struct span
unwrap_attachment(struct arena *arena, const struct message *message)
{
	struct span boundary = boundary_of(&message->parts[0]);
	struct span rest = message->raw, part, found;

	if (boundary.size == 0 || !next_part(&rest, boundary, &part))
		return span_of(NULL, 0);
	while (next_part(&rest, boundary, &part)) {
		found = original_in(arena, part);
		if (found.size > 0)
			return found;
	}
	return span_of(NULL, 0);
}

/* ---- headers ---------------------------------------------------------------- */

/* Whether the old value of this header was kept. */
static bool
has_old_value(const struct mail_part *part, struct span name)
{
	for (size_t i = 0; i < part->header_count; i++) {
		struct span kept = part->headers[i].name;
		if (span_starts_nocase(kept, SPAN(KEPT)) && span_equal_nocase(span_skip(kept, strlen(KEPT)), name))
			return true;
	}
	return false;
}

/* The header as it was; empty when there was none. */
static struct span
old_header(const struct mail_part *part, const struct mail_header *header)
{
	if (span_starts_nocase(header->raw, SPAN(KEPT)))
		return span_skip(header->raw, strlen(KEPT));
	if (span_starts_nocase(header->name, SPAN(MARK)) || has_old_value(part, header->name))
		return span_of(NULL, 0);
	return header->raw;
}

/* Whether the headers are all of the head: not so beyond the bounds of message.h. */
static bool
is_whole(const struct mail_part *part)
{
	size_t size = 0;

	for (size_t i = 0; i < part->header_count; i++)
		size += part->headers[i].raw.size;
	return size == part->head.size;
}

static struct span
restore_headers(struct arena *arena, const struct message *message)
{
	const struct mail_part *top = &message->parts[0];
	struct span rest = span_skip(message->raw, (size_t)(top->head.data + top->head.size - message->raw.data));
	char *text = is_whole(top) ? arena_text(arena, message->raw.size) : NULL;
	size_t size = 0;

	if (text == NULL)
		return message->raw;
	for (size_t i = 0; i < top->header_count; i++) {
		struct span header = old_header(top, &top->headers[i]);
		if (header.size > 0)
			memcpy(text + size, header.data, header.size);
		size += header.size;
	}
	if (rest.size > 0)
		memcpy(text + size, rest.data, rest.size);
	return span_of(text, size + rest.size);
}

struct span
spamassassin_unwrap(struct arena *arena, struct span raw)
{
	const struct message *message = raw.size > 0 ? message_parse(arena, raw) : NULL;

	if (message == NULL || !is_marked(&message->parts[0]) || message->parts[0].head.data == NULL)
		return raw;
	struct span original = unwrap_attachment(arena, message);
	return original.size > 0 ? original : restore_headers(arena, message);
}
