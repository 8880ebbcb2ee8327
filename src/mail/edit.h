/*
 * Changes of a message: what to take out and what to put in, nothing else touched.
 *
 * Edits are given in any order of places, those at one place in the order in which they are to
 * stand. The result is a list of spans, of the message and of what was put in, so
 * that the message itself is never copied. Lives in an arena.
 */
#ifndef DSPAM_MAIL_EDIT_H
#define DSPAM_MAIL_EDIT_H

#include "base/arena.h"

struct edit {
	size_t at;     /* offset in the message */
	size_t remove; /* bytes taken out there */
	struct span insert;
	size_t order;
};

struct edit_list {
	struct arena *arena;
	struct edit *edits;
	size_t count, capacity;
	bool failed; /* the arena is full */
};

/* Edits must not overlap. `insert` is borrowed until the result is used. */
void edit_add(struct edit_list *list, size_t at, size_t remove, struct span insert);

/* The edited message as spans, in the arena of the list; false when it is full. */
bool edit_apply(struct edit_list *list, struct span message, struct span **pieces, size_t *count);

#endif
