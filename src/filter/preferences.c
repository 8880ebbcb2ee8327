/* Where preferences come from. What their values mean is in preference_values.c. */
#include "filter/preferences.h"

#include <stdlib.h>

#include "base/log.h"
#include "config/preference.h"
#include "filter/preference_list.h"

enum { DEFAULTS_SIZE = 1 << 20 }; /* bytes of all default preferences */

struct preference_defaults {
	struct arena *arena;
	struct preference_list list;
	const char **allowed;
	size_t allowed_count;
	bool fallback_domains;
	const char *hider; /* of the Preference lines */
};

/* ---- the site ---------------------------------------------------------------- */

static void
read_lines(struct preference_list *list, const struct config *config)
{
	for (size_t i = 0; i < config_count(config, "Preference"); i++) {
		struct span name, value;

		if (preference_split(span_from(config_at(config, "Preference", i)), &name, &value))
			preference_list_add(list, name, value);
	}
}

/* The store's, else the file's, else the lines: never a mixture. */
static bool
read_site(struct preference_defaults *defaults, const struct config *config, struct store *store, struct error *error)
{
	const char *home = config_get(config, "Home");
	const char *path = home == NULL ? NULL : arena_printf(defaults->arena, "%s/default.prefs", home);
	bool stored;
	bool exists;

	if (!preference_list_store(&defaults->list, store, 0, &stored, error))
		return false;
	if (!stored && !preference_list_file(&defaults->list, path, &exists, error))
		return false;
	if (defaults->list.count == 0)
		read_lines(&defaults->list, config);
	else if (config_is_set(config, "Preference"))
		defaults->hider = stored ? "the store" : "HOME/default.prefs";
	if (defaults->list.full)
		return error_set(error, ERROR_CONFIG, "Preference: more than %d bytes in all", DEFAULTS_SIZE);
	return true;
}

static bool
read_allowed(struct preference_defaults *defaults, const struct config *config, struct error *error)
{
	size_t count = config_count(config, "AllowOverride");

	defaults->allowed = arena_calloc(defaults->arena, count + 1, sizeof *defaults->allowed);
	for (size_t i = 0; defaults->allowed != NULL && i < count; i++) {
		const char *name = config_at(config, "AllowOverride", i);

		if (preference_find(span_from(name)) != NULL) /* others have no effect anyway */
			defaults->allowed[defaults->allowed_count++] = preference_find(span_from(name))->name;
	}
	if (defaults->allowed == NULL)
		return error_set(error, ERROR_CONFIG, "AllowOverride: too many values");
	return true;
}

bool
preference_defaults_new(const struct config *config, struct store *store, struct preference_defaults **defaults,
			struct error *error)
{
	struct preference_defaults *made = calloc(1, sizeof *made);

	if (made == NULL)
		abort();
	made->arena = arena_new(DEFAULTS_SIZE);
	preference_list_begin(&made->list, made->arena);
	made->fallback_domains = config_is_on(config, "FallbackDomains");
	if (!read_site(made, config, store, error) || !read_allowed(made, config, error)) {
		preference_defaults_free(made);
		*defaults = NULL;
		return false;
	}
	*defaults = made;
	return true;
}

const char *
preference_defaults_hider(const struct preference_defaults *defaults)
{
	return defaults->hider;
}

void
preference_defaults_free(struct preference_defaults *defaults)
{
	if (defaults == NULL)
		return;
	arena_free(defaults->arena);
	free(defaults);
}

/* ---- a user ------------------------------------------------------------------- */

struct preference_owner
preference_owner_of(const struct home *home, struct arena *arena, const char *user, store_uid uid)
{
	const char *at = strchr(user, '@');

	return (struct preference_owner){
		.name = span_from(user),
		.uid = uid,
		.file = home_file(home, arena, user, "prefs"),
		.domain_file = at != NULL && at[1] != '\0' ? home_file(home, arena, at, "prefs") : NULL,
	};
}

/* Those of his file, if the store has none. */
static bool
read_rest(struct preference_list *list, const char *file, bool *any, struct error *error)
{
	*any = list->count > 0;
	return *any || preference_list_file(list, file, any, error);
}

static bool
read_one(struct preference_list *list, struct store *store, store_uid uid, const char *file, bool *any,
	 struct error *error)
{
	return (uid == 0 || preference_list_store(list, store, uid, any, error)) && read_rest(list, file, any, error);
}

/* Those of user @domain, for somebody who has none. */
static bool
read_domain(struct preference_list *list, struct store *store, const struct preference_owner *owner,
	    struct error *error)
{
	size_t at = span_find_byte(owner->name, '@');
	store_uid uid = 0;
	bool any;

	if (at == SPAN_NONE || at == 0)
		return true;
	if (store != NULL && !store_user(store, span_skip(owner->name, at), false, &uid, error))
		return false;
	return read_one(list, store, uid, owner->domain_file, &any, error);
}

static bool
is_allowed(const struct preference_defaults *defaults, struct span name)
{
	for (size_t i = 0; i < defaults->allowed_count; i++)
		if (span_equal_nocase(span_from(defaults->allowed[i]), name))
			return true;
	return false;
}

/* Step 3: what is allowed of `own` goes over the defaults that stand in `list`. */
static void
override(const struct preference_defaults *defaults, const struct preference_list *own, struct span user,
	 struct preference_list *list)
{
	for (size_t i = 0; i < own->count; i++) {
		struct span name = own->pairs[i].name;

		if (is_allowed(defaults, name))
			preference_list_put(list, &own->pairs[i]);
		else
			log_info("%.*s: the preference %.*s is ignored, because AllowOverride does not name it",
				 (int)user.size, user.data, (int)name.size, name.data);
	}
}

static bool
keep_pairs(const struct preference_list *list, struct arena *arena, struct preferences *preferences,
	   struct error *error)
{
	struct preference_pair *pairs = arena_calloc(arena, list->count + 1, sizeof *pairs);

	if (pairs == NULL)
		return error_later(error, ERROR_OS, "no room for the preferences in the memory of this message");
	memcpy(pairs, list->pairs, list->count * sizeof *pairs);
	return preferences_from(pairs, list->count, arena, preferences, error);
}

/* From his own ones, if he has `any`. */
static bool
settle(const struct preference_defaults *defaults, struct store *store, const struct preference_owner *owner,
       struct preference_list *own, bool any, struct preferences *preferences, struct error *error)
{
	struct preference_list list;

	if (!any && defaults->fallback_domains && !read_domain(own, store, owner, error))
		return false;
	list = defaults->list;
	override(defaults, own, owner->name, &list);
	if (!keep_pairs(&list, own->arena, preferences, error))
		return false;
	if (any || !defaults->fallback_domains)
		preferences->fallback_domain = false;
	return true;
}

bool
preferences_of(const struct preference_defaults *defaults, struct store *store, const struct preference_owner *owner,
	       struct arena *arena, struct preferences *preferences, struct error *error)
{
	struct preference_list own;
	bool any;

	preference_list_begin(&own, arena);
	return read_one(&own, store, owner->uid, owner->file, &any, error) &&
	       settle(defaults, store, owner, &own, any, preferences, error);
}

bool
preferences_meet(const struct preference_defaults *defaults, struct store *store, struct preference_owner *owner,
		 struct arena *arena, struct preferences *preferences, struct error *error)
{
	struct preference_list own;
	bool any;

	preference_list_begin(&own, arena);
	return preference_list_meet(&own, store, owner->name, &owner->uid, error) &&
	       read_rest(&own, owner->file, &any, error) &&
	       settle(defaults, store, owner, &own, any, preferences, error);
}
