#include "wire/answer.h"

#include "wire/dot.h"

static void
append_stuffed(const struct span *pieces, size_t count, struct buffer *out)
{
	struct dot_writer writer = {.keep_cr = true};

	for (size_t i = 0; i < count; i++)
		dot_writer_push(&writer, pieces[i], out);
	dot_writer_end(&writer, out);
	if (!out->failed)
		out->size -= 3; /* the dot */
}

/* Where a line begins, and whether it is only a dot so far: both may lie across pieces. */
enum place { LINE_START, LINE_DOT, LINE_DOT_CR, LINE_TEXT };

static enum place
plain_step(enum place place, char byte, struct buffer *out)
{
	if (byte == '\0')
		return place;
	if (place == LINE_DOT_CR && byte != '\n')
		buffer_append_byte(out, '\r');
	if (byte == '\n') {
		buffer_append_string(out, place == LINE_DOT ? " \n" : place == LINE_DOT_CR ? " \r\n" : "\n");
		return LINE_START;
	}
	if (place == LINE_DOT && byte == '\r')
		return LINE_DOT_CR; /* held back */
	buffer_append_byte(out, byte);
	return place == LINE_START && byte == '.' ? LINE_DOT : LINE_TEXT;
}

static void
append_plain(const struct span *pieces, size_t count, struct buffer *out)
{
	enum place place = LINE_START;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < pieces[i].size; k++)
			place = plain_step(place, pieces[i].data[k], out);
	if (place != LINE_START)
		plain_step(place, '\n', out);
}

void
answer_append(enum answer_style style, const struct span *pieces, size_t count, struct buffer *out)
{
	if (style == ANSWER_STUFFED)
		append_stuffed(pieces, count, out);
	else
		append_plain(pieces, count, out);
}
