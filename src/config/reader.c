/* The files of a configuration, and those that they include. */
#include "config/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

static bool
fill_buffer(int file, const char *path, struct buffer *buffer, struct error *error)
{
	for (;;) {
		char *room = buffer_reserve(buffer, 65536);

		if (room == NULL)
			return error_set(error, ERROR_CONFIG,
					 "%s: the file has more than %d bytes; is it a dspam.conf?", path,
					 CONFIG_FILE_SIZE);
		ssize_t got = read(file, room, 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, ERROR_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
		if (got == 0)
			return true;
		buffer->size += (size_t)got;
	}
}

static bool
slurp(const char *path, struct buffer *buffer, struct error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return error_set(error, ERROR_CONFIG, "%s: cannot be opened: %s", path, strerror(errno));
	bool done = fill_buffer(file, path, buffer, error);
	close(file);
	return done;
}

static bool
within_bounds(struct reader *reader, const char *path, size_t size)
{
	reader->total += size;
	if (++reader->files > CONFIG_FILES)
		return error_set(reader->error, ERROR_CONFIG, "%s: more than %d files are included", path,
				 CONFIG_FILES);
	if (reader->depth > CONFIG_DEPTH)
		return error_set(reader->error, ERROR_CONFIG,
				 "%s: more than %d files include each other; does one include itself?", path,
				 CONFIG_DEPTH);
	if (reader->total > CONFIG_TOTAL_SIZE)
		return error_set(reader->error, ERROR_CONFIG, "%s: all files together have more than %d bytes", path,
				 CONFIG_TOTAL_SIZE);
	return true;
}

static bool
read_file(struct reader *reader, const char *path)
{
	struct buffer buffer = BUFFER_INIT(CONFIG_FILE_SIZE + 65536);
	char *name = arena_copy(reader->config->arena, span_from(path));
	bool done = name != NULL && slurp(path, &buffer, reader->error) && within_bounds(reader, path, buffer.size);

	reader->depth++;
	done = done && reader_text(reader, name, buffer_span(&buffer));
	reader->depth--;
	buffer_free(&buffer);
	return done;
}

/* ---- Include ----------------------------------------------------------------------- */

static int
is_configuration(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + size - 5, ".conf") == 0;
}

static bool
read_entry(struct reader *reader, const char *directory, const char *name)
{
	struct stat status;
	const char *path = arena_printf(reader->config->arena, "%s/%s", directory, name);

	if (path == NULL)
		return error_set(reader->error, ERROR_CONFIG, "%s: too many files", directory);
	/* A directory or a pipe that happens to have the name is passed over. */
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return true;
	return read_file(reader, path);
}

static bool
read_directory(struct reader *reader, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_configuration, alphasort);
	bool done = true;

	if (count < 0)
		return error_set(reader->error, ERROR_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		done = done && read_entry(reader, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return done;
}

/* A relative path begins at the directory of the file that includes. */
static const char *
included_path(const struct reader *reader, const char *from, struct span path)
{
	struct arena *arena = reader->config->arena;
	const char *slash = strrchr(from, '/');

	if (slash == NULL || (path.size > 0 && path.data[0] == '/'))
		return arena_copy(arena, path);
	return arena_printf(arena, "%.*s/%.*s", (int)(slash - from), from, (int)path.size, path.data);
}

bool
reader_include(struct reader *reader, struct config_place place, struct span value)
{
	struct stat status;

	if (!reader->follow) {
		config_note(reader->config, CONFIG_WARNING, place, "Include: it is followed only in files");
		return true;
	}
	const char *path = included_path(reader, place.file, value);
	if (path == NULL)
		return error_set(reader->error, ERROR_CONFIG, "Include: too many files");
	bool directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	if (directory ? read_directory(reader, path) : read_file(reader, path))
		return true;
	return error_prefix(reader->error, "%s:%u: Include", place.file, place.line);
}

bool
config_read_file(struct config *config, const char *path, struct error *error)
{
	struct reader reader = {.config = config, .error = error, .follow = true};

	return read_file(&reader, path);
}
