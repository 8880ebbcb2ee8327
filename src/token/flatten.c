#include "token/flatten.h"

#include "mail/embedded.h"
#include "mail/encoded_word.h"
#include "mail/html.h"
#include "mail/part.h"
#include "mail/transfer.h"

#define HEADER_LINE_MAX 1023   /* bytes of a header line with its LF; the rest is cut off */
#define HEADER_LINE_GROWTH 3   /* at most this much longer than the raw field */
#define HEADER_VALUE_MAX 16384 /* bytes of a field that are looked at; far more than a line can hold */

struct flattener {
	struct message *message;
	const struct flatten_options *options;
	char *header, *body;
	size_t header_used, body_used;
	size_t header_room, body_room;
	bool signed_seen; /* from a multipart/signed on, nothing is decoded in place */
	bool full;
};

/* Append without NULs, which the original's strings could not hold. */
static size_t
copy_text(char *out, struct span text)
{
	size_t used = 0;

	if (text.size > 0 && memchr(text.data, '\0', text.size) == NULL) {
		memcpy(out, text.data, text.size);
		return text.size;
	}
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] != '\0')
			out[used++] = text.data[i];
	return used;
}

static void
flatten_header(struct flattener *flattener, const struct mail_header *header, bool declared_8bit)
{
	char *line = flattener->header + flattener->header_used;
	struct span value = span_head(header->value, HEADER_VALUE_MAX);
	struct span name = span_head(header->name, HEADER_VALUE_MAX);
	size_t size;

	if (flattener->header_used + 2 * HEADER_VALUE_MAX + HEADER_LINE_GROWTH > flattener->header_room)
		return;
	value = encoded_word_flatten(flattener->message->arena, value, &flattener->full);
	if (declared_8bit && span_equal_nocase(header->name, SPAN("Content-Transfer-Encoding")))
		value = SPAN("8bit");
	size = copy_text(line, name);
	line[size++] = ':';
	line[size++] = ' ';
	size += copy_text(line + size, value);
	line[size++] = '\n';
	flattener->header_used += size < HEADER_LINE_MAX ? size : HEADER_LINE_MAX;
}

/* Take the first mark of a part out, as the original did. */
static struct span
without_signature(struct span text, char *out)
{
	struct span id, mark;

	if (!embedded_find(text, &id, &mark))
		return text;
	size_t before = (size_t)(mark.data - text.data);
	struct span behind = span_skip(text, before + mark.size);
	memmove(out, text.data, before);
	if (behind.size > 0)
		memmove(out + before, behind.data, behind.size);
	return (struct span){out, before + behind.size};
}

static void
flatten_body(struct flattener *flattener, struct mail_part *part, bool in_place)
{
	struct span text = mail_part_decode(flattener->message, part, &flattener->full);
	char *out = flattener->body + flattener->body_used;
	bool coded = mail_part_is_coded(part);
	bool eight_bit = coded ? in_place : part->encoding == MAIL_8BIT;

	text = span_head(text, flattener->body_room - flattener->body_used);
	text = (struct span){out, copy_text(out, text)};
	if (flattener->options->cut_signatures && !flattener->signed_seen)
		text = without_signature(text, out);
	if (eight_bit)
		text.size = transfer_decode_percent(text, out);
	if (eight_bit)
		text.size = strnlen(out, text.size);
	if (part->subtype == MAIL_HTML)
		text.size = html_strip(text, out);
	flattener->body_used += text.size;
}

static void
flatten_part(struct flattener *flattener, size_t index)
{
	struct mail_part *part = &flattener->message->parts[index];

	if (part->type == MAIL_MULTIPART && part->subtype == MAIL_SIGNED)
		flattener->signed_seen = true;
	bool read = mail_part_is_read(flattener->message, index);
	bool in_place =
		read && mail_part_is_coded(part) && flattener->options->decoded_in_place && !flattener->signed_seen;
	for (size_t i = 0; i < part->header_count && !flattener->full; i++)
		flatten_header(flattener, &part->headers[i], in_place);
	if (read && !flattener->full)
		flatten_body(flattener, part, in_place);
}

static size_t
at_most(size_t size, size_t maximum)
{
	return size < maximum ? size : maximum;
}

static bool
reserve(struct flattener *flattener)
{
	const struct message *message = flattener->message;
	size_t header = 2 * HEADER_VALUE_MAX + HEADER_LINE_GROWTH, body = 1;

	for (size_t i = 0; i < message->part_count; i++) {
		const struct mail_part *part = &message->parts[i];
		header += part->head.size + part->header_count * HEADER_LINE_GROWTH;
		body += part->body.size + 1;
	}
	flattener->header_room = at_most(header, FLATTEN_HEADER_MAX);
	flattener->body_room = at_most(body, FLATTEN_BODY_MAX);
	flattener->header = arena_text(message->arena, flattener->header_room);
	flattener->body = arena_text(message->arena, flattener->body_room);
	return flattener->header != NULL && flattener->body != NULL;
}

static struct span
or_blank(const char *text, size_t size)
{
	return size > 0 ? span_of(text, size) : SPAN(" ");
}

bool
flatten(struct message *message, const struct flatten_options *options, struct flat *flat)
{
	struct flattener flattener = {.message = message, .options = options};

	if (!reserve(&flattener))
		return false;
	for (size_t i = 0; i < message->part_count && !flattener.full; i++)
		flatten_part(&flattener, i);
	flat->header = or_blank(flattener.header, flattener.header_used);
	flat->body = or_blank(flattener.body, flattener.body_used);
	return !flattener.full;
}
