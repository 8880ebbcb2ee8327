#include "agent/input.h"

#include <errno.h>
#include <unistd.h>

#include "mail/from_line.h"

#define READ_SIZE ((size_t)64 * 1024)

static bool
no_message(struct error *error)
{
	return error_set(error, ERROR_DATA,
			 "there is no message on standard input; give it one, as in: dspam ... < FILE");
}

bool
agent_input_read(int fd, struct buffer *text, struct error *error)
{
	for (;;) {
		char *room = text->size <= AGENT_INPUT_MAX ? buffer_reserve(text, READ_SIZE) : NULL;
		if (room == NULL)
			return error_later(
				error, ERROR_TEMPORARY,
				"the message is larger than %zu MB, the most that is read at once; let the mail "
				"server refuse it, or pass it by dspam",
				AGENT_INPUT_MAX >> 20);
		ssize_t count = read(fd, room, READ_SIZE);
		if (count < 0 && errno != EINTR)
			return error_later(error, ERROR_IO, "standard input: %m");
		if (count == 0)
			break;
		if (count > 0)
			text->size += (size_t)count;
	}
	return text->size > 0 || no_message(error);
}

/* ---- making ready ------------------------------------------------------------------------ */

static void
strip_cr(struct buffer *text)
{
	size_t used = 0;

	for (size_t i = 0; i < text->size; i++)
		if (text->data[i] != '\r' || i + 1 == text->size || text->data[i + 1] != '\n')
			text->data[used++] = text->data[i];
	text->size = used;
}

/*
 * Undo what our mbox does (deliver/mbox.h): copy the text down over itself, from `start` on, without the two LF
 * behind it, and lines such as ">From " without their first byte.
 */
static void
unquote(struct buffer *text, size_t start)
{
	struct span rest = span_skip(buffer_span(text), start);

	if (rest.size >= 3 && memcmp(rest.data + rest.size - 3, "\n\n\n", 3) == 0)
		rest.size -= 2;
	text->size = from_line_unquote(rest, text->data);
}

/* Words are looked for only in parts that have headers, so a text gets one that says nothing. */
static bool
prepend_header(struct buffer *text)
{
	static const char header[] = ": \n\n";
	size_t size = sizeof header - 1;

	if (buffer_reserve(text, size) == NULL)
		return false;
	memmove(text->data + size, text->data, text->size);
	memcpy(text->data, header, size);
	text->size += size;
	return true;
}

bool
agent_input_prepare(const struct agent_site *site, struct buffer *text, struct error *error)
{
	if (site->strip_cr)
		strip_cr(text);
	if (span_starts(buffer_span(text), SPAN("From QUARANTINE"))) {
		struct span rest = buffer_span(text), line;
		span_next_line(&rest, &line);
		unquote(text, line.size);
	}
	if (text->size == 0)
		return no_message(error);
	if (site->document && !prepend_header(text))
		return error_later(error, ERROR_TEMPORARY, "there is no memory for the message");
	return true;
}
