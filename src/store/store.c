/* The rim of every driver: arguments are checked here, once, so that drivers need not. */
#include "store/store.h"

#include <assert.h>
#include <stdio.h>

#include "base/ascii.h"
#include "store/driver.h"

enum { NAME_MAXIMUM = 128, VALUE_MAXIMUM = 4096 };

bool
store_open(const struct store_options *options, struct store **store, struct error *error)
{
	const struct store_driver *driver = store_driver_find(options->driver, error);

	*store = NULL;
	if (driver == NULL || !driver->open(options, store, error))
		return false;
	(*store)->driver = driver;
	return true;
}

bool
store_create(const struct store_options *options, store_made_callback *each, void *context, struct error *error)
{
	const struct store_driver *driver = store_driver_find(options->driver, error);
	struct store *store;

	if (driver == NULL)
		return false;
	if (driver->create != NULL)
		return driver->create(options, each, context, error);
	if (!store_open(options, &store, error))
		return false;
	store_close(store);
	return true;
}

bool
store_is_current(struct store *store)
{
	return store->driver->is_current == NULL || store->driver->is_current(store);
}

const char *
store_warning(const struct store *store)
{
	return store->warning;
}

const char *
store_users_elsewhere(const struct store *store)
{
	return store->users_elsewhere;
}

bool
store_has_weights(const struct store *store)
{
	return store->has_weights;
}

void
store_close(struct store *store)
{
	if (store != NULL)
		store->driver->close(store);
}

bool
store_has_one_writer(const struct store_options *options)
{
	struct error error;
	const struct store_driver *driver = store_driver_find(options->driver, &error);

	return driver != NULL && driver->one_writer;
}

size_t
store_connections(const struct store_options *options)
{
	struct error error;
	const struct store_driver *driver = store_driver_find(options->driver, &error);
	const char *wanted =
		driver == NULL || driver->connections == NULL ? NULL : store_option(options, driver->connections);
	unsigned long long number;

	return wanted != NULL && span_to_number(span_from(wanted), 10000, &number) ? (size_t)number : 0;
}

bool
store_numbers_signatures(const struct store_options *options)
{
	struct error error;
	const struct store_driver *driver = store_driver_find(options->driver, &error);
	const char *wanted = driver == NULL || driver->numbers == NULL ? NULL : store_option(options, driver->numbers);

	return wanted != NULL && span_equal_nocase(span_from(wanted), SPAN("on"));
}

static bool
has_control_byte(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7F)
			return true;
	return false;
}

bool
store_name_valid(struct span name)
{
	return name.size >= 1 && name.size <= NAME_MAXIMUM && !has_control_byte(name) &&
	       span_find_byte(name, '/') == SPAN_NONE && !span_equal(name, SPAN(".")) && !span_equal(name, SPAN(".."));
}

static bool
check_name(struct span name, struct error *error)
{
	return store_name_valid(name) ||
	       error_set(error, ERROR_USER,
			 "\"%.*s\" cannot be a user: a name has 1 to %d bytes, no control bytes and no '/'",
			 (int)span_head(name, NAME_MAXIMUM).size, name.data != NULL ? name.data : "", NAME_MAXIMUM);
}

bool
store_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error)
{
	*uid = 0;
	return check_name(name, error) && store->driver->user(store, name, create, uid, error);
}

bool
store_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
	   struct error *error)
{
	*uid = 0;
	if (!check_name(name, error))
		return false;
	if (store->driver->meet != NULL)
		return store->driver->meet(store, name, uid, each, context, error);
	return store->driver->user(store, name, false, uid, error) &&
	       (*uid == 0 || store->driver->each_preference(store, *uid, each, context, error));
}

struct user_call {
	store_user_callback *each;
	void *context;
};

static bool
tell_user(void *context, store_uid uid, const char *name)
{
	const struct user_call *call = context;

	return !store_name_valid(span_from(name)) || call->each(call->context, uid, name);
}

bool
store_each_user(struct store *store, store_user_callback *each, void *context, struct error *error)
{
	struct user_call call = {each, context};

	return store->driver->each_user(store, tell_user, &call, error);
}

struct namesake {
	store_uid uid;
	char *name;
};

static bool
take_name(void *context, store_uid uid, const char *name)
{
	const struct namesake *wanted = context;

	if (uid == wanted->uid)
		snprintf(wanted->name, STORE_NAME_SIZE, "%s", name);
	return uid < wanted->uid;
}

bool
store_user_name(struct store *store, store_uid uid, char name[static STORE_NAME_SIZE], struct error *error)
{
	struct namesake wanted = {uid, name};

	name[0] = '\0';
	if (store->driver->user_name != NULL)
		return store->driver->user_name(store, uid, name, error);
	return store_each_user(store, take_name, &wanted, error);
}

/* Numbers beyond 31 bits do not fit the columns of every database. */
static void
check_uid(store_uid uid)
{
	assert(uid <= INT32_MAX);
}

bool
store_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
	   struct error *error)
{
	check_uid(uid);
	for (size_t i = 1; i < count; i++)
		assert(store_token_before(rows[i - 1].token, rows[i].token));
	return store->driver->read(store, uid, totals, rows, count, error);
}

bool
store_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error)
{
	check_uid(uid);
	return store->driver->each_row(store, uid, each, context, error);
}

