/*
 * What the parts of the memory driver share. Token rows stand in a hash table (table.h),
 * the few other things in the C library's balanced trees (tsearch).
 *
 * Running out of memory aborts, so that no call can be done by half.
 */
#ifndef DSPAM_STORE_MEMORY_MEMORY_H
#define DSPAM_STORE_MEMORY_MEMORY_H

#include "store/driver.h"
#include "store/memory/table.h"

struct memory_user {
	store_uid uid;
	char *name;
};

struct memory {
	struct store store;
	struct table tokens;
	void *accounts;             /* tree of totals by number */
	void *names;                /* tree of struct memory_user by name */
	void *signatures;           /* tree by number and id: signatures.c */
	void *preferences;          /* tree by number and name: preferences.c */
	struct memory_user **users; /* users[uid - 1] */
	size_t user_count;
};

static inline struct memory *
memory_of(struct store *store)
{
	return (struct memory *)store;
}

/* Memory that must be there. */
void *memory_need(void *pointer);
/* A copy with a NUL behind it. */
void *memory_copy(const void *data, size_t size);

static inline int
memory_compare_numbers(store_uid a, store_uid b)
{
	return (a > b) - (a < b);
}

struct totals memory_totals(struct memory *memory, store_uid uid);
/* Add differences; results never go below 0. */
void memory_totals_add(struct memory *memory, store_uid uid, const struct totals *change);

/* move.c */
bool memory_import(struct store *store, const struct store_import *import, struct error *error);
bool memory_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error);
bool memory_size(struct store *store, store_uid uid, struct store_size *size, struct error *error);

/* Add hits; the later day stands. */
void memory_row_add(struct memory *memory, store_uid uid, const struct store_row *from);
/* Forget the totals, and the name, whose number stays used. */
void memory_totals_remove(struct memory *memory, store_uid uid);
void memory_user_remove(struct memory *memory, store_uid uid);

/* purge.c */
bool memory_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		       struct store_walk *walk, struct error *error);
bool memory_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows,
		  struct error *error);
bool memory_optimize(struct store *store, struct error *error);

/* signatures.c */
bool memory_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error);
void memory_signatures_free(struct memory *memory);
/* Whether the lesson's signature is what it replaces. */
bool memory_signature_is(struct memory *memory, const struct store_lesson *lesson);
void memory_signature_add(struct memory *memory, store_uid uid, const struct store_signature *signature);
bool memory_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
			  struct store_signature *signature, bool *found, struct error *error);
bool memory_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error);
bool memory_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
			   void *context, size_t *count, struct error *error);
bool memory_signature_exists(struct memory *memory, store_uid uid, const char *id);
bool memory_signature_is_data(struct memory *memory, store_uid uid, const char *id, struct span data);
void memory_signatures_size(struct memory *memory, store_uid uid, struct store_size *size);
void memory_signatures_remove(struct memory *memory, store_uid uid);

/* preferences.c */
void memory_preferences_remove(struct memory *memory, store_uid uid);
void memory_preferences_free(struct memory *memory);
bool memory_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
			    struct error *error);
bool memory_preference_set(struct store *store, store_uid uid, const char *name, const char *value,
			   struct error *error);

#endif
