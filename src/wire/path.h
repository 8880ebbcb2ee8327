/*
 * Addresses and parameters of MAIL FROM and RCPT TO (RFC 5321 sections 4.1.2 and 4.1.1.11).
 *
 * Spans point into the command line that was given; nothing is copied.
 */
#ifndef DSPAM_WIRE_PATH_H
#define DSPAM_WIRE_PATH_H

#include "base/span.h"

/*
 * Cut "<address>" off the front of `rest`; blanks before it and a source route inside
 * it ("@a,@b:", to be ignored by RFC 5321 appendix C) are dropped. "<>" gives an empty
 * address. False when there are no brackets, something follows the ">" without a
 * blank, or path_valid refuses the address.
 */
bool path_cut(struct span *rest, struct span *address);

/* Whether an address can stand between "<" and ">": no control bytes, no blank or bracket outside quotes. */
bool path_valid(struct span address);

/* Whether any byte is above 127. */
bool path_is_international(struct span text);

/*
 * Cut the next "NAME" or "NAME=value" off `rest`. A value that begins with a quote
 * goes to the closing one (\" stands for a quote inside) and keeps its quotes. False
 * when none is left.
 */
bool path_next_parameter(struct span *rest, struct span *name, struct span *value);

#endif
