#include "wire/imap_response.h"

#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"

enum { DEPTH_MAX = 30 };

/* ---- where it ends ---------------------------------------------------------------- */

void
imap_frame_init(struct imap_frame *frame, size_t limit)
{
	*frame = (struct imap_frame){.text = BUFFER_INIT(limit)};
}

void
imap_frame_free(struct imap_frame *frame)
{
	buffer_free(&frame->text);
}

/* The size in "{12}" or "{12+}" at the end of a line; false when it does not end so. */
static bool
literal_at_end(struct span line, uint64_t *size)
{
	size_t begin = line.size;
	unsigned long long number;

	if (line.size < 3 || line.data[line.size - 1] != '}')
		return false;
	while (begin > 0 && line.data[begin - 1] != '{')
		begin--;
	struct span digits = span_of(line.data + begin, line.size - begin - 1);
	if (digits.size > 0 && digits.data[digits.size - 1] == '+')
		digits.size--;
	if (begin == 0 || !span_to_number(digits, UINT32_MAX, &number))
		return false;
	*size = number;
	return true;
}

/* A line has come to its end: is that the end of the response? */
static void
end_line(struct imap_frame *frame)
{
	struct buffer *text = &frame->text;

	if (text->size > frame->line && text->data[text->size - 1] == '\r')
		text->size--;
	struct span line = span_skip(buffer_span(text), frame->line);
	frame->done = !literal_at_end(line, &frame->literal);
	if (frame->done)
		return;
	buffer_append_byte(text, '\n'); /* what stands between "{5}" and the five bytes */
	frame->line = text->size;
}

static void
take_literal(struct imap_frame *frame, struct span *bytes)
{
	struct span part = span_head(*bytes, frame->literal < bytes->size ? (size_t)frame->literal : bytes->size);

	buffer_append_span(&frame->text, part);
	frame->literal -= part.size;
	*bytes = span_skip(*bytes, part.size);
	frame->line = frame->text.size;
}

static void
take_line(struct imap_frame *frame, struct span *bytes)
{
	size_t end = span_find_byte(*bytes, '\n');
	struct span part = end == SPAN_NONE ? *bytes : span_head(*bytes, end);

	buffer_append_span(&frame->text, part);
	*bytes = span_skip(*bytes, end == SPAN_NONE ? part.size : end + 1);
	if (end != SPAN_NONE && !frame->text.failed)
		end_line(frame);
}

enum imap_frame_status
imap_frame_take(struct imap_frame *frame, struct span *bytes)
{
	if (frame->done) {
		buffer_clear(&frame->text);
		frame->line = 0;
		frame->done = false;
	}
	while (bytes->size > 0 && !frame->done && !frame->text.failed) {
		if (frame->literal > 0)
			take_literal(frame, bytes);
		else
			take_line(frame, bytes);
		if (frame->literal > frame->text.limit)
			return IMAP_FRAME_TOO_LARGE;
	}
	return frame->text.failed ? IMAP_FRAME_TOO_LARGE : frame->done ? IMAP_FRAME_DONE : IMAP_FRAME_MORE;
}

/* ---- words ---------------------------------------------------------------------------- */

static struct imap_word
wrong(struct imap_reader *reader)
{
	reader->rest = SPAN("}"); /* no word begins so: it stays wrong */
	return (struct imap_word){.kind = IMAP_WRONG};
}

static struct imap_word
quoted(struct imap_reader *reader)
{
	struct span rest = span_skip(reader->rest, 1);

	for (size_t i = 0; i < rest.size; i++) {
		if (rest.data[i] == '\\') {
			i++;
		} else if (rest.data[i] == '"') {
			reader->rest = span_skip(rest, i + 1);
			return (struct imap_word){IMAP_STRING, true, span_head(rest, i)};
		}
	}
	return wrong(reader);
}

static struct imap_word
literal(struct imap_reader *reader)
{
	size_t end = span_find_byte(reader->rest, '\n');
	uint64_t size;

	if (end == SPAN_NONE || !literal_at_end(span_head(reader->rest, end), &size))
		return wrong(reader);
	struct span rest = span_skip(reader->rest, end + 1);
	if (size > rest.size)
		return wrong(reader);
	reader->rest = span_skip(rest, (size_t)size);
	return (struct imap_word){IMAP_STRING, false, span_head(rest, (size_t)size)};
}

