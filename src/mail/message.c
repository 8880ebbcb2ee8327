#include "mail/message.h"

/* Growing arrays double inside the arena; what they leave behind is at most as much again. */
struct vector {
	void *items;
	size_t count, capacity;
};

struct parser {
	struct message *message;
	struct arena *arena;
	struct vector parts, headers;
	size_t *part_headers; /* per part: index of its first header (headers move while they grow) */
	size_t part_headers_capacity;
	struct span boundaries[MESSAGE_BOUNDARIES_MAX]; /* ascending; none begins with another */
	size_t boundary_count;
	bool in_headers;
	bool headers_full;    /* MESSAGE_HEADERS_MAX was met: further lines only belong to the head */
	bool in_content_type; /* a body line began with Content-Type; indented lines follow */
	bool full;            /* the arena's ceiling was met */
};

static void *
vector_add(struct parser *parser, struct vector *vector, size_t item_size)
{
	if (vector->count == vector->capacity) {
		size_t capacity = vector->capacity == 0 ? 16 : vector->capacity * 2;
		char *items = arena_alloc(parser->arena, capacity * item_size);
		if (items == NULL) {
			parser->full = true;
			return NULL;
		}
		if (vector->count > 0)
			memcpy(items, vector->items, vector->count * item_size);
		vector->items = items;
		vector->capacity = capacity;
	}
	char *item = (char *)vector->items + vector->count++ * item_size;
	return memset(item, 0, item_size);
}

static struct mail_part *
current_part(const struct parser *parser)
{
	return (struct mail_part *)parser->parts.items + parser->parts.count - 1;
}

static void
extend(struct span *span, struct span line)
{
	if (span->data == NULL)
		span->data = line.data;
	span->size = (size_t)(line.data + line.size - span->data);
}

static void
begin_part(struct parser *parser)
{
	struct mail_part *part = vector_add(parser, &parser->parts, sizeof *part);

	if (part == NULL)
		return;
	part->type = MAIL_TEXT;
	part->subtype = MAIL_PLAIN;
	parser->in_headers = true;
	parser->in_content_type = false;
}

/* ---- what the MIME headers say ------------------------------------------ */

struct word {
	struct span text;
	int meaning;
};

static int
meaning_of(struct span value, const struct word *words, size_t count, int otherwise)
{
	for (size_t i = 0; i < count; i++)
		if (span_starts_nocase(value, words[i].text))
			return words[i].meaning;
	return otherwise;
}

#define MEANING(value, words, otherwise) meaning_of(value, words, sizeof(words) / sizeof *(words), otherwise)
#define WORD(literal, meaning)                                                                                         \
	{                                                                                                              \
		{literal, sizeof(literal) - 1}, meaning                                                                \
	}

static const struct word types[] = {
	WORD("text", MAIL_TEXT),
	WORD("application", MAIL_APPLICATION),
	WORD("message", MAIL_MESSAGE),
	WORD("multipart", MAIL_MULTIPART),
};

static const struct word subtypes[] = {
	WORD("text/plain", MAIL_PLAIN),
	WORD("text/html", MAIL_HTML),
	WORD("multipart/signed", MAIL_SIGNED),
	WORD("message/rfc822", MAIL_RFC822),
};

static const struct word encodings[] = {
	WORD("7bit", MAIL_7BIT),     WORD("8bit", MAIL_8BIT),     WORD("quoted-printable", MAIL_QUOTED_PRINTABLE),
	WORD("base64", MAIL_BASE64), WORD("binary", MAIL_BINARY),
};

static const struct word dispositions[] = {
	WORD("inline", MAIL_INLINE),
	WORD("attachment", MAIL_ATTACHMENT),
};

/* The text behind `boundary=` in a field or in a body line that looks like one. */
static struct span
boundary_in(struct span text)
{
	static const char ends[] = " \";\t\n";
	size_t at = span_find_nocase(text, SPAN("boundary"));
	struct span boundary;

	if (at == SPAN_NONE)
		return (struct span){NULL, 0};
	struct span rest = span_skip(text, at);
	size_t equals = span_find_byte(rest, '=');
	if (equals == SPAN_NONE)
		return (struct span){NULL, 0};
	rest = span_skip(rest, equals + 1);
	span_next_word(&rest, ends, &boundary);
	return span_head(boundary, MESSAGE_BOUNDARY_SIZE);
}

