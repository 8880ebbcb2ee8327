#include "tool/user_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { DEPTH_MAX = 8 };

/* A directory of his, or one in it. */
struct place {
	const char *path;   /* of the first, for messages */
	struct span prefix; /* names begin with it, in the first */
	size_t *removed;
	struct error *error;
};

static bool
failed(const struct place *place, const char *name)
{
	return error_set(place->error, errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_IO,
			 "%s/%s: cannot be removed: %s; call it again when that is mended", place->path, name,
			 strerror(errno));
}

static bool remove_entries(const struct place *place, int directory, unsigned depth);

/* A file, or a directory with all that is in it. */
static bool
remove_entry(const struct place *place, int directory, const char *name, unsigned depth)
{
	if (unlinkat(directory, name, 0) == 0) {
		++*place->removed;
		return true;
	}
	if (errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return failed(place, name);
	int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0 || depth == DEPTH_MAX) {
		if (inner >= 0) {
			close(inner);
			errno = ELOOP;
		}
		return failed(place, name);
	}
	return remove_entries(&(struct place){place->path, SPAN(""), place->removed, place->error}, inner, depth + 1) &&
	       (unlinkat(directory, name, AT_REMOVEDIR) == 0 || failed(place, name));
}

/* Closes the directory. */
static bool
remove_entries(const struct place *place, int directory, unsigned depth)
{
	DIR *list = fdopendir(directory);
	struct dirent *entry;
	bool done = true;

	if (list == NULL)
		abort();
	while (done && (entry = readdir(list)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    span_starts(span_from(entry->d_name), place->prefix))
			done = remove_entry(place, directory, entry->d_name, depth);
	closedir(list);
	return done;
}

/* DIRECTORY/LOCAL. as two spans; false: he has no files. */
static bool
find(const struct home *home, struct arena *arena, const char *user, char **directory, struct span *prefix)
{
	char *path = home->path == NULL ? NULL : home_file(home, arena, user, "");
	char *slash = path == NULL ? NULL : strrchr(path, '/');

	if (slash == NULL)
		return false;
	*slash = '\0';
	*directory = path;
	*prefix = span_from(slash + 1);
	return true;
}

bool
user_files_exist(const struct home *home, struct arena *arena, const char *user)
{
	struct span prefix;
	char *directory;

	return find(home, arena, user, &directory, &prefix) && access(directory, F_OK) == 0;
}

static bool
remove_one(const char *path, size_t *removed, struct error *error)
{
	if (path == NULL || (unlink(path) != 0 && errno == ENOENT))
		return true;
	if (access(path, F_OK) == 0)
		return error_set(error, ERROR_PERMISSION, "%s: cannot be removed: %s", path, strerror(errno));
	++*removed;
	return true;
}

static bool
remove_marks(const struct home *home, struct arena *arena, const char *user, size_t *removed, struct error *error)
{
	return remove_one(home_opt_in_file(home, arena, user), removed, error) &&
	       remove_one(home_opt_out_file(home, arena, user), removed, error);
}

bool
user_files_remove(const struct home *home, struct arena *arena, const char *user, size_t *removed, struct error *error)
{
	struct place place = {.removed = removed, .error = error};
	char *directory;

	if (!find(home, arena, user, &directory, &place.prefix))
		return true;
	place.path = directory;
	int file = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 && errno != ENOENT)
		return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_IO, "%s: %s", directory,
				 strerror(errno));
	if (file >= 0 && !remove_entries(&place, file, 0))
		return false;
	if (rmdir(directory) != 0 && errno != ENOENT)
		log_warning("%s: stays: %s", directory, errno == ENOTEMPTY ? "there is more in it" : strerror(errno));
	return remove_marks(home, arena, user, removed, error);
}

bool
user_files_remove_totals(const struct home *home, struct arena *arena, const char *user, size_t *removed,
			 struct error *error)
{
	return home->path == NULL || (remove_one(home_file(home, arena, user, "stats"), removed, error) &&
				      remove_one(home_file(home, arena, user, "rstats"), removed, error) &&
				      remove_one(home_file(home, arena, user, "taken"), removed, error));
}
