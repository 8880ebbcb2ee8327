/* The shape of a text: what it looks like, without what it says. */
#ifndef DSPAM_FEATURE_SHAPE_H
#define DSPAM_FEATURE_SHAPE_H

#include "base/arena.h"

/*
 * Runs of digits, small letters, capitals and bytes beyond ASCII become one of 9, a, A, 8; other bytes stay. At most
 * `maximum` bytes, into `out`; returns how many.
 */
size_t shape_write(struct span text, size_t maximum, char *out);

/* Kinds of words in headers. */
enum shape_kind {
	SHAPE_WORD,
	SHAPE_NAME,    /* with a dot and a letter: perhaps of a host */
	SHAPE_ADDRESS, /* four numbers of at most three digits */
	SHAPE_RANDOM   /* as made by a random generator or a counter: then only its shape is worth remembering */
};
enum shape_kind shape_kind_of(struct span word);
/* The same, when the union of the classes of its bytes is known. */
enum shape_kind shape_kind_by(struct span word, unsigned classes);

#endif
