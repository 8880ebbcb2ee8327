/* The set while it is filled, and the hash of a feature. */
#ifndef DSPAM_FEATURE_SET_H
#define DSPAM_FEATURE_SET_H

#include "feature/feature.h"

struct feature_filler;

/* NULL: arena full. */
struct feature_filler *feature_filler_new(struct arena *arena);
struct feature_set *feature_filler_set(struct feature_filler *filler);
struct arena *feature_filler_arena(struct feature_filler *filler);

/* A seed of a family, or of a family and a name in it, such as that of a header; letters of names are folded. */
uint64_t feature_seed(enum feature_family family, struct span name);

/* Add the feature if it is new. `of`, `text` and `more` are hashed in this order, but `of` only through the seed. */
struct feature_key {
	enum feature_view view;
	enum feature_family family;
	uint64_t seed;
	struct span of;
};
void feature_add(struct feature_filler *filler, const struct feature_key *key, struct span text);
void feature_add_pair(struct feature_filler *filler, const struct feature_key *key, struct span text, struct span more);
/* A key of the content, of a family and a name in it. */
struct feature_key feature_content_key(enum feature_family family, const char *name);
/* The bits of a number: in steps of this size a count says enough. */
unsigned feature_log2(size_t number);
/* A text that is made by printf, for features that are no words. */
void feature_say(struct feature_filler *filler, const struct feature_key *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
