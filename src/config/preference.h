/*
 * The table of preferences: what a user may set for himself.
 *
 * What their values do is filter/preferences.h; here stand the names, what they
 * accept, and their documentation. The table is constant; any thread may read it.
 */
#ifndef DSPAM_CONFIG_PREFERENCE_H
#define DSPAM_CONFIG_PREFERENCE_H

#include "base/span.h"

enum preference_type {
	PREFERENCE_SWITCH,      /* on or off, lower case */
	PREFERENCE_WORD,        /* one of `words`, lower case */
	PREFERENCE_FOLDED,      /* one of `words`, any case */
	PREFERENCE_NUMBER,      /* 0 to maximum */
	PREFERENCE_PROBABILITY, /* 0 to 1, with up to 6 digits after the point */
	PREFERENCE_TEXT,        /* up to `maximum` bytes are used */
	PREFERENCE_NAME,        /* of a directory: no path, up to `maximum` bytes */
};

struct preference {
	const char *name;
	enum preference_type type;
	const char *words;
	unsigned maximum;
	const char *initial; /* what holds without it; NULL: what dspam.conf says */
	const char *documentation;
};

extern const struct preference preference_table[];
extern const size_t preference_count;

/* The row of `name`, compared without case, or NULL. */
const struct preference *preference_find(struct span name);

/* The known name that was most likely meant, or NULL. */
const char *preference_nearest(struct span name);

/* Whether the value has an effect as it stands; an empty one always means the default. */
bool preference_accepts(const struct preference *preference, struct span value);

/* The number that a probability is; false when it is none. */
bool preference_probability(struct span value, double *probability);

/* What `preference` accepts, in words for a finding: "one of quarantine tag deliver". */
const char *preference_wanted(const struct preference *preference, char *text, size_t size);

/* Cut "name=value" at the first =. False if there is none or no name. */
bool preference_split(struct span text, struct span *name, struct span *value);

#endif
