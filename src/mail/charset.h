/* Character sets of text: everything becomes UTF-8 (RFC 3629). */
#ifndef DSPAM_MAIL_CHARSET_H
#define DSPAM_MAIL_CHARSET_H

#include "base/arena.h"

/* Bytes of the UTF-8 character at the beginning of a text that is not empty; 0: there is none. */
size_t charset_utf8_size(struct span text);

/*
 * At most `maximum` bytes of a text in UTF-8, without half a character at the end. Text that is UTF-8 already, as ASCII
 * is, is not copied and what it claims to be is ignored. Otherwise it is taken for what it claims, read as browsers do:
 * the larger sets that contain it, windows-1252 where it claims nothing that the system knows. U+FFFD stands for what
 * is no character. Empty when the arena is full.
 */
struct span charset_to_utf8(struct arena *arena, struct span text, struct span charset, size_t maximum);

#endif
