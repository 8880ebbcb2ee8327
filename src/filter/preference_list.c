#include "filter/preference_list.h"

#include "config/preference_file.h"

void
preference_list_begin(struct preference_list *list, struct arena *arena)
{
	list->arena = arena;
	list->count = 0;
	list->full = false;
}

static struct preference_pair *
find(struct preference_list *list, struct span name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_equal_nocase(list->pairs[i].name, name))
			return &list->pairs[i];
	return NULL;
}

void
preference_list_put(struct preference_list *list, const struct preference_pair *pair)
{
	struct preference_pair *old = find(list, pair->name);

	if (old != NULL)
		*old = *pair;
	else if (list->count < PREFERENCES_MAXIMUM)
		list->pairs[list->count++] = *pair;
}

void
preference_list_add(struct preference_list *list, struct span name, struct span value)
{
	if (list->full || find(list, name) != NULL || list->count == PREFERENCES_MAXIMUM)
		return;
	const char *name_copy = arena_copy(list->arena, name);
	const char *value_copy = arena_copy(list->arena, value);
	if (name_copy == NULL || value_copy == NULL) {
		list->full = true;
		return;
	}
	list->pairs[list->count++] =
		(struct preference_pair){span_of(name_copy, name.size), span_of(value_copy, value.size)};
}

static bool
check_room(const struct preference_list *list, const char *source, struct error *error)
{
	if (!list->full)
		return true;
	return error_later(error, ERROR_OS, "%s: no room for the preferences in the memory of this message", source);
}

static bool
each_stored(void *context, const char *name, const char *value)
{
	preference_list_add(context, span_from(name), span_from(value));
	return true;
}

bool
preference_list_store(struct preference_list *list, struct store *store, store_uid uid, bool *any, struct error *error)
{
	size_t before = list->count;

	if (store != NULL && !store_each_preference(store, uid, each_stored, list, error))
		return false;
	*any = list->count > before;
	return check_room(list, "store", error);
}

bool
preference_list_meet(struct preference_list *list, struct store *store, struct span name, store_uid *uid,
		     struct error *error)
{
	return store_meet(store, name, uid, each_stored, list, error) && check_room(list, "store", error);
}

static void
each_of_file(void *context, struct span name, struct span value)
{
	preference_list_add(context, name, value);
}

bool
preference_list_file(struct preference_list *list, const char *path, bool *any, struct error *error)
{
	*any = false;
	if (path == NULL)
		return true;
	return preference_file_read(path, each_of_file, list, any, error) && check_room(list, path, error);
}
