#include "mail/from_line.h"

static bool
is_quoted(struct span line)
{
	size_t quotes = 0;

	while (quotes < line.size && line.data[quotes] == '>')
		quotes++;
	return quotes > 0 && span_starts(span_skip(line, quotes), SPAN("From "));
}

size_t
from_line_unquote(struct span text, char *out)
{
	struct span line;
	size_t used = 0;

	while (span_next_line(&text, &line)) {
		line = span_skip(line, is_quoted(line));
		memmove(out + used, line.data, line.size);
		used += line.size;
	}
	return used;
}
