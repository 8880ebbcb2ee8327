#include "deliver/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "deliver/descriptor.h"
#include "net/stream.h"

#define CHUNK_SIZE ((size_t)64 * 1024)
#define RETRY_NANOSECONDS (5L * 1000 * 1000)

/* Text on its way into the file, gathered into larger writes. */
struct mbox {
	int fd;
	struct buffer pending;
	size_t matched; /* bytes of "From " that the current line begins with; held back */
	bool inside;    /* the line is known not to begin with it */
	bool failed;
};

static const struct span from_line = {"From ", 5};

static void
mbox_flush(struct mbox *mbox)
{
	mbox->failed = mbox->failed || !deliver_write(mbox->fd, buffer_span(&mbox->pending));
	buffer_clear(&mbox->pending);
}

static void
mbox_add(struct mbox *mbox, struct span text)
{
	while (text.size > 0 && !mbox->failed) {
		struct span head = span_head(text, CHUNK_SIZE - mbox->pending.size);
		buffer_append_span(&mbox->pending, head);
		text = span_skip(text, head.size);
		if (mbox->pending.size == CHUNK_SIZE)
			mbox_flush(mbox);
	}
}

/* Give out what was held back because the line could have begun with "From ". */
static void
mbox_release(struct mbox *mbox)
{
	if (mbox->matched == from_line.size)
		mbox_add(mbox, SPAN(">"));
	mbox_add(mbox, span_head(from_line, mbox->matched));
	mbox->matched = 0;
	mbox->inside = true;
}

static void
mbox_quote(struct mbox *mbox, struct span text)
{
	while (text.size > 0) {
		if (!mbox->inside && text.data[0] == from_line.data[mbox->matched]) {
			text = span_skip(text, 1);
			if (++mbox->matched == from_line.size)
				mbox_release(mbox);
			continue;
		}
		mbox_release(mbox);
		size_t end = span_find_byte(text, '\n');
		struct span rest_of_line = span_head(text, end == SPAN_NONE ? text.size : end + 1);
		mbox_add(mbox, rest_of_line);
		mbox->inside = end == SPAN_NONE;
		text = span_skip(text, rest_of_line.size);
	}
}

static void
mbox_write(struct mbox *mbox, const struct deliver_message *message, time_t now)
{
	char line[100] = "From QUARANTINE ";

	mbox->inside = deliver_message_starts(message, from_line); /* the first line stays as it is */
	if (!mbox->inside && ctime_r(&now, line + strlen(line)) != NULL)
		mbox_add(mbox, span_from(line));
	for (size_t i = 0; i < message->count && !mbox->failed; i++)
		mbox_quote(mbox, message->pieces[i]);
	mbox_release(mbox);
	mbox_add(mbox, SPAN("\n\n"));
	mbox_flush(mbox);
}

/* Make the directories above the file. */
static bool
make_directories(const char *path)
{
	char directory[PATH_MAX];

	if (strlen(path) >= sizeof directory) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (size_t i = 0; path[i] != '\0'; i++) {
		directory[i] = path[i];
		directory[i + 1] = '\0';
		if (path[i] != '/' || i == 0)
			continue;
		directory[i] = '\0';
		if (mkdir(directory, 0770) < 0 && errno != EEXIST)
			return false;
		directory[i] = '/';
	}
	return true;
}

/* A lock of this opening of the file, which threads respect as well as processes. */
static bool
lock_until(int fd, int64_t deadline)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const struct timespec pause = {.tv_nsec = RETRY_NANOSECONDS};

	while (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return false;
		if (net_remaining(deadline) == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		nanosleep(&pause, NULL);
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

/* Open and lock; again when another program has put a new file in its place meanwhile. */
static int
open_locked(const char *path, int64_t deadline)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0660);
		if (fd < 0 && errno == ENOENT && make_directories(path))
			fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0660);
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

/* The entry of a new file must be on the disk too. */
static bool
sync_directory(const char *path)
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

/* Append behind `size` bytes; false with errno, the file then having its old size again. */
static bool
append(int fd, off_t size, const char *path, const struct deliver_message *message, time_t now)
{
	struct mbox mbox = {.fd = fd, .pending = BUFFER_INIT(CHUNK_SIZE)};
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
		mbox_add(&mbox, SPAN("\n")); /* a program that died has left half a line */
	mbox_write(&mbox, message, now);
	bool good = !mbox.failed && fsync(fd) == 0 && (size > 0 || sync_directory(path));
	int code = errno;
	buffer_free(&mbox.pending);
	if (!good && ftruncate(fd, size) == 0)
		fsync(fd);
	errno = code;
	return good;
}

bool
deliver_mbox(const char *path, const struct deliver_message *message, time_t now, int64_t patience,
	     struct deliver_result *result)
{
	struct stat status;
	int fd = open_locked(path, net_deadline(patience));

	if (fd < 0 && errno == ETIMEDOUT)
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.2.0", "mailbox %s: locked by another program",
					  path);
	if (fd < 0)
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.2.0", "mailbox %s: cannot open: %m", path);
	bool good = fstat(fd, &status) == 0 && append(fd, status.st_size, path, message, now);
	if (good)
		deliver_result_set(result, DELIVER_ACCEPTED, "2.0.0", "Appended to %s", path);
	else
		deliver_result_set(result, DELIVER_TEMPORARY, errno == ENOSPC || errno == EFBIG ? "4.3.1" : "4.3.0",
				   "mailbox %s: cannot write: %m", path);
	close(fd); /* gives up the lock */
	return good;
}
