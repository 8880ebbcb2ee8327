/*
 * Lines of an mbox that begin with "From " and are no beginning of a message: they have a ">" in front, as have those
 * that began with ">From " themselves (mboxrd).
 */
#ifndef DSPAM_MAIL_FROM_LINE_H
#define DSPAM_MAIL_FROM_LINE_H

#include "base/span.h"

/* Copy `text` to `out` with one > less on lines that are >From, >>From and so on; the new size. `out` may be
 * `text.data`, or stand before it in the same memory. */
size_t from_line_unquote(struct span text, char *out);

#endif
