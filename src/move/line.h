/* Lines of a stream, which is the caller's; bounded. */
#ifndef DSPAM_MOVE_LINE_H
#define DSPAM_MOVE_LINE_H

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"

struct line_reader {
	FILE *in;
	const char *path; /* for errors */
	unsigned long number;
	struct buffer text;
	bool failed;
};

void line_begin(struct line_reader *reader, FILE *in, const char *path, size_t maximum);
void line_end(struct line_reader *reader);

/* The next line without its LF, valid until the next; false: there is none, or, with reader->failed, on errors. */
bool line_next(struct line_reader *reader, struct span *line, struct error *error);

/* "path, line 7: text"; returns false. */
bool line_fail(struct line_reader *reader, struct error *error, const char *text);

#endif
