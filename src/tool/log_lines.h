/*
 * Which lines of a log are young enough to stay (dspam_logrotate).
 *
 * A line begins with its time in seconds and a TAB. Younger or as old as `oldest`: it stays. Older lines, and all that
 * begin otherwise, such as the empty lines of user logs, go. Takes the log in pieces of any size and holds nothing
 * but the digits at the beginning of a line.
 */
#ifndef DSPAM_TOOL_LOG_LINES_H
#define DSPAM_TOOL_LOG_LINES_H

#include <stdint.h>

#include "base/span.h"

/* Called with text of lines that stay, in order; false when it cannot take it. */
typedef bool log_lines_keep(void *context, struct span text);

#define LOG_LINES_DIGITS 20

struct log_lines {
	log_lines_keep *keep;
	void *context;
	int64_t oldest;
	uint64_t dropped; /* lines */
	uint64_t timed;   /* lines that begin with a time */
	bool failed;      /* `keep` could not */
	/* the line that is being read */
	enum { LOG_LINE_TIME, LOG_LINE_KEPT, LOG_LINE_DROPPED } state;
	char digits[LOG_LINES_DIGITS + 1];
	size_t digit_count;
	bool begun;
};

void log_lines_begin(struct log_lines *lines, int64_t oldest, log_lines_keep *keep, void *context);
void log_lines_push(struct log_lines *lines, struct span bytes);
/* The end of the log: a last line without LF counts, too. False when `keep` could not take all. */
bool log_lines_end(struct log_lines *lines);

#endif
