/* Text put into one part of a message, in the transfer coding of that part. */
#ifndef DSPAM_FILTER_MARK_TEXT_H
#define DSPAM_FILTER_MARK_TEXT_H

#include "mail/message.h"

struct mark_text_edit {
	const char *place; /* in the raw message */
	size_t remove;
	struct span insert; /* empty: this part cannot take it */
};

/*
 * How `addition` (lines with LF; may be empty) goes into the text of `part`: before </body> or </html> of
 * HTML, else at the end; encoded for quoted-printable; a base64 part is encoded anew.
 * With `drop_marks` embedded signatures are taken out on the way, where it is encoded anew.
 * A part larger than MARK_BASE64_MAX in base64 stays as it is. False when the arena is full.
 */
#define MARK_BASE64_MAX ((size_t)4 * 1024 * 1024)

bool mark_text(struct arena *arena, const struct mail_part *part, struct span addition, bool drop_marks,
	       struct mark_text_edit *edit);

/* The first embedded signature in a text, with its closing `!` if it has one; false when there is none. */
bool mark_text_find(struct span text, struct span *mark);

/* Every LF that has no CR before it becomes CR LF; data NULL when the arena is full. */
struct span mark_text_crlf(struct arena *arena, struct span text);

#endif
