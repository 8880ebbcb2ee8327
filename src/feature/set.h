/*
 * The set while it is filled, and the hash of a feature.
 *
 * An identifier is XXH3_64(bytes, seed + view * 2^56), where seed is XXH3_64(name, 0xD59A + family) and the name that
 * of a header, in small letters, or of what is counted. Of two texts, the identifier of the first is the seed of the
 * second. Zero is no identifier; 1 stands for it.
 */
#ifndef DSPAM_FEATURE_SET_H
#define DSPAM_FEATURE_SET_H

#include "feature/feature.h"

struct feature_filler;

/* NULL: arena full. */
struct feature_filler *feature_filler_new(struct arena *arena);
struct feature_set *feature_filler_set(struct feature_filler *filler);
struct arena *feature_filler_arena(struct feature_filler *filler);
/* From now on no more than `count` in all, at most FEATURES_MAX: so that a family leaves room for the others. */
void feature_filler_limit(struct feature_filler *filler, size_t count);

struct feature_key {
	enum feature_view view;
	enum feature_family family;
	uint64_t seed;  /* of view, family and name */
	struct span of; /* for people */
};
/* Of a family, or of a family and a name in it, such as that of a header; letters of names are folded. */
struct feature_key feature_key(enum feature_view view, enum feature_family family, struct span name);
/* The same of the content. */
struct feature_key feature_content_key(enum feature_family family, const char *name);

/* Add the feature if it is new. The text lives as long as the set. */
void feature_add(struct feature_filler *filler, const struct feature_key *key, struct span text);
/* The text is copied. */
void feature_add_copy(struct feature_filler *filler, const struct feature_key *key, struct span text);
/* The same as a callback, for who gives words one by one: `context` is a struct feature_taker. */
struct feature_taker {
	struct feature_filler *filler;
	const struct feature_key *key;
};
void feature_take(void *context, struct span text);
void feature_add_pair(struct feature_filler *filler, const struct feature_key *key, struct span text, struct span more);

/* A feature by itself; the text is not copied. */
struct feature feature_alone(const struct feature_key *key, struct span text);

/* Numbers: as they are, up to `maximum`; their magnitude, 0 for 0, n for 2^(n-1) to 2^n - 1. */
void feature_add_number(struct feature_filler *filler, const struct feature_key *key, size_t number, size_t maximum);
void feature_add_magnitude(struct feature_filler *filler, const struct feature_key *key, size_t number);

/* A text that is put together. */
struct phrase {
	char text[200];
	size_t size;
};
void phrase_add(struct phrase *phrase, struct span text);
void phrase_add_number(struct phrase *phrase, size_t number);
/* The number's magnitude, as 2^n. */
void phrase_add_magnitude(struct phrase *phrase, size_t number);
struct span phrase_span(const struct phrase *phrase);

#endif