static bool
check_signature(const char *id, struct error *error)
{
	size_t size = strnlen(id, NAME_MAXIMUM + 1);
	bool valid = size >= 1 && size <= NAME_MAXIMUM;

	for (size_t i = 0; valid && i < size; i++)
		valid = ascii_is_letter(id[i]) || ascii_is_digit(id[i]) || id[i] == ',';
	if (!valid)
		return error_set(error, ERROR_DATA,
				 "\"%.*s\" is no signature: it has 1 to %d letters, digits and commas", NAME_MAXIMUM,
				 id, NAME_MAXIMUM);
	return true;
}

bool
store_learn(struct store *store, const struct store_lesson *lesson, struct error *error)
{
	check_uid(lesson->uid);
	for (size_t i = 1; i < lesson->count; i++)
		assert(store_token_before(lesson->changes[i - 1].token, lesson->changes[i].token));
	for (size_t i = 0; i < lesson->count && !store->has_weights; i++)
		assert(lesson->changes[i].weight == 0 && lesson->changes[i].gradient == 0);
	assert(lesson->replaces.data == NULL || lesson->signature != NULL);
	if (lesson->signature != NULL && !check_signature(lesson->signature->id, error))
		return false;
	return store->driver->learn(store, lesson, error);
}

bool
store_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context, struct store_walk *walk,
		 struct error *error)
{
	check_uid(uid);
	return walk->done || store->driver->purge_rows(store, uid, goes, context, walk, error);
}

bool
store_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error)
{
	check_uid(uid);
	*removed = 0;
	return store->driver->purge_signatures(store, uid, day, removed, error);
}

bool
store_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows, struct error *error)
{
	check_uid(to);
	for (size_t i = 0; i < count; i++) {
		check_uid(from[i]);
		assert(from[i] != to);
		rows[i] = 0;
	}
	return store->driver->merge(store, from, count, to, rows, error);
}

bool
store_import(struct store *store, const struct store_import *import, struct error *error)
{
	check_uid(import->uid);
	for (size_t i = 1; i < import->count; i++)
		assert(store_token_before(import->rows[i - 1].token, import->rows[i].token));
	assert((import->replaces.data == NULL && !import->fresh) || import->signature_count > 0);
	assert(import->replaces.data == NULL || !import->fresh);
	for (size_t i = 0; i < import->signature_count; i++)
		if (!check_signature(import->signatures[i].id, error))
			return false;
	return store->driver->import(store, import, error);
}

static bool
every_row(const void *context, const struct store_row *row)
{
	(void)context;
	(void)row;
	return true;
}

bool
store_remove(struct store *store, store_uid uid, enum store_removal what, struct store_remove_walk *walk,
	     struct error *error)
{
	size_t removed = 0;

	check_uid(uid);
	if (!walk->rows.done)
		return store->driver->purge_rows(store, uid, every_row, NULL, &walk->rows, error);
	if (!walk->signatures_done) {
		if (!store->driver->purge_signatures(store, uid, INT32_MAX, &removed, error))
			return false;
		walk->signatures += removed;
		walk->signatures_done = removed == 0;
		return true;
	}
	if (!walk->done)
		walk->done = store->driver->remove(store, uid, what, error);
	return walk->done;
}

bool
store_size(struct store *store, store_uid uid, struct store_size *size, struct error *error)
{
	check_uid(uid);
	*size = (struct store_size){0};
	return store->driver->size(store, uid, size, error);
}

bool
store_settle(struct store *store, store_uid uid, struct error *error)
{
	check_uid(uid);
	return store->driver->settle == NULL || store->driver->settle(store, uid, error);
}

bool
store_optimize(struct store *store, struct error *error)
{
	return store->driver->optimize(store, error);
}

bool
store_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
		    struct store_signature *signature, bool *found, struct error *error)
{
	check_uid(uid);
	*found = false;
	return check_signature(id, error) &&
	       store->driver->signature_get(store, uid, id, arena, signature, found, error);
}

bool
store_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error)
{
	check_uid(uid);
	return check_signature(id, error) && store->driver->signature_delete(store, uid, id, error);
}

bool
store_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
		     void *context, size_t *count, struct error *error)
{
	check_uid(uid);
	*count = 0;
	return (*after == '\0' || check_signature(after, error)) &&
	       store->driver->each_signature(store, uid, after, each, context, count, error);
}

bool
store_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
		      struct error *error)
{
	check_uid(uid);
	return store->driver->each_preference(store, uid, each, context, error);
}

bool
store_preference_set(struct store *store, store_uid uid, const char *name, const char *value, struct error *error)
{
	size_t size = strnlen(name, NAME_MAXIMUM + 1);

	check_uid(uid);
	if (size < 1 || size > NAME_MAXIMUM || has_control_byte(span_of(name, size)))
		return error_set(error, ERROR_DATA,
				 "\"%.*s\" cannot be a preference: a name has 1 to %d bytes and no control bytes",
				 NAME_MAXIMUM, name, NAME_MAXIMUM);
	if (value != NULL && strnlen(value, VALUE_MAXIMUM + 1) > VALUE_MAXIMUM)
		return error_set(error, ERROR_DATA, "the value of preference %s has more than %d bytes", name,
				 VALUE_MAXIMUM);
	return store->driver->preference_set(store, uid, name, value, error);
}
