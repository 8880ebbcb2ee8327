#include "wire/dot.h"

static void
reader_line_end(struct dot_reader *reader, struct buffer *out)
{
	buffer_append_byte(out, '\n');
	reader->size += 2;
}

static void
reader_text(struct dot_reader *reader, struct span text, struct buffer *out)
{
	buffer_append_span(out, text);
	reader->size += text.size;
}

/* A byte in the middle of a line; a bare LF ends the line but does not make the next one's dot a closing one. */
static enum dot_reader_state
reader_plain(struct dot_reader *reader, char byte, struct buffer *out)
{
	if (byte == '\r')
		return DOT_READER_CR;
	if (byte == '\n')
		reader_line_end(reader, out);
	else
		reader_text(reader, span_of(&byte, 1), out);
	return DOT_READER_TEXT;
}

static enum dot_reader_state
reader_step(struct dot_reader *reader, char byte, struct buffer *out)
{
	switch (reader->state) {
	case DOT_READER_START:
		return byte == '.' ? DOT_READER_DOT : reader_plain(reader, byte, out);
	case DOT_READER_DOT:
		return byte == '\r' ? DOT_READER_DOT_CR : reader_plain(reader, byte, out);
	case DOT_READER_DOT_CR:
		if (byte == '\n') {
			reader->ended = true;
			return DOT_READER_START;
		}
		reader_text(reader, SPAN("\r"), out);
		return reader_plain(reader, byte, out);
	case DOT_READER_CR:
		if (byte == '\n') {
			reader_line_end(reader, out);
			return DOT_READER_START;
		}
		reader_text(reader, SPAN("\r"), out);
		return reader_plain(reader, byte, out);
	case DOT_READER_TEXT:
		break;
	}
	return reader_plain(reader, byte, out);
}

/* How many bytes of a line, or of a part of one, stand before its end or a CR. */
static size_t
plain_run(struct span line)
{
	size_t cr = span_find_byte(line, '\r');

	if (cr != SPAN_NONE)
		return cr;
	return line.size - (line.data[line.size - 1] == '\n');
}

/* Most lines come whole and have nothing to be taken away but the CR at their end; false: not this one. */
static bool
reader_usual_line(struct dot_reader *reader, struct span line, struct buffer *out)
{
	if (reader->state != DOT_READER_START || line.data[0] == '.' || line.size < 2 ||
	    line.data[line.size - 1] != '\n' || span_find_byte(line, '\r') != line.size - 2)
		return false;
	if (buffer_append(out, line.data, line.size - 1))
		out->data[out->size - 1] = '\n';
	reader->size += line.size;
	return true;
}

static void
reader_line(struct dot_reader *reader, struct span line, struct buffer *out)
{
	while (line.size > 0) {
		size_t run = reader->state == DOT_READER_TEXT ? plain_run(line) : 0;
		if (run > 0) {
			reader_text(reader, span_head(line, run), out);
		} else {
			reader->state = reader_step(reader, line.data[0], out);
			run = 1;
		}
		line = span_skip(line, run);
	}
}

void
dot_reader_push(struct dot_reader *reader, struct span *input, struct buffer *out)
{
	struct span line;

	while (!reader->ended && span_next_line(input, &line))
		if (!reader_usual_line(reader, line, out))
			reader_line(reader, line, out);
}

static void
writer_nuls(struct dot_writer *writer, struct buffer *out)
{
	char *room = buffer_reserve(out, writer->nuls);

	if (room != NULL && writer->nuls > 0) {
		memset(room, '\0', writer->nuls);
		out->size += writer->nuls;
	}
	writer->nuls = 0;
}

static enum dot_writer_state
writer_line_end(struct buffer *out)
{
	buffer_append_string(out, "\r\n");
	return DOT_WRITER_START;
}

