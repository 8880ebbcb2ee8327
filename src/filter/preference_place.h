/*
 * Where the stored preferences of a user, or the defaults of the site, stand: in the store, or in HOME/default.prefs or
 * USER.prefs when that file exists and the store has none, so that setting one does not hide what is in the file.
 */
#ifndef DSPAM_FILTER_PREFERENCE_PLACE_H
#define DSPAM_FILTER_PREFERENCE_PLACE_H

#include "config/preference_file.h"
#include "filter/home.h"
#include "store/store.h"

struct preference_place {
	struct store *store;
	store_uid uid;
	const char *file; /* NULL: in the store */
	bool unknown;     /* the store has no such user: there are none */
	size_t count;     /* entries that were there when it was looked for */
};

/* `user` NULL: the defaults. An unknown user is made when `create`. The path lives in `arena`. */
bool preference_place_find(struct store *store, const struct home *home, const char *user, bool create,
			   struct arena *arena, struct preference_place *place, struct error *error);

/* Call `each` for every entry, in the order in which they stand. */
bool preference_place_each(const struct preference_place *place, preference_callback *each, void *context,
			   struct error *error);

/* Set an entry, or delete it with a NULL value. */
bool preference_place_set(const struct preference_place *place, const char *name, const char *value,
			  struct error *error);

#endif
