#include "feature/set.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { CAPACITY = 768, SLOTS = 2048, NAME_SIZE = 64 };

struct feature_filler {
	struct arena *arena;
	struct feature_set set;
	size_t capacity, limit;
	uint64_t *slots; /* identifiers, by open addressing, at most half full; 0: free */
	size_t slot_count;
};

struct feature_filler *
feature_filler_new(struct arena *arena)
{
	struct feature_filler *filler = arena_calloc(arena, 1, sizeof *filler);

	if (filler == NULL ||
	    (filler->set.features = arena_alloc(arena, CAPACITY * sizeof *filler->set.features)) == NULL ||
	    (filler->slots = arena_calloc(arena, SLOTS, sizeof *filler->slots)) == NULL)
		return NULL;
	filler->arena = arena;
	filler->capacity = CAPACITY;
	filler->slot_count = SLOTS;
	filler->limit = FEATURES_MAX;
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

void
feature_filler_limit(struct feature_filler *filler, size_t count)
{
	filler->limit = count;
}

/* ---- growing ---------------------------------------------------------------------- */

static bool
more_slots(struct feature_filler *filler)
{
	size_t count = 2 * filler->slot_count, mask = count - 1;
	uint64_t *slots = arena_calloc(filler->arena, count, sizeof *slots);

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < filler->set.count; i++) {
		size_t slot = filler->set.features[i].id & mask;
		while (slots[slot] != 0)
			slot = (slot + 1) & mask;
		slots[slot] = filler->set.features[i].id;
	}
	filler->slots = slots;
	filler->slot_count = count;
	return true;
}

static bool
more_room(struct feature_filler *filler)
{
	size_t capacity = 2 * filler->capacity;
	struct feature *features = arena_alloc(filler->arena, capacity * sizeof *features);

	if (features == NULL)
		return false;
	memcpy(features, filler->set.features, filler->set.count * sizeof *features);
	filler->set.features = features;
	filler->capacity = capacity;
	return true;
}

/* ---- adding ----------------------------------------------------------------------- */

/* A place for a new feature; NULL when it is known, or there is no room. */
static inline struct feature *
new_feature(struct feature_filler *filler, const struct feature_key *key, uint64_t id)
{
	struct feature_set *set = &filler->set;
	size_t mask = filler->slot_count - 1, slot = id & mask;

	for (; filler->slots[slot] != 0; slot = (slot + 1) & mask)
		if (filler->slots[slot] == id)
			return NULL;
	if (set->count >= filler->limit || (set->count == filler->capacity && !more_room(filler)))
		return NULL;
	filler->slots[slot] = id;
	struct feature *feature = &set->features[set->count++];
	*feature =
		(struct feature){.id = id, .view = (uint8_t)key->view, .family = (uint8_t)key->family, .of = key->of};
	if (2 * set->count > filler->slot_count && !more_slots(filler))
		filler->limit = set->count; /* the arena is full: no more */
	return feature;
}

static inline uint64_t
hash(const struct feature_key *key, struct span text)
{
	uint64_t id = XXH3_64bits_withSeed(text.data, text.size, key->seed);

	return id != 0 ? id : 1;
}

struct feature
feature_alone(const struct feature_key *key, struct span text)
{
	return (struct feature){.id = hash(key, text),
				.view = (uint8_t)key->view,
				.family = (uint8_t)key->family,
				.of = key->of,
				.text = text};
}

void
feature_add(struct feature_filler *filler, const struct feature_key *key, struct span text)
{
	struct feature *feature = new_feature(filler, key, hash(key, text));

	if (feature != NULL)
		feature->text = text;
}

void
feature_add_copy(struct feature_filler *filler, const struct feature_key *key, struct span text)
{
	struct feature *feature = new_feature(filler, key, hash(key, text));
	char *copy = feature != NULL ? arena_text(filler->arena, text.size + 1) : NULL;

	if (copy == NULL)
		return;
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	feature->text = span_of(copy, text.size);
}

void
feature_take(void *context, struct span text)
{
	const struct feature_taker *taker = context;

	feature_add_copy(taker->filler, taker->key, text);
}

void
feature_add_pair(struct feature_filler *filler, const struct feature_key *key, struct span text, struct span more)
{
	uint64_t id = XXH3_64bits_withSeed(more.data, more.size, hash(key, text));
	struct feature *feature = new_feature(filler, key, id != 0 ? id : 1);

	if (feature != NULL) {
		feature->text = text;
		feature->more = more;
	}
}

/* ---- keys ------------------------------------------------------------------------- */

static uint64_t
feature_seed(enum feature_family family, struct span name)
{
	char folded[NAME_SIZE];
	size_t size = name.size < sizeof folded ? name.size : sizeof folded;

	for (size_t i = 0; i < size; i++)
		folded[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] + 32) : name.data[i];
	return XXH3_64bits_withSeed(folded, size, 0xD59A + (uint64_t)family);
}

struct feature_key
feature_key(enum feature_view view, enum feature_family family, struct span name)
{
	return (struct feature_key){view, family, feature_seed(family, name) + ((uint64_t)view << 56), name};
}

struct feature_key
feature_content_key(enum feature_family family, const char *name)
{
	return feature_key(FEATURE_CONTENT, family, span_from(name));
}

/* ---- numbers and phrases ------------------------------------------------------------ */

static unsigned
magnitude(size_t number)
{
	unsigned bits = 0;

	for (; number > 0; number >>= 1)
		bits++;
	return bits;
}

void
phrase_add(struct phrase *phrase, struct span text)
{
	size_t room = sizeof phrase->text - phrase->size;

	text = span_head(text, room);
	if (text.size > 0)
		memcpy(phrase->text + phrase->size, text.data, text.size);
	phrase->size += text.size;
}

void
phrase_add_number(struct phrase *phrase, size_t number)
{
	char digits[24];
	size_t begin = sizeof digits;

	do {
		digits[--begin] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	phrase_add(phrase, span_of(digits + begin, sizeof digits - begin));
}

void
phrase_add_magnitude(struct phrase *phrase, size_t number)
{
	phrase_add(phrase, SPAN("2^"));
	phrase_add_number(phrase, magnitude(number));
}

struct span
phrase_span(const struct phrase *phrase)
{
	return span_of(phrase->text, phrase->size);
}

void
feature_add_number(struct feature_filler *filler, const struct feature_key *key, size_t number, size_t maximum)
{
	struct phrase phrase;

	phrase.size = 0;
	phrase_add_number(&phrase, number < maximum ? number : maximum);
	feature_add_copy(filler, key, phrase_span(&phrase));
}

void
feature_add_magnitude(struct feature_filler *filler, const struct feature_key *key, size_t number)
{
	struct phrase phrase;

	phrase.size = 0;
	phrase_add_magnitude(&phrase, number);
	feature_add_copy(filler, key, phrase_span(&phrase));
}
