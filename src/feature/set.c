#include "feature/set.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SLOTS = 8192, NAME_SIZE = 64 };

struct feature_filler {
	struct arena *arena;
	struct feature_set set;
	uint16_t slots[SLOTS]; /* 1 + position; 0: free */
};

struct feature_filler *
feature_filler_new(struct arena *arena)
{
	struct feature_filler *filler = arena_calloc(arena, 1, sizeof *filler);

	if (filler == NULL ||
	    (filler->set.features = arena_alloc(arena, FEATURES_MAX * sizeof(struct feature))) == NULL)
		return NULL;
	filler->arena = arena;
	return filler;
}

struct feature_set *
feature_filler_set(struct feature_filler *filler)
{
	return &filler->set;
}

struct arena *
feature_filler_arena(struct feature_filler *filler)
{
	return filler->arena;
}

uint64_t
feature_seed(enum feature_family family, struct span name)
{
	char folded[NAME_SIZE];
	size_t size = name.size < sizeof folded ? name.size : sizeof folded;

	for (size_t i = 0; i < size; i++)
		folded[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] + 32) : name.data[i];
	return XXH3_64bits_withSeed(folded, size, 0xD59A + (uint64_t)family);
}

static void
add(struct feature_filler *filler, const struct feature *feature)
{
	size_t slot = feature->id % SLOTS;

	for (; filler->slots[slot] != 0; slot = (slot + 1) % SLOTS)
		if (filler->set.features[filler->slots[slot] - 1].id == feature->id)
			return;
	if (filler->set.count == FEATURES_MAX)
		return;
	filler->set.features[filler->set.count++] = *feature;
	filler->slots[slot] = (uint16_t)filler->set.count;
}

static uint64_t
hash(const struct feature_key *key, struct span text)
{
	return XXH3_64bits_withSeed(text.data, text.size, key->seed + ((uint64_t)key->view << 56));
}

void
feature_add(struct feature_filler *filler, const struct feature_key *key, struct span text)
{
	add(filler, &(struct feature){.id = hash(key, text),
				      .view = (uint8_t)key->view,
				      .family = (uint8_t)key->family,
				      .of = key->of,
				      .text = text});
}

void
feature_add_pair(struct feature_filler *filler, const struct feature_key *key, struct span text, struct span more)
{
	uint64_t first = hash(key, text);

	add(filler, &(struct feature){.id = XXH3_64bits_withSeed(more.data, more.size, first),
				      .view = (uint8_t)key->view,
				      .family = (uint8_t)key->family,
				      .of = key->of,
				      .text = text,
				      .more = more});
}

struct feature_key
feature_content_key(enum feature_family family, const char *name)
{
	struct span of = span_from(name);

	return (struct feature_key){FEATURE_CONTENT, family, feature_seed(family, of), of};
}

unsigned
feature_log2(size_t number)
{
	unsigned log = 0;

	for (; number > 0; number >>= 1)
		log++;
	return log;
}

void
feature_say(struct feature_filler *filler, const struct feature_key *key, const char *format, ...)
{
	char text[200];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	const char *kept =
		arena_copy(filler->arena, span_of(text, size < (int)sizeof text ? (size_t)size : sizeof text - 1));
	if (kept != NULL)
		feature_add(filler, key, span_from(kept));
}
