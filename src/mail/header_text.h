/* Header values as a person reads them: for logs, lists and pages. */
#ifndef DSPAM_MAIL_HEADER_TEXT_H
#define DSPAM_MAIL_HEADER_TEXT_H

#include "base/arena.h"

/*
 * The value on one line, in UTF-8, of at most `maximum` bytes: folded lines joined, all encoded words decoded
 * (RFC 2047, also neighbours that share a character between them), from any character set that the
 * system knows. Bytes that are no UTF-8 are taken for ISO-8859-1, control bytes become blanks, and it ends between two
 * characters. What cannot be decoded stays as it is. NULL: arena full.
 *
 * The tokenizer reads headers in its own, older way: mail/encoded_word.h.
 */
const char *header_text(struct arena *arena, struct span value, size_t maximum);

#endif
