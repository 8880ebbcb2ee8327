/*
 * The visible text of HTML, as the original strips it (dspam-behaviour: tokenizer 3).
 *
 * One pass over the bytes, linear in their number: no tree, no nesting. Links of the tags
 * that can carry one come out as ` URL `, the content of scripts, styles and the like
 * vanishes, entities of Latin-1 become bytes.
 */
#ifndef DSPAM_MAIL_HTML_H
#define DSPAM_MAIL_HTML_H

#include "base/span.h"

/* Strip `in` into `out`, which has room for in.size bytes and may be in.data. Returns the bytes written. */
size_t html_strip(struct span in, char *out);

#endif