/* The byte after a CR, and perhaps NULs, that are still held back. */
static enum dot_writer_state
writer_after_cr(struct dot_writer *writer, char byte, struct buffer *out)
{
	if (byte == '\0') {
		writer->nuls++;
		return DOT_WRITER_CR;
	}
	if (byte == '.')
		return DOT_WRITER_CR_DOT;
	if (byte == '\n' && !writer->keep_cr && writer->nuls == 0)
		return writer_line_end(out);
	buffer_append_byte(out, '\r');
	writer_nuls(writer, out);
	if (byte == '\r')
		return DOT_WRITER_CR;
	if (byte == '\n')
		return writer_line_end(out);
	buffer_append_byte(out, byte);
	return DOT_WRITER_TEXT;
}

/* The CR and the dot that were held back, with the NULs between them; `alone`: some reader could see a line in the dot.
 */
static void
writer_cr_dot(struct dot_writer *writer, bool alone, struct buffer *out)
{
	buffer_append_string(out, alone ? "\r\n." : "\r");
	writer_nuls(writer, out);
	buffer_append_byte(out, '.');
}

/* The byte after a CR and a dot, both held back. */
static enum dot_writer_state
writer_after_cr_dot(struct dot_writer *writer, char byte, struct buffer *out)
{
	writer_cr_dot(writer, byte == '\r' || byte == '\n' || byte == '\0', out);
	if (byte == '\r')
		return DOT_WRITER_CR;
	if (byte == '\n')
		return writer_line_end(out);
	buffer_append_byte(out, byte);
	return DOT_WRITER_TEXT;
}

static enum dot_writer_state
writer_step(struct dot_writer *writer, char byte, struct buffer *out)
{
	if (writer->state == DOT_WRITER_CR)
		return writer_after_cr(writer, byte, out);
	if (writer->state == DOT_WRITER_CR_DOT)
		return writer_after_cr_dot(writer, byte, out);
	if (writer->state == DOT_WRITER_START) {
		if (byte == '\0') {
			writer->nuls++;
			return DOT_WRITER_START;
		}
		if (byte == '.')
			buffer_append_byte(out, '.');
		writer_nuls(writer, out);
	}
	if (byte == '\r')
		return DOT_WRITER_CR;
	if (byte == '\n')
		return writer_line_end(out);
	buffer_append_byte(out, byte);
	return DOT_WRITER_TEXT;
}

/* Most lines are whole and need nothing but a CR at their end; false: not this one. */
static bool
writer_usual_line(const struct dot_writer *writer, struct span line, struct buffer *out)
{
	if (writer->state != DOT_WRITER_START || writer->nuls > 0 || line.data[0] == '.' || line.data[0] == '\0' ||
	    line.data[line.size - 1] != '\n' || span_find_byte(line, '\r') != SPAN_NONE)
		return false;
	buffer_append(out, line.data, line.size - 1);
	buffer_append(out, "\r\n", 2);
	return true;
}

static void
writer_line(struct dot_writer *writer, struct span line, struct buffer *out)
{
	while (line.size > 0) {
		size_t run = writer->state == DOT_WRITER_TEXT ? plain_run(line) : 0;
		if (run > 0) {
			buffer_append(out, line.data, run);
		} else {
			writer->state = writer_step(writer, line.data[0], out);
			run = 1;
		}
		line = span_skip(line, run);
	}
}

void
dot_writer_push(struct dot_writer *writer, struct span text, struct buffer *out)
{
	struct span line;

	while (span_next_line(&text, &line))
		if (!writer_usual_line(writer, line, out))
			writer_line(writer, line, out);
}

void
dot_writer_end(struct dot_writer *writer, struct buffer *out)
{
	if (writer->state == DOT_WRITER_CR_DOT)
		writer_cr_dot(writer, true, out);
	else if (writer->state == DOT_WRITER_CR)
		buffer_append_byte(out, '\r');
	else if (writer->nuls > 0)
		writer->state = DOT_WRITER_TEXT;
	writer_nuls(writer, out);
	if (writer->state != DOT_WRITER_START)
		buffer_append_string(out, "\r\n");
	buffer_append_string(out, ".\r\n");
	writer->state = DOT_WRITER_START;
}
