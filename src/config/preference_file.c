#include "config/preference_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "config/preference.h"

enum {
	FILE_MAXIMUM = 64 << 10, /* comments count too */
	NEW_MODE = 0660,         /* like all files of users */
};

/* ---- reading ---------------------------------------------------------------- */

/* The next line without its end; what is beyond the bound is dropped. */
static bool
next_line(struct span *rest, struct span *line)
{
	if (!span_next_line(rest, line))
		return false;
	while (line->size > 0 && (line->data[line->size - 1] == '\n' || line->data[line->size - 1] == '\r'))
		line->size--;
	*line = span_head(*line, PREFERENCE_LINE);
	*line = span_head(*line, span_find_byte(*line, '\0'));
	return true;
}

static bool
is_entry(struct span line, struct span *name, struct span *value)
{
	return line.size > 0 && line.data[0] != '#' && preference_split(line, name, value);
}

void
preference_read(struct span text, preference_callback *each, void *context)
{
	struct span line, name, value;
	int entries = 0;

	while (entries < PREFERENCE_ENTRIES && next_line(&text, &line)) {
		if (!is_entry(line, &name, &value))
			continue;
		entries++;
		each(context, name, value);
	}
}

static bool
slurp(int file, const char *path, struct buffer *text, struct error *error)
{
	for (;;) {
		char *room = buffer_reserve(text, 4096);

		if (room == NULL)
			return error_set(error, ERROR_DATA,
					 "%s: more than %d bytes; a file of preferences has a few lines", path,
					 FILE_MAXIMUM);
		ssize_t got = read(file, room, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_later(error, ERROR_IO, "%s: cannot be read: %s", path, strerror(errno));
		if (got == 0)
			return true;
		text->size += (size_t)got;
	}
}

static bool
load(const char *path, struct buffer *text, bool *found, struct error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*found = file >= 0;
	if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (file < 0)
		return error_later(error, ERROR_IO, "%s: cannot be opened: %s", path, strerror(errno));
	bool done = slurp(file, path, text, error);
	close(file);
	return done;
}

bool
preference_file_read(const char *path, preference_callback *each, void *context, bool *found, struct error *error)
{
	struct buffer text = BUFFER_INIT(FILE_MAXIMUM);
	bool done = load(path, &text, found, error);

	if (done)
		preference_read(buffer_span(&text), each, context);
	buffer_free(&text);
	return done;
}

/* ---- writing ---------------------------------------------------------------- */

/* Whether the entry can stand in a file and will be read back as it is. */
static bool
check_entry(const char *name, const char *value, struct error *error)
{
	if (*name == '\0' || *name == '#' || strpbrk(name, "=\r\n") != NULL)
		return error_set(error, ERROR_DATA, "\"%s\" cannot be the name of a preference", name);
	if (value != NULL && strpbrk(value, "\r\n") != NULL)
		return error_set(error, ERROR_DATA, "%s: the value of a preference is one line", name);
	if (value != NULL && strlen(name) + 1 + strlen(value) > PREFERENCE_LINE)
		return error_set(error, ERROR_DATA, "%s: name and value have more than %d bytes", name,
				 PREFERENCE_LINE - 1);
	return true;
}

/* Copy all lines but the entries of `name`; the first of them is replaced by the new value. Counts the entries. */
static int
change(struct span old, const char *name, const char *value, struct buffer *text)
{
	struct span line, entry, ignored;
	bool written = value == NULL;
	int entries = 0;

	while (next_line(&old, &line)) {
		bool is = is_entry(line, &entry, &ignored);

		if (is && span_equal_nocase(entry, span_from(name))) {
			if (written)
				continue;
			buffer_printf(text, "%s=%s\n", name, value);
			written = true;
		} else {
			buffer_append_span(text, line);
			buffer_append_byte(text, '\n');
		}
		entries += is;
	}
	if (!written)
		buffer_printf(text, "%s=%s\n", name, value);
	return entries + !written;
}

static bool
write_all(int file, struct span text)
{
	while (text.size > 0) {
		ssize_t put = write(file, text.data, text.size);

		if (put < 0 && errno != EINTR)
			return false;
		text = span_skip(text, put < 0 ? 0 : (size_t)put);
	}
	return fsync(file) == 0;
}

/* The new file belongs to whom the old one did, so that root may set a user's preferences. */
static bool
keep_rights(int file, const char *path)
{
	struct stat old;

	if (stat(path, &old) < 0)
		return fchmod(file, NEW_MODE) == 0;
	return (geteuid() != 0 || fchown(file, old.st_uid, old.st_gid) == 0) && fchmod(file, old.st_mode & 0777) == 0;
}

static bool
replace(const char *path, struct span text, struct error *error)
{
	char temporary[4096];

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid()) >= sizeof temporary)
		return error_set(error, ERROR_CREATE, "%s: the path is too long", path);
	unlink(temporary); /* of a process that had our number and died */
	int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return error_later(error, ERROR_CREATE, "%s: cannot be made: %s", temporary, strerror(errno));
	bool done = write_all(file, text) && keep_rights(file, path);
	done = close(file) == 0 && done && rename(temporary, path) == 0;
	if (done)
		return true;
	error_later(error, ERROR_IO, "%s: cannot be written: %s", path, strerror(errno));
	unlink(temporary);
	return false;
}

static bool
rewrite(const char *path, const char *name, const char *value, struct error *error)
{
	struct buffer old = BUFFER_INIT(FILE_MAXIMUM);
	struct buffer new = BUFFER_INIT(2 * FILE_MAXIMUM);
	bool found;
	bool done = load(path, &old, &found, error);

	if (done) {
		int entries = change(buffer_span(&old), name, value, &new);

		if (value != NULL && entries > PREFERENCE_ENTRIES)
			done = error_set(error, ERROR_DATA, "%s: more than %d preferences; delete one first", path,
					 PREFERENCE_ENTRIES);
		else if (entries > 0)
			done = replace(path, buffer_span(&new), error);
		else if (found && unlink(path) < 0 && errno != ENOENT)
			done = error_later(error, ERROR_IO, "%s: cannot be removed: %s", path, strerror(errno));
	}
	buffer_free(&old);
	buffer_free(&new);
	return done;
}

/* The directory of `path`, open and locked. */
static int
lock_directory(const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');
	char directory[4096] = ".";

	if (slash != NULL && (size_t)(slash - path) < sizeof directory - 1)
		snprintf(directory, sizeof directory, "%.*s", (int)(slash - path) + 1, path);
	int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file >= 0 && flock(file, LOCK_EX) == 0)
		return file;
	error_later(error, ERROR_CREATE, "%s: the directory cannot be opened: %s", directory, strerror(errno));
	if (file >= 0)
		close(file);
	return -1;
}

bool
preference_file_set(const char *path, const char *name, const char *value, struct error *error)
{
	if (!check_entry(name, value, error))
		return false;
	int directory = lock_directory(path, error);
	if (directory < 0)
		return false;
	bool done = rewrite(path, name, value, error);
	if (done && fsync(directory) < 0)
		done = error_later(error, ERROR_IO, "%s: cannot be written: %s", path, strerror(errno));
	close(directory);
	return done;
}
