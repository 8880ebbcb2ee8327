/*
 * Marks in a message: our headers, the subject tag, tag lines and the signature in the text
 * (dspam-behaviour: messages 2, 3, 12). Nothing else of the message changes.
 */
#ifndef DSPAM_FILTER_MARK_H
#define DSPAM_FILTER_MARK_H

#include "base/error.h"
#include "mail/edit.h"
#include "mail/message.h"

struct marks {
	struct span headers;     /* whole lines with LF, put behind the last header; line ends are fitted */
	bool drop_marks;         /* take !DSPAM:...! out of the texts: nobody else's mark may be found later */
	bool drop_old;           /* take out X-DSPAM-* headers that the message brought */
	const char *subject_tag; /* NULL: none */
	struct span tag;         /* lines put at the end of each text; empty: none */
	const char *signature;   /* put into each text; NULL: none */
	bool attach;             /* the signature comes as a part of its own; always so for multipart/signed */
};

/* The marked message as spans, in its arena. False when the arena is full. */
bool mark_message(const struct message *message, const struct marks *marks, struct span **pieces, size_t *count);

#endif
