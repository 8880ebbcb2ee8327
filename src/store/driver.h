/*
 * What a storage driver provides. A new one is one folder and one row in driver.c. Those that need a client's library
 * are plugins: shared libraries store_NAME.so, loaded when they are wanted, so that a site installs only its own.
 *
 * A driver's connection begins with struct store. store.h is the contract of each
 * member; arguments have been checked (names of valid length, counts, order) before
 * they come here.
 */
#ifndef DSPAM_STORE_DRIVER_H
#define DSPAM_STORE_DRIVER_H

#include "store/store.h"

struct store_driver {
	const char *version; /* of the program that a plugin is made for; NULL: built in */
	const char *name;
	bool one_writer;         /* who writes excludes all others, so that more than one of a program only wait */
	const char *connections; /* the directive for the number of connections of a daemon; NULL: there is none */
	const char *numbers;     /* and that for signatures with the number of their user */
	bool (*open)(const struct store_options *options, struct store **store, struct error *error);
	/* NULL: opening does it. */
	bool (*create)(const struct store_options *options, store_made_callback *, void *context, struct error *);
	void (*close)(struct store *store);
	bool (*is_current)(struct store *store); /* NULL: always */
	bool (*user)(struct store *, struct span name, bool create, store_uid *uid, struct error *);
	/* NULL: user and each_preference do it. */
	bool (*meet)(struct store *, struct span name, store_uid *uid, store_preference_callback *, void *context,
		     struct error *);
	bool (*each_user)(struct store *, store_user_callback *, void *context, struct error *);
	/* NULL: each_user is asked. */
	bool (*user_name)(struct store *, store_uid, char name[static STORE_NAME_SIZE], struct error *);
	bool (*read)(struct store *, store_uid, struct totals *, struct store_row *, size_t count, struct error *);
	bool (*each_row)(struct store *, store_uid, store_row_callback *, void *context, struct error *);
	bool (*learn)(struct store *, const struct store_lesson *, struct error *);
	bool (*purge_rows)(struct store *, store_uid, store_row_test *, const void *context, struct store_walk *,
			   struct error *);
	bool (*purge_signatures)(struct store *, store_uid, int32_t day, size_t *removed, struct error *);
	bool (*merge)(struct store *, const store_uid *from, size_t count, store_uid to, size_t *rows, struct error *);
	bool (*import)(struct store *, const struct store_import *, struct error *);
	/* The last step of store_remove: whatever is still there, at once. The version of his rows grows, if he stays.
	 */
	bool (*remove)(struct store *, store_uid, enum store_removal, struct error *);
	bool (*size)(struct store *, store_uid, struct store_size *, struct error *);
	/* NULL: there is nothing to do. */
	bool (*settle)(struct store *, store_uid, struct error *);
	bool (*optimize)(struct store *, struct error *);
	bool (*signature_get)(struct store *, store_uid, const char *id, struct arena *, struct store_signature *,
			      bool *found, struct error *);
	bool (*signature_delete)(struct store *, store_uid, const char *id, struct error *);
	bool (*each_signature)(struct store *, store_uid, const char *after, store_signature_callback *, void *context,
			       size_t *count, struct error *);
	bool (*each_preference)(struct store *, store_uid, store_preference_callback *, void *context, struct error *);
	bool (*preference_set)(struct store *, store_uid, const char *name, const char *value, struct error *);
};

struct store {
	const struct store_driver *driver;
	const char *warning;         /* store_warning */
	bool has_weights;            /* store_has_weights */
	const char *users_elsewhere; /* store_users_elsewhere */
};

/* Sums as every driver makes them: hits do not fall below 0, nothing wraps. */
static inline uint32_t
store_hits_add(uint32_t hits, int64_t change)
{
	int64_t sum = (int64_t)hits + change;

	return sum < 0 ? 0 : sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

static inline int32_t
store_narrow(int64_t number)
{
	return number < INT32_MIN ? INT32_MIN : number > INT32_MAX ? INT32_MAX : (int32_t)number;
}

static inline int32_t
store_weight_add(int32_t weight, int32_t change)
{
	return store_narrow((int64_t)weight + change);
}

static inline int64_t
store_gradient_add(int64_t gradient, int64_t change)
{
	int64_t sum;

	if (__builtin_add_overflow(gradient, change, &sum))
		return change < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static inline int64_t
store_total_add(int64_t total, int64_t change)
{
	return total + change < 0 ? 0 : total + change;
}

static inline void
store_totals_add(struct totals *totals, const struct totals *change)
{
	totals->spam_learned = store_total_add(totals->spam_learned, change->spam_learned);
	totals->innocent_learned = store_total_add(totals->innocent_learned, change->innocent_learned);
	totals->spam_misclassified = store_total_add(totals->spam_misclassified, change->spam_misclassified);
	totals->innocent_misclassified =
		store_total_add(totals->innocent_misclassified, change->innocent_misclassified);
	totals->spam_corpusfed = store_total_add(totals->spam_corpusfed, change->spam_corpusfed);
	totals->innocent_corpusfed = store_total_add(totals->innocent_corpusfed, change->innocent_corpusfed);
	totals->spam_classified = store_total_add(totals->spam_classified, change->spam_classified);
	totals->innocent_classified = store_total_add(totals->innocent_classified, change->innocent_classified);
}

/* The failure of store_lesson.replaces. */
bool store_signature_changed(const struct store_lesson *lesson, struct error *error);

/*
 * The driver that StorageDriver means: a name of the table, or the name or path of one
 * of the original's libraries. NULL with an error that names the way out.
 */
const struct store_driver *store_driver_find(const char *name, struct error *error);

/* What a plugin shows to the program: store_driver_NAME. */
#define PLUGIN_DRIVER __attribute__((visibility("default")))

/* The driver of a plugin, which stays loaded; NULL with an error that names the package. For many threads. */
const struct store_driver *store_plugin(const char *name, const char *package, struct error *error);

extern const struct store_driver store_driver_sqlite;
extern const struct store_driver store_driver_memory;

#endif
