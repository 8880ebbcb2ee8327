#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
read_all(int descriptor, const char *path, char *data, size_t size, struct error *error)
{
	for (size_t used = 0; used < size;) {
		ssize_t got = read(descriptor, data + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
		if (got == 0)
			return error_later(error, ERROR_IO, "%s: became shorter while it was read", path);
		used += (size_t)got;
	}
	return true;
}

static bool
read_open(struct arena *arena, int descriptor, const char *path, size_t maximum, struct span *text, struct error *error)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0)
		return error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(error, ERROR_INPUT, "%s: is no regular file", path);
	if ((unsigned long long)status.st_size > maximum)
		return error_set(error, ERROR_DATA, "%s: is larger than %zu bytes", path, maximum);
	char *data = arena_text(arena, (size_t)status.st_size + 1);
	if (data == NULL)
		return error_set(error, ERROR_DATA, "%s: does not fit into memory", path);
	*text = (struct span){data, (size_t)status.st_size};
	return read_all(descriptor, path, data, text->size, error);
}

bool
file_read(struct arena *arena, const char *path, size_t maximum, struct span *text, struct error *error)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*text = (struct span){NULL, 0};
	if (descriptor < 0)
		return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	bool done = read_open(arena, descriptor, path, maximum, text, error);
	if (!done)
		*text = (struct span){NULL, 0};
	close(descriptor);
	return done;
}
