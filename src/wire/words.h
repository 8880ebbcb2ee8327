/*
 * Arguments as the text of DSPAMPROCESSMODE (dspam-behaviour: protocol 4).
 *
 * With DSPAMEXTENDED a word that is empty, or has blanks, quotes or backslashes, stands in quotes, with \ before a
 * quote and a backslash inside it. DSPAM 3.10 knows no quotes: it splits at blanks, and reads 255 bytes.
 */
#ifndef DSPAM_WIRE_WORDS_H
#define DSPAM_WIRE_WORDS_H

#include "base/buffer.h"

#define WORDS_PLAIN_MAX ((size_t)255)

/* Append one word behind a blank, unless it is the first. */
void words_append(struct buffer *text, struct span word);

/* The same for who does not know quotes: false when the word cannot be written, because there is a blank in it. */
bool words_append_plain(struct buffer *text, struct span word);

#endif
