/*
 * Memory of one message or request: many small pieces, given back all at once.
 *
 * An arena belongs to one thread at a time. It has a ceiling; a request beyond
 * it gives NULL, which the caller turns into "too large" and never into a crash.
 * Running out of the machine's own memory aborts.
 */
#ifndef DSPAM_BASE_ARENA_H
#define DSPAM_BASE_ARENA_H

#include <stdarg.h>

#include "base/span.h"

struct arena;

/* An empty arena of at most `ceiling` bytes. Never NULL; ended by arena_free. */
struct arena *arena_new(size_t ceiling);
void arena_free(struct arena *arena);

/* Forget everything in it; keeps one block, so a reused arena seldom asks the system. */
void arena_reset(struct arena *arena);

/* A new ceiling, for instance for the next message. */
void arena_limit(struct arena *arena, size_t ceiling);

/* Bytes held from the system. */
size_t arena_size(const struct arena *arena);

/* `size` bytes aligned for any type, not cleared; NULL beyond the ceiling. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
/* `count` cleared elements of `size` bytes. */
void *arena_calloc(struct arena *arena, size_t count, size_t size) __attribute__((malloc, alloc_size(2, 3)));

/* `size` bytes without alignment: for text. */
char *arena_text(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* A NUL-terminated copy; NULL beyond the ceiling. */
char *arena_copy(struct arena *arena, struct span text);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
