/* The mark that carries a signature in the text of a message: !DSPAM:id! */
#ifndef DSPAM_MAIL_EMBEDDED_H
#define DSPAM_MAIL_EMBEDDED_H

#include "base/span.h"

#define EMBEDDED_SIGNATURE_SIZE 127

/*
 * Find the first mark in `text`. `id` is what stands in it: letters, digits, commas and inner
 * blanks, at most EMBEDDED_SIGNATURE_SIZE bytes. `mark` covers it all, with the byte that ends it.
 */
bool embedded_find(struct span text, struct span *id, struct span *mark);

#endif
