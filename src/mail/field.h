/* The header fields of a message, without taking it apart: for those who need no more than one of them. */
#ifndef DSPAM_MAIL_FIELD_H
#define DSPAM_MAIL_FIELD_H

#include "base/span.h"

/* Cut the next field, with its folded lines, off `rest`; false at the end of the headers. */
bool mail_field_next(struct span *rest, struct span *field);

/* Whether it is the field `name`, given with its colon; *value is what follows. Letters compare without case. */
bool mail_field_is(struct span field, struct span name, struct span *value);

/*
 * The domain of the address in a From field: what stands behind the last @ of its last <...>, or of the whole value
 * when there is none. Empty: it has no domain.
 */
struct span mail_field_domain(struct span value);

#endif
