#include "tool/log_rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/locked_file.h"
#include "tool/log_lines.h"

#define PATIENCE 60000 /* milliseconds to wait for the lock */
#define PIECE_SIZE ((size_t)64 * 1024)

static bool
failed(struct error *error, enum error_code code, const char *path, const char *what)
{
	if (errno == ETIMEDOUT)
		return error_later(error, ERROR_TEMPORARY, "%s: stays locked by another program; try again later",
				   path);
	return error_set(error, code, "%s: cannot %s: %s", path, what, strerror(errno));
}

/* ---- copying -------------------------------------------------------------------------- */

static bool
write_kept(void *context, struct span text)
{
	FILE *out = context;

	return fwrite(text.data, 1, text.size, out) == text.size;
}

/* All lines that stay, from `in` to `out`. */
static bool
copy_kept(int in, FILE *out, int64_t oldest, uint64_t *dropped, bool *foreign)
{
	struct log_lines lines;
	char piece[PIECE_SIZE];
	ssize_t count;

	log_lines_begin(&lines, oldest, write_kept, out);
	while ((count = read(in, piece, sizeof piece)) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		log_lines_push(&lines, span_of(piece, (size_t)count));
		if (lines.failed)
			return false;
	}
	bool good = log_lines_end(&lines) && fflush(out) == 0;
	*dropped = lines.dropped;
	*foreign = lines.dropped > 0 && lines.timed == 0;
	return good;
}

/* The rights of the log; false when somebody else's cannot be given. */
static bool
take_rights(int in, int out)
{
	struct stat old, new;

	if (fstat(in, &old) < 0 || fstat(out, &new) < 0)
		return false;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) && fchown(out, old.st_uid, old.st_gid) < 0)
		return false;
	return fchmod(out, old.st_mode & 07777) == 0;
}

/* ---- the new file ------------------------------------------------------------------------ */

/* Write the new log to `temporary`; true when there is one to put in place. */
static bool
write_new(int in, const char *path, const char *temporary, int64_t oldest, uint64_t *dropped, struct error *error)
{
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (out == NULL) {
		failed(error, ERROR_CREATE, temporary, "make it");
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool foreign = false;
	bool good = copy_kept(in, out, oldest, dropped, &foreign) ||
		    failed(error, ERROR_IO, temporary, "write the new log");
	if (good && foreign)
		good = error_set(error, ERROR_DATA,
				 "%s: is no log of dspam, as no line in it begins with a time; it is left as it is",
				 path);
	good = good && (take_rights(in, fd) ||
			failed(error, ERROR_IO, path, "give the new log the owner and mode of the old one"));
	good = good && (fsync(fd) == 0 || failed(error, ERROR_IO, temporary, "write the new log"));
	if (fclose(out) != 0 && good)
		good = failed(error, ERROR_IO, temporary, "write the new log");
	return good;
}

static bool
replace(int in, const char *path, int64_t oldest, uint64_t *dropped, struct error *error)
{
	char temporary[PATH_MAX];

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid()) >= sizeof temporary)
		return error_set(error, ERROR_CREATE, "%s: the path is too long", path);
	unlink(temporary); /* of a process that had our number and died */
	bool good = write_new(in, path, temporary, oldest, dropped, error);
	if (good && *dropped > 0 && rename(temporary, path) == 0)
		return true;
	if (good && *dropped > 0)
		good = failed(error, ERROR_IO, path, "put the new log in its place");
	unlink(temporary);
	return good;
}

bool
log_rotate(const char *path, int64_t oldest, uint64_t *dropped, struct error *error)
{
	char *real = realpath(path, NULL); /* a link stays one */
	struct stat status;

	*dropped = 0;
	if (real == NULL)
		return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	int in = locked_file_open(real, false, PATIENCE);
	bool done = in >= 0 || failed(error, ERROR_INPUT, path, "open it");
	if (done && (fstat(in, &status) < 0 || !S_ISREG(status.st_mode)))
		done = error_set(error, ERROR_INPUT, "%s: is no regular file", path);
	done = done && replace(in, real, oldest, dropped, error);
	if (in >= 0)
		close(in);
	free(real);
	return done;
}
