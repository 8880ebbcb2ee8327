#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY_MODE 0770
#define FILE_MODE 0660

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

/* ---- writing ------------------------------------------------------------------ */

bool
file_sync_entry(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(directory, sizeof directory, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
		 slash != NULL ? path : ".");
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool synced = fsync(fd) == 0;
	int code = errno;
	close(fd);
	errno = code;
	return synced;
}

/* A directory that is not there yet; one that may be lost again is not made. */
static bool
make_directory(const char *path)
{
	if (mkdir(path, DIRECTORY_MODE) != 0)
		return errno == EEXIST;
	if (file_sync_entry(path))
		return true;
	int code = errno;
	rmdir(path);
	errno = code;
	return false;
}

bool
file_make_directories(const char *path, size_t from)
{
	char directory[PATH_MAX];

	if (strlen(path) >= sizeof directory || strlen(path) < from) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (const char *slash = path + from; (slash = strchr(slash, '/')) != NULL; slash++) {
		snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
		if (!make_directory(directory))
			return false;
	}
	return true;
}

static bool
write_new(const char *path, struct span text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	ssize_t written = fd >= 0 ? write(fd, text.data, text.size) : -1;
	int code = written >= 0 ? ENOSPC : errno;

	if (fd >= 0 && close(fd) != 0 && written >= 0) {
		code = errno;
		written = -1;
	}
	errno = code;
	return written == (ssize_t)text.size;
}

bool
file_replace(const char *path, struct span text, struct error *error)
{
	char temporary[PATH_MAX];

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)gettid()) >= sizeof temporary)
		return error_set(error, ERROR_CREATE, "%s: the path is too long", path);
	if (write_new(temporary, text) && rename(temporary, path) == 0)
		return true;
	error_later(error, ERROR_CREATE, "%s: cannot be written: %s", path, strerror(errno));
	unlink(temporary);
	return false;
}

void
file_hold_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			abort(); /* the lowest number that is free is what open gives */
}
