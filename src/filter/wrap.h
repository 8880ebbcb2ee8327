/*
 * A message put as it is into a new multipart/mixed, beside a part that carries the signature:
 * for multipart/signed, which must stay byte for byte the same, and for
 * signatureLocation=attachment (dspam-behaviour: messages 3).
 */
#ifndef DSPAM_FILTER_WRAP_H
#define DSPAM_FILTER_WRAP_H

#include "mail/edit.h"
#include "mail/message.h"

/*
 * Add the edits that wrap `message`. Its Content-* fields move into the first part. `headers` receives
 * the lines that replace them, to stand behind the other headers. Lines end with LF; the caller
 * fits them. False when the arena is full.
 */
struct wrapping {
	struct span headers;
	struct span opening; /* goes before the body */
	struct span closing; /* goes behind it */
};

bool wrap_message(const struct message *message, const char *signature, struct edit_list *edits,
		  struct wrapping *wrapping);

#endif
