#include "tool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)64 * 1024)

static int
open_with(const char *path, int flags, struct error *error)
{
	/* without O_NONBLOCK opening a pipe would wait for its writer */
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
	struct stat status;

	if (file < 0) {
		error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		error_set(error, ERROR_INPUT, "%s: not a regular file", path);
		close(file);
		return -1;
	}
	return file;
}

int
file_open(const char *path, struct error *error)
{
	return open_with(path, 0, error);
}

int
file_open_itself(const char *path, struct error *error)
{
	return open_with(path, O_NOFOLLOW, error);
}

bool
file_read_at(int file, const char *path, uint64_t offset, uint64_t size, struct buffer *bytes, struct error *error)
{
	while (size > 0) {
		size_t chunk = size < CHUNK ? (size_t)size : CHUNK;
		char *room = buffer_reserve(bytes, chunk);
		if (room == NULL)
			return error_set(error, ERROR_INPUT, "%s: larger than %zu bytes, which is more than is read",
					 path, bytes->limit);
		ssize_t got = pread(file, room, chunk, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
		if (got == 0)
			break;
		bytes->size += (size_t)got;
		offset += (uint64_t)got;
		size -= (uint64_t)got;
	}
	return true;
}

bool
file_read_whole(const char *path, struct buffer *bytes, struct error *error)
{
	struct stat status;
	int file = file_open(path, error);

	buffer_clear(bytes);
	if (file < 0)
		return false;
	bool done = false;
	if (fstat(file, &status) != 0)
		error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	else
		done = file_read_at(file, path, 0, (uint64_t)status.st_size, bytes, error);
	close(file);
	return done;
}
