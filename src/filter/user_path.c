#include "filter/user_path.h"

#include <unistd.h>

char *
user_path(struct arena *arena, const char *home, const char *user, const char *extension)
{
	return arena_printf(arena, "%s/data/%s/%s.%s", home, user, user, extension);
}

static bool
exists(const char *path)
{
	return path != NULL && access(path, F_OK) == 0;
}

bool
user_has_opted_in(struct arena *arena, const char *home, const char *user)
{
	return exists(arena_printf(arena, "%s/opt-in/%s.dspam", home, user));
}

bool
user_has_opted_out(struct arena *arena, const char *home, const char *user)
{
	return exists(arena_printf(arena, "%s/opt-out/%s.nodspam", home, user));
}
