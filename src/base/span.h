/*
 * A piece of bytes that somebody else owns.
 *
 * A span never owns memory, is never NUL-terminated, and may hold any byte. It
 * is passed by value. An empty span may have a NULL pointer.
 */
#ifndef DSPAM_BASE_SPAN_H
#define DSPAM_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *data;
	size_t size;
};

/* The span of a string literal. */
#define SPAN(literal) ((struct span){("" literal), sizeof(literal) - 1})

static inline struct span
span_of(const char *data, size_t size)
{
	return (struct span){data, size};
}

/* The span of a C string, without its NUL. */
static inline struct span
span_from(const char *string)
{
	return (struct span){string, strlen(string)};
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The rest after the first `count` bytes; empty when there are fewer. */
static inline struct span
span_skip(struct span text, size_t count)
{
	return count < text.size ? (struct span){text.data + count, text.size - count} : (struct span){NULL, 0};
}

/* At most the first `count` bytes. */
static inline struct span
span_head(struct span text, size_t count)
{
	return (struct span){text.data, count < text.size ? count : text.size};
}

static inline bool
span_starts(struct span text, struct span prefix)
{
	return span_equal(span_head(text, prefix.size), prefix);
}

/* ASCII letters compare without case, all other bytes exactly. */
bool span_starts_nocase(struct span text, struct span prefix);

/* Most texts differ in their first byte: those of one letter differ in the bit of its case at most. */
static inline bool
span_equal_nocase(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || ((a.data[0] ^ b.data[0]) & ~('a' ^ 'A')) == 0) &&
	       span_starts_nocase(a, b);
}

#define SPAN_NONE ((size_t)-1)

/* Offset of the first `byte`, or SPAN_NONE. */
static inline size_t
span_find_byte(struct span text, char byte)
{
	const char *hit = text.size > 0 ? (const char *)memchr(text.data, byte, text.size) : NULL;

	return hit != NULL ? (size_t)(hit - text.data) : SPAN_NONE;
}

/* Offset of the first `needle` (not empty), or SPAN_NONE; _nocase folds ASCII. */
size_t span_find(struct span text, struct span needle);
size_t span_find_nocase(struct span text, struct span needle);

/* Without leading and trailing space, TAB, CR and LF. */
struct span span_trim(struct span text);

/*
 * Cut the next line off `rest`: `line` gets it with its LF (the last one may
 * have none). False when nothing was left.
 */
static inline bool
span_next_line(struct span *rest, struct span *line)
{
	if (rest->size == 0)
		return false;
	size_t end = span_find_byte(*rest, '\n');
	*line = span_head(*rest, end == SPAN_NONE ? rest->size : end + 1);
	*rest = span_skip(*rest, line->size);
	return true;
}

/*
 * Cut the next word off `rest`: words are separated by runs of the bytes in
 * `separators`. False when no word was left.
 */
bool span_next_word(struct span *rest, const char *separators, struct span *word);

/*
 * Cut the next field off `rest`, up to `separator` or the end, and the separator; it may be empty. False when none was
 * left: `rest` has no data behind the last one.
 */
bool span_next_field(struct span *rest, char separator, struct span *field);

/* Whole text as a decimal number; false if it is none or above `maximum`. */
bool span_to_number(struct span text, unsigned long long maximum, unsigned long long *number);

#endif
