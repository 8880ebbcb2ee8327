/* A bounded list of preferences, in which the first entry of a name counts. Private to filter/preferences. */
#ifndef DSPAM_FILTER_PREFERENCE_LIST_H
#define DSPAM_FILTER_PREFERENCE_LIST_H

#include "filter/preferences.h"

struct preference_list {
	struct arena *arena; /* holds names and values */
	struct preference_pair pairs[PREFERENCES_MAXIMUM];
	size_t count;
	bool full; /* of the arena; entries beyond the maximum are dropped */
};

/* Start an empty list. */
void preference_list_begin(struct preference_list *list, struct arena *arena);

/* Add a copy of an entry unless its name is there already. */
void preference_list_add(struct preference_list *list, struct span name, struct span value);

/* Add or replace an entry whose text lives long enough. */
void preference_list_put(struct preference_list *list, const struct preference_pair *pair);

/* The entries of the store (*any: it has some), or of a file (*any: it exists). A NULL store or path has none. */
bool preference_list_store(struct preference_list *list, struct store *store, store_uid uid, bool *any,
			   struct error *error);
/* Those of the user of this name, with his number, which is 0 if he is not known. */
bool preference_list_meet(struct preference_list *list, struct store *store, struct span name, store_uid *uid,
			  struct error *error);
bool preference_list_file(struct preference_list *list, const char *path, bool *any, struct error *error);

#endif
