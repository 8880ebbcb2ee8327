#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK_SIZE ((size_t)64 * 1024)

/* Under AddressSanitizer a gap that may not be touched stands behind each piece. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define GAP ((size_t)8)
#define POISON(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define UNPOISON(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define GAP ((size_t)0)
#define POISON(start, size) ((void)0)
#define UNPOISON(start, size) ((void)0)
#endif

struct block {
	struct block *next;
	size_t size; /* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks; /* the first is the one in use */
	size_t ceiling;
	size_t held; /* sum of all block sizes */
};

struct arena *
arena_new(size_t ceiling)
{
	struct arena *arena = calloc(1, sizeof *arena);

	if (arena == NULL)
		abort();
	arena->ceiling = ceiling;
	return arena;
}

static void
arena_free_block(struct arena *arena, struct block *block)
{
	arena->held -= block->size;
	UNPOISON(block->data, block->size);
	free(block);
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
		next = block->next;
		arena_free_block(arena, block);
	}
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	struct block *keep = arena->blocks;

	while (keep != NULL && keep->size > BLOCK_SIZE)
		keep = keep->next;
	for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
		next = block->next;
		if (block != keep)
			arena_free_block(arena, block);
	}
	arena->blocks = keep;
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
		POISON(keep->data, keep->size);
	}
}

void
arena_limit(struct arena *arena, size_t ceiling)
{
	arena->ceiling = ceiling;
}

size_t
arena_size(const struct arena *arena)
{
	return arena->held;
}

static struct block *
arena_add_block(struct arena *arena, size_t size)
{
	if (size < BLOCK_SIZE)
		size = BLOCK_SIZE;
	if (size > arena->ceiling || arena->held > arena->ceiling - size)
		return NULL;
	struct block *block = malloc(sizeof *block + size);
	if (block == NULL)
		abort();
	block->size = size;
	block->used = 0;
	POISON(block->data, size);
	arena->held += size;
	/* A block for one large piece goes behind the one that still has room. */
	if (arena->blocks != NULL && size > BLOCK_SIZE) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

/* `size` bytes of a block that has room for them and their gap; NULL when it has not. */
static void *
arena_take_from(struct block *block, size_t size, size_t alignment)
{
	size_t start = (block->used + alignment - 1) & ~(alignment - 1);

	if (start > block->size || size + GAP > block->size - start)
		return NULL;
	block->used = start + size + GAP;
	UNPOISON(block->data + start, size);
	return block->data + start;
}

static void *
arena_take(struct arena *arena, size_t size, size_t alignment)
{
	if (size > SIZE_MAX / 2)
		return NULL;
	const size_t least = GAP; /* what is poisoned begins at multiples of it */
	if (alignment < least)
		alignment = least;
	void *memory = arena->blocks != NULL ? arena_take_from(arena->blocks, size, alignment) : NULL;
	if (memory != NULL)
		return memory;
	struct block *block = arena_add_block(arena, size + GAP);
	return block != NULL ? arena_take_from(block, size, alignment) : NULL;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return arena_take(arena, size, alignof(max_align_t));
}

void *
arena_calloc(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	void *memory = arena_alloc(arena, count * size);
	return memory != NULL ? memset(memory, 0, count * size) : NULL;
}

char *
arena_text(struct arena *arena, size_t size)
{
	return arena_take(arena, size, 1);
}

char *
arena_copy(struct arena *arena, struct span text)
{
	char *copy = arena_text(arena, text.size + 1);

	if (copy == NULL)
		return NULL;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	enum { USUAL = 256 };
	char usual[USUAL];
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(usual, sizeof usual, format, arguments);
	char *text = size < 0 ? NULL : arena_text(arena, (size_t)size + 1);
	if (text != NULL && size < USUAL)
		memcpy(text, usual, (size_t)size + 1);
	else if (text != NULL)
		vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}