/* Of "BODY[HEADER.FIELDS (X)]" all until the bracket is one word. */
static struct imap_word
atom(struct imap_reader *reader)
{
	struct span rest = reader->rest;
	size_t size = 0;
	bool in_brackets = false;

	for (; size < rest.size; size++) {
		char byte = rest.data[size];
		if (byte == '[' || byte == ']')
			in_brackets = byte == '[';
		else if (strchr(" (){\"\r\n", byte) != NULL && (!in_brackets || byte == '\r' || byte == '\n'))
			break; /* also a NUL */
	}
	if (size == 0)
		return wrong(reader);
	reader->rest = span_skip(rest, size);
	return (struct imap_word){IMAP_ATOM, false, span_head(rest, size)};
}

struct imap_word
imap_next(struct imap_reader *reader)
{
	while (reader->rest.size > 0 && reader->rest.data[0] == ' ')
		reader->rest = span_skip(reader->rest, 1);
	if (reader->rest.size == 0)
		return (struct imap_word){.kind = IMAP_END};
	switch (reader->rest.data[0]) {
	case '(':
	case ')': {
		enum imap_word_kind kind = reader->rest.data[0] == '(' ? IMAP_OPEN : IMAP_CLOSE;
		reader->rest = span_skip(reader->rest, 1);
		return (struct imap_word){.kind = kind};
	}
	case '"':
		return quoted(reader);
	case '{':
		return literal(reader);
	case '}':
		return wrong(reader);
	default:
		return atom(reader);
	}
}

bool
imap_pass(struct imap_reader *reader, struct imap_word first)
{
	size_t depth = 0;

	for (struct imap_word word = first;; word = imap_next(reader)) {
		if (word.kind == IMAP_END || word.kind == IMAP_WRONG || depth > DEPTH_MAX)
			return false;
		if (word.kind == IMAP_OPEN)
			depth++;
		if (word.kind == IMAP_CLOSE && depth-- == 0)
			return false;
		if (depth == 0)
			return true;
	}
}

bool
imap_is(struct imap_word word, const char *name)
{
	return word.kind == IMAP_ATOM && span_equal_nocase(word.text, span_from(name));
}

bool
imap_number(struct imap_reader *reader, uint64_t maximum, uint64_t *number)
{
	struct imap_word word = imap_next(reader);
	unsigned long long value;

	if (word.kind != IMAP_ATOM || !span_to_number(word.text, maximum, &value))
		return false;
	*number = value;
	return true;
}

bool
imap_text(struct imap_word word, char *text, size_t size)
{
	size_t used = 0;

	if (word.kind != IMAP_ATOM && word.kind != IMAP_STRING)
		return false;
	for (size_t i = 0; i < word.text.size; i++) {
		if (word.quoted && word.text.data[i] == '\\' && i + 1 < word.text.size)
			i++;
		if (used + 1 >= size || word.text.data[i] == '\0')
			return false;
		text[used++] = word.text.data[i];
	}
	text[used] = '\0';
	return true;
}

/* ---- dates and statuses ------------------------------------------------------------------ */

bool
imap_date(struct span text, int64_t *seconds)
{
	char copy[40], sign;
	int hours, minutes, end = 0;
	struct tm time = {0};

	if (text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	const char *zone = strptime(copy, " %d-%b-%Y %H:%M:%S ", &time); /* no program of ours sets a locale */
	if (zone == NULL)
		return false;
	sign = *zone;
	if ((sign != '+' && sign != '-') || strlen(zone) != 5)
		return false;
	for (end = 1; end < 5; end++)
		if (!ascii_is_digit(zone[end]))
			return false;
	hours = (zone[1] - '0') * 10 + zone[2] - '0';
	minutes = (zone[3] - '0') * 10 + zone[4] - '0';
	int64_t offset = (hours * 60 + minutes) * 60;
	*seconds = (int64_t)timegm(&time) - (sign == '-' ? -offset : offset);
	return true;
}

struct imap_status
imap_status_of(struct span rest)
{
	rest = span_trim(rest);
	if (rest.size == 0 || rest.data[0] != '[')
		return (struct imap_status){.text = rest};
	size_t end = span_find_byte(rest, ']');
	if (end == SPAN_NONE)
		return (struct imap_status){.text = rest};
	return (struct imap_status){
		.code = span_head(span_skip(rest, 1), end - 1),
		.text = span_trim(span_skip(rest, end + 1)),
	};
}
