#include "filter/home.h"

#include <unistd.h>

#include "base/file.h"
#include "store/store.h"

#define NO_DOMAIN "local"

void
home_init(struct home *home, const struct config *config)
{
	home->path = config_get(config, "Home");
	home->layout = config_has(config, "HomeLayout", "large")    ? HOME_LARGE
		       : config_has(config, "HomeLayout", "domain") ? HOME_DOMAIN
								    : HOME_USER;
}

/* ---- names ------------------------------------------------------------------- */

/* The parts of a name that become names in directories. */
struct parts {
	struct span domain; /* HOME_DOMAIN only */
	struct span local;
};

static struct parts
parts_of(const struct home *home, const char *user)
{
	struct span whole = span_from(user);
	const char *at = home->layout == HOME_DOMAIN ? strrchr(user, '@') : NULL;

	if (home->layout != HOME_DOMAIN)
		return (struct parts){.local = whole};
	if (at == NULL)
		return (struct parts){.domain = SPAN(NO_DOMAIN), .local = whole};
	if (at == user)
		return (struct parts){.domain = SPAN(NO_DOMAIN), .local = span_skip(whole, 1)};
	return (struct parts){.domain = span_from(at + 1), .local = span_head(whole, (size_t)(at - user))};
}

/* What stands for itself in a path, and leads nowhere else. */
static bool
is_plain(struct span part)
{
	return part.size > 0 && !span_equal(part, SPAN(".")) && !span_equal(part, SPAN(".."));
}

bool
home_name_valid(const struct home *home, const char *user)
{
	if (!store_name_valid(span_from(user)))
		return false;
	struct parts parts = parts_of(home, user);
	return is_plain(parts.local) && (home->layout != HOME_DOMAIN || is_plain(parts.domain));
}

/* ---- paths ------------------------------------------------------------------- */

/* The directory of a user below "data", in front of LOCAL.ext. */
static char *
directory_of(const struct home *home, struct arena *arena, const struct parts *parts)
{
	struct span local = parts->local;

	switch (home->layout) {
	case HOME_LARGE:
		return arena_printf(arena, "%s/data/%c/%c/%.*s", home->path, local.data[0], local.data[local.size > 1],
				    (int)local.size, local.data);
	case HOME_DOMAIN:
		return arena_printf(arena, "%s/data/%.*s/%.*s", home->path, (int)parts->domain.size, parts->domain.data,
				    (int)local.size, local.data);
	case HOME_USER:
		break;
	}
	return arena_printf(arena, "%s/data/%.*s", home->path, (int)local.size, local.data);
}

char *
home_file(const struct home *home, struct arena *arena, const char *user, const char *extension)
{
	if (!home_name_valid(home, user))
		return NULL;
	struct parts parts = parts_of(home, user);
	const char *directory = directory_of(home, arena, &parts);
	return directory == NULL ? NULL
				 : arena_printf(arena, "%s/%.*s.%s", directory, (int)parts.local.size, parts.local.data,
						extension);
}

char *
home_file_in(const struct home *home, struct arena *arena, const char *user, const char *extension, const char *name)
{
	const char *directory = home_file(home, arena, user, extension);

	return directory == NULL ? NULL : arena_printf(arena, "%s/%s", directory, name);
}

static char *
mark_file(const struct home *home, struct arena *arena, const char *user, const char *directory, const char *extension)
{
	if (!home_name_valid(home, user))
		return NULL;
	struct parts parts = parts_of(home, user);
	return arena_printf(arena, "%s/%s/%.*s%s%.*s.%s", home->path, directory, (int)parts.domain.size,
			    parts.domain.data != NULL ? parts.domain.data : "", home->layout == HOME_DOMAIN ? "/" : "",
			    (int)parts.local.size, parts.local.data, extension);
}

char *
home_opt_in_file(const struct home *home, struct arena *arena, const char *user)
{
	return mark_file(home, arena, user, "opt-in", "dspam");
}

char *
home_opt_out_file(const struct home *home, struct arena *arena, const char *user)
{
	return mark_file(home, arena, user, "opt-out", "nodspam");
}

static bool
exists(const char *path)
{
	return path != NULL && access(path, F_OK) == 0;
}

bool
home_has_opted_in(const struct home *home, struct arena *arena, const char *user)
{
	return exists(home_opt_in_file(home, arena, user));
}

bool
home_has_opted_out(const struct home *home, struct arena *arena, const char *user)
{
	return exists(home_opt_out_file(home, arena, user));
}

bool
home_make_directories(const struct home *home, const char *path)
{
	return file_make_directories(path, strlen(home->path) + 1);
}
