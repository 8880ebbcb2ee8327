/* The shape of a text: what it looks like, without what it says. */
#ifndef DSPAM_FEATURE_SHAPE_H
#define DSPAM_FEATURE_SHAPE_H

#include "base/arena.h"

/*
 * Runs of digits, small letters, capitals and bytes beyond ASCII become one of 9, a, A, 8; other bytes stay. At most
 * `maximum` bytes, into `out`; returns how many.
 */
size_t shape_write(struct span text, size_t maximum, char *out);
/* The same in the arena; empty when it is full. */
struct span shape_of(struct arena *arena, struct span text, size_t maximum);

/* Whether a word looks as if it was made by a random generator or a counter: then only its shape is worth remembering.
 */
bool shape_is_random(struct span word);

#endif