static int
compare_spans(struct span a, struct span b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size > 0 ? memcmp(a.data, b.data, size) : 0;

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* How many boundaries are not behind `text` in their order. */
static size_t
boundaries_up_to(const struct parser *parser, struct span text)
{
	size_t low = 0, high = parser->boundary_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (compare_spans(parser->boundaries[middle], text) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Whether `text` begins with a boundary. As none begins with another, only the last one
 * that is not behind `text` can be it, so that many boundaries cost a line little.
 */
static bool
begins_with_boundary(const struct parser *parser, struct span text)
{
	size_t index = boundaries_up_to(parser, text);

	return index > 0 && span_starts(text, parser->boundaries[index - 1]);
}

static void
add_boundary(struct parser *parser, struct span boundary)
{
	if (boundary.size == 0 || begins_with_boundary(parser, boundary))
		return;
	size_t at = boundaries_up_to(parser, boundary), end = at;
	/* those that begin with the new one stand right behind it, and are no longer needed */
	while (end < parser->boundary_count && span_starts(parser->boundaries[end], boundary))
		end++;
	if (end == at && parser->boundary_count == MESSAGE_BOUNDARIES_MAX)
		return;
	memmove(&parser->boundaries[at + 1], &parser->boundaries[end],
		(parser->boundary_count - end) * sizeof *parser->boundaries);
	parser->boundaries[at] = boundary;
	parser->boundary_count -= end - at;
	parser->boundary_count++;
}

static void
interpret_header(struct parser *parser, const struct mail_header *header)
{
	struct mail_part *part = current_part(parser);

	if (span_equal_nocase(header->name, SPAN("Content-Type"))) {
		part->type = (enum mail_type)MEANING(header->value, types, MAIL_OTHER);
		part->subtype = (enum mail_subtype)MEANING(header->value, subtypes, MAIL_OTHER_SUBTYPE);
		if (part->type == MAIL_MULTIPART)
			add_boundary(parser, boundary_in(header->value));
	} else if (span_equal_nocase(header->name, SPAN("Content-Transfer-Encoding"))) {
		part->encoding = (enum mail_encoding)MEANING(header->value, encodings, MAIL_ENCODING_OTHER);
	} else if (span_equal_nocase(header->name, SPAN("Content-Disposition"))) {
		part->disposition = (enum mail_disposition)MEANING(header->value, dispositions, MAIL_DISPOSITION_OTHER);
	}
}

/* ---- lines --------------------------------------------------------------- */

/* The header that is being read, or NULL when the part has none yet. */
static struct mail_header *
open_header(const struct parser *parser)
{
	if (parser->headers.count == parser->part_headers[parser->parts.count - 1])
		return NULL;
	return (struct mail_header *)parser->headers.items + parser->headers.count - 1;
}

static void
close_header(struct parser *parser)
{
	struct mail_header *header = open_header(parser);

	if (header == NULL)
		return;
	struct span line = header->raw;
	if (line.data[line.size - 1] == '\n')
		line.size--;
	size_t end = span_find_byte(line, '\n');
	struct span first = span_head(line, end == SPAN_NONE ? line.size : end);
	size_t colon = span_find_byte(first, ':');
	header->name = span_head(line, colon == SPAN_NONE ? first.size : colon);
	header->value = span_skip(line, colon == SPAN_NONE ? first.size : colon + 1);
	while (header->value.size > 0 && (header->value.data[0] == ' ' || header->value.data[0] == '\t'))
		header->value = span_skip(header->value, 1);
	interpret_header(parser, header);
}

static void
header_line(struct parser *parser, struct span line)
{
	struct mail_part *part = current_part(parser);

	if (line.data[0] == '\n' || line.data[0] == '\r') {
		close_header(parser);
		parser->in_headers = false;
		part->body = (struct span){line.data + line.size, 0};
		return;
	}
	struct mail_header *header = open_header(parser);
	bool folded = line.data[0] == ' ' || line.data[0] == '\t';
	extend(&part->head, line);
	if (parser->headers_full)
		return;
	if (folded && header != NULL) {
		extend(&header->raw, line);
		return;
	}
	close_header(parser);
	parser->headers_full = parser->headers.count == MESSAGE_HEADERS_MAX;
	if (parser->headers_full)
		return;
	header = vector_add(parser, &parser->headers, sizeof *header);
	if (header != NULL)
		header->raw = line;
}

static bool
is_boundary(const struct parser *parser, struct span line)
{
	return span_starts(line, SPAN("--")) && parser->parts.count < MESSAGE_PARTS_MAX &&
	       begins_with_boundary(parser, span_skip(line, 2));
}

static void
body_line(struct parser *parser, struct span line)
{
	if (span_starts_nocase(line, SPAN("Content-Type")))
		parser->in_content_type = true;
	else if (line.data[0] != ' ' && line.data[0] != '\t')
		parser->in_content_type = false;
	if (parser->in_content_type)
		add_boundary(parser, boundary_in(line));
	extend(&current_part(parser)->body, line);
}

/* Whether a line of a body that begins so is nothing but text: what most are. */
static bool
is_dull(char first)
{
	return first != '-' && first != 'C' && first != 'c' && first != ' ' && first != '\t';
}

/* ---- the whole ----------------------------------------------------------- */

/* Note where the headers of the newest part begin. */
static bool
remember_part(struct parser *parser)
{
	if (parser->parts.count > parser->part_headers_capacity) {
		size_t capacity = parser->parts.capacity;
		size_t *grown = arena_alloc(parser->arena, capacity * sizeof *grown);
		if (grown == NULL) {
			parser->full = true;
			return false;
		}
		if (parser->part_headers != NULL)
			memcpy(grown, parser->part_headers, parser->part_headers_capacity * sizeof *grown);
		parser->part_headers = grown;
		parser->part_headers_capacity = capacity;
	}
	parser->part_headers[parser->parts.count - 1] = parser->headers.count;
	return true;
}

/* A boundary ends a part also while its headers are read. */
static void
next_line(struct parser *parser, struct span line)
{
	if (parser->in_headers && span_starts(line, SPAN("--")))
		close_header(parser);
	if (is_boundary(parser, line)) {
		begin_part(parser);
		if (!parser->full)
			remember_part(parser);
	} else if (parser->in_headers) {
		header_line(parser, line);
	} else {
		body_line(parser, line);
	}
}

static void
finish(struct parser *parser, struct message *message)
{
	message->parts = parser->parts.items;
	message->part_count = parser->parts.count;
	for (size_t i = 0; i < message->part_count; i++) {
		size_t first = parser->part_headers[i];
		size_t end = i + 1 < message->part_count ? parser->part_headers[i + 1] : parser->headers.count;
		message->parts[i].header_count = end - first;
		if (end > first)
			message->parts[i].headers = (const struct mail_header *)parser->headers.items + first;
	}
}

struct message *
message_parse(struct arena *arena, struct span raw)
{
	struct message *message = arena_calloc(arena, 1, sizeof *message);
	struct parser *parser = arena_calloc(arena, 1, sizeof *parser);
	struct span rest = raw, line;

	if (message == NULL || parser == NULL)
		return NULL;
	*message = (struct message){.raw = raw, .arena = arena};
	parser->message = message;
	parser->arena = arena;
	begin_part(parser);
	if (parser->full || !remember_part(parser))
		return NULL;
	while (span_next_line(&rest, &line)) {
		if (!parser->in_headers && is_dull(line.data[0])) {
			parser->in_content_type = false;
			extend(&current_part(parser)->body, line);
			continue;
		}
		next_line(parser, line);
		if (parser->full)
			return NULL;
	}
	if (parser->in_headers)
		close_header(parser);
	finish(parser, message);
	return message;
}

const struct mail_header *
mail_part_header(const struct mail_part *part, struct span name)
{
	for (size_t i = 0; i < part->header_count; i++)
		if (span_equal_nocase(part->headers[i].name, name))
			return &part->headers[i];
	return NULL;
}
