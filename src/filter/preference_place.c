#include "filter/preference_place.h"

static bool
count_stored(void *context, const char *name, const char *value)
{
	(void)name;
	(void)value;
	++*(size_t *)context;
	return true;
}

static void
count_in_file(void *context, struct span name, struct span value)
{
	(void)name;
	(void)value;
	++*(size_t *)context;
}

static bool
find_file(struct preference_place *place, const char *path, struct error *error)
{
	bool found;

	if (path == NULL)
		return error_set(error, ERROR_CONFIG, "the path of the preferences is too long");
	if (place->count > 0)
		return true;
	if (!preference_file_read(path, count_in_file, &place->count, &found, error))
		return false;
	if (found)
		place->file = path;
	return true;
}

bool
preference_place_find(struct store *store, const struct home *home, const char *user, bool create, struct arena *arena,
		      struct preference_place *place, struct error *error)
{
	*place = (struct preference_place){.store = store};
	if (user != NULL && !store_user(store, span_from(user), create, &place->uid, error))
		return false;
	place->unknown = user != NULL && place->uid == 0;
	if (!place->unknown && !store_each_preference(store, place->uid, count_stored, &place->count, error))
		return false;
	return find_file(place,
			 user != NULL ? home_file(home, arena, user, "prefs")
				      : arena_printf(arena, "%s/default.prefs", home->path),
			 error);
}

struct relay {
	preference_callback *each;
	void *context;
};

static bool
relay(void *context, const char *name, const char *value)
{
	const struct relay *to = context;

	to->each(to->context, span_from(name), span_from(value));
	return true;
}

bool
preference_place_each(const struct preference_place *place, preference_callback *each, void *context,
		      struct error *error)
{
	struct relay to = {each, context};
	bool found;

	if (place->file != NULL)
		return preference_file_read(place->file, each, context, &found, error);
	return place->unknown || store_each_preference(place->store, place->uid, relay, &to, error);
}

bool
preference_place_set(const struct preference_place *place, const char *name, const char *value, struct error *error)
{
	if (place->file != NULL)
		return preference_file_set(place->file, name, value, error);
	return place->unknown || store_preference_set(place->store, place->uid, name, value, error);
}
