/* HTML as a person sees it: tags within a word vanish, tags between blocks part words. */
#ifndef DSPAM_FEATURE_MARKUP_H
#define DSPAM_FEATURE_MARKUP_H

#include "feature/text.h"

/*
 * Write the visible text of `in`, at most `maximum` bytes, and give the addresses in its attributes to `text`, whose
 * tags are counted. One pass; any bytes will do. Returns the bytes written.
 */
size_t markup_strip(struct span in, struct feature_text *text, char *out, size_t maximum);

/*
 * The address of the web around its first sign, at `at`: the : behind http or https, the . behind www; empty if there
 * is none (text.c).
 */
struct span feature_text_url_around(struct span where, size_t at);
/* An address that stands in the message; an empty one is none. */
void feature_text_add_url(struct feature_text *text, struct span url);

#endif
