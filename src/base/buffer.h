/*
 * A byte string that grows, up to a limit given when it is made.
 *
 * The buffer owns its memory. When an append would pass the limit nothing is
 * added and `failed` stays set, so that a long row of appends needs one check
 * at its end. Running out of the machine's own memory aborts.
 */
#ifndef DSPAM_BASE_BUFFER_H
#define DSPAM_BASE_BUFFER_H

#include "base/span.h"

struct buffer {
	char *data;
	size_t size;
	size_t capacity;
	size_t limit;
	bool failed;
};

/* An empty buffer of at most `limit` bytes; it holds no memory yet. */
#define BUFFER_INIT(maximum) ((struct buffer){.limit = (maximum)})

/* Give the memory back; the buffer is empty and may be used again. */
void buffer_free(struct buffer *buffer);
/* Empty it, keeping the memory and the limit. */
void buffer_clear(struct buffer *buffer);

bool buffer_append(struct buffer *buffer, const void *data, size_t size);
bool buffer_append_span(struct buffer *buffer, struct span text);
bool buffer_append_string(struct buffer *buffer, const char *text);
bool buffer_append_byte(struct buffer *buffer, char byte);
bool buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `size` more bytes at data + size; the caller then adds to size. NULL beyond the limit. */
char *buffer_reserve(struct buffer *buffer, size_t size);

/* Drop the first `count` bytes. */
void buffer_consume(struct buffer *buffer, size_t count);

static inline struct span
buffer_span(const struct buffer *buffer)
{
	return (struct span){buffer->data, buffer->size};
}

/* The content with a NUL behind it (not counted); NULL beyond the limit. Valid until the next change. */
const char *buffer_string(struct buffer *buffer);

#endif
