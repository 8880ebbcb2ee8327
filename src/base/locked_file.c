#include "base/locked_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define FIRST_PAUSE 200000L /* nanoseconds between two tries for the lock; doubled up to the last */
#define LAST_PAUSE 5000000L

static bool
lock_until(int fd, int64_t deadline)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct timespec pause = {.tv_nsec = FIRST_PAUSE};

	while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return false;
		if (clock_milliseconds() >= deadline) {
			errno = ETIMEDOUT;
			return false;
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < LAST_PAUSE)
			pause.tv_nsec *= 2;
	}
	return true;
}

/* Whether the path still names the file that was opened and locked. */
static bool
is_current(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

int
locked_file_open(const char *path, bool make, int64_t patience)
{
	int64_t deadline = clock_milliseconds() + patience;

	for (;;) {
		int fd = open(path, O_RDWR | (make ? O_CREAT : 0) | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0660);
		if (fd < 0)
			return -1;
		bool locked = lock_until(fd, deadline);
		if (locked && is_current(fd, path))
			return fd;
		int code = errno;
		close(fd);
		errno = code;
		if (!locked)
			return -1;
	}
}

static bool
write_all(int fd, struct span text)
{
	while (text.size > 0) {
		ssize_t count = write(fd, text.data, text.size);
		if (count < 0 && errno != EINTR)
			return false;
		if (count == 0) {
			errno = ENOSPC;
			return false;
		}
		text = span_skip(text, count < 0 ? 0 : (size_t)count);
	}
	return true;
}

bool
locked_file_append(int fd, struct span text)
{
	struct stat before;

	if (fstat(fd, &before) < 0)
		return false;
	if (write_all(fd, text))
		return true;
	int code = errno;
	if (S_ISREG(before.st_mode) && ftruncate(fd, before.st_size) < 0) {
		/* half a line stays; what went wrong first says more */
	}
	errno = code;
	return false;
}
