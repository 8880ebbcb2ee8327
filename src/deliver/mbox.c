#include "deliver/mbox.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/locked_file.h"
#include "deliver/descriptor.h"

#define CHUNK_SIZE ((size_t)64 * 1024)

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

/* Lines >From and >>From get one more >, too: so that it can be taken off again, and nothing else with it. */
static void
mbox_quote(struct mbox *mbox, struct span text)
{
	while (text.size > 0) {
		if (!mbox->inside && text.data[0] == '>' && mbox->matched == 0) {
			mbox_add(mbox, span_head(text, 1));
			text = span_skip(text, 1);
			continue;
		}
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

	if (ctime_r(&now, line + strlen(line)) != NULL)
		mbox_add(mbox, span_from(line));
	for (size_t i = 0; i < message->count && !mbox->failed; i++)
		mbox_quote(mbox, message->pieces[i]);
	mbox_release(mbox);
	mbox_add(mbox, SPAN("\n\n"));
	mbox_flush(mbox);
}

/* Open and lock; make the directories above the file when they are missing. */
static int
open_locked(const char *path, int64_t patience)
{
	int fd = locked_file_open(path, true, patience);

	if (fd < 0 && errno == ENOENT && file_make_directories(path, 1))
		fd = locked_file_open(path, true, patience);
	return fd;
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
	bool good = !mbox.failed && fsync(fd) == 0 && (size > 0 || file_sync_entry(path));
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
	int fd = open_locked(path, patience);

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
