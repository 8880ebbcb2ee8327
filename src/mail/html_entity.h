/* Named character references of HTML 4 that stand for one byte of Latin-1. */
#ifndef DSPAM_MAIL_HTML_ENTITY_H
#define DSPAM_MAIL_HTML_ENTITY_H

#include "base/span.h"

/*
 * The code of entity `name` (without & and ;), ASCII case ignored: the first match in the order of
 * the table counts, so that eacute is 201 like Eacute; nbsp is a space. 256 for a name of HTML 4
 * beyond Latin-1, which yields no text; 0 for a name that is none.
 */
unsigned html_entity_code(struct span name);

#endif
