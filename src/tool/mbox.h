/*
 * Mailboxes with many messages in one file: where each begins (RFC 4155; quoting: mail/from_line.h).
 *
 * A message begins with a line "From " that is the first of the file or follows an empty line. That line
 * and the empty line that ends a message are no part of it. Takes the file in pieces of any size and
 * holds none of it.
 */
#ifndef DSPAM_TOOL_MBOX_H
#define DSPAM_TOOL_MBOX_H

#include <stdint.h>

#include "base/span.h"

/* Called for each message, when its end is known; false stops the scan. */
typedef bool mbox_message(void *context, uint64_t offset, uint64_t size);

struct mbox_scan {
	mbox_message *each;
	void *context;
	uint64_t position;    /* bytes taken */
	uint64_t line_start;  /* offset of the line that is being read */
	uint64_t empty_start; /* offset of the empty line before it, if there is one */
	uint64_t start;       /* of the message, behind its "From " line */
	uint64_t from_line;   /* of that line; of the message that is given, while it is given */
	size_t matched;       /* bytes of "From " that the line begins with; MBOX_NO_MATCH: other bytes */
	bool after_empty;     /* the line before is empty, or there is none */
	bool only_cr;         /* the line so far is empty, or CR */
	bool in_message, in_from_line, stopped;
};

void mbox_begin(struct mbox_scan *scan, mbox_message *each, void *context);
void mbox_push(struct mbox_scan *scan, struct span bytes);
/* The end of the file: gives the last message. False when a callback stopped the scan. */
bool mbox_end(struct mbox_scan *scan);

#endif
