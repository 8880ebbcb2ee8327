#include "move/line.h"

#include <errno.h>

void
line_begin(struct line_reader *reader, FILE *in, const char *path, size_t maximum)
{
	*reader = (struct line_reader){.in = in, .path = path, .text = BUFFER_INIT(maximum)};
}

void
line_end(struct line_reader *reader)
{
	buffer_free(&reader->text);
}

bool
line_fail(struct line_reader *reader, struct error *error, const char *text)
{
	reader->failed = true;
	return error_set(error, ERROR_DATA, "%s, line %lu: %s", reader->path, reader->number, text);
}

bool
line_next(struct line_reader *reader, struct span *line, struct error *error)
{
	int byte = getc_unlocked(reader->in);

	buffer_clear(&reader->text);
	if (byte == EOF)
		return ferror(reader->in) ? line_fail(reader, error, strerror(errno)) : false;
	reader->number++;
	for (; byte != EOF && byte != '\n'; byte = getc_unlocked(reader->in))
		if (!buffer_append_byte(&reader->text, (char)byte))
			return line_fail(reader, error, "is too long");
	*line = buffer_span(&reader->text);
	return true;
}
