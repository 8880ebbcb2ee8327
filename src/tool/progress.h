/*
 * How far long work is: one line on a terminal that is written over again and again; nothing elsewhere.
 */
#ifndef DSPAM_TOOL_PROGRESS_H
#define DSPAM_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	bool on;      /* standard error is a terminal */
	bool visible; /* the line is on the screen */
	size_t total;
	const char *what;      /* is counted */
	double started, shown; /* seconds of a clock that never goes back */
};

void progress_begin(struct progress *progress, const char *what, size_t total);

/* `done` of them are; redraws the line at most five times a second. */
void progress_step(struct progress *progress, size_t done);

/* Take the line away, before other output and at the end. */
void progress_clear(struct progress *progress);

/* Pure: "1234 of 6046 messages, 812/s, 0:06 left". */
#define PROGRESS_TEXT_SIZE 120
void progress_text(char text[PROGRESS_TEXT_SIZE], const char *what, size_t done, size_t total, double seconds);

#endif
