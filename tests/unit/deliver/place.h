/* A directory of a test's own. */
#ifndef DSPAM_TEST_PLACE_H
#define DSPAM_TEST_PLACE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

struct place {
	char directory[40];
	char path[300]; /* of the file named last */
};

static inline void
place_open(struct place *place)
{
	snprintf(place->directory, sizeof place->directory, "/tmp/dspam-deliver-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
}

static inline const char *
place_file(struct place *place, const char *name)
{
	snprintf(place->path, sizeof place->path, "%s/%s", place->directory, name);
	return place->path;
}

static inline void
place_write(struct place *place, const char *name, const char *text, mode_t mode)
{
	int fd = open(place_file(place, name), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The content of a file; to be freed. */
static inline struct buffer
place_read(struct place *place, const char *name)
{
	struct buffer content = BUFFER_INIT(1 << 26);
	int fd = open(place_file(place, name), O_RDONLY | O_CLOEXEC);
	ssize_t count;

	assert_true(fd >= 0);
	do {
		char *room = buffer_reserve(&content, 65536);
		assert_non_null(room);
		count = read(fd, room, 65536);
		assert_true(count >= 0);
		content.size += (size_t)count;
	} while (count > 0);
	close(fd);
	return content;
}

static inline void
place_expect(struct place *place, const char *name, const char *text)
{
	struct buffer content = place_read(place, name);

	assert_string_equal(buffer_string(&content), text);
	buffer_free(&content);
}

/* Remove the files and the directory. */
static inline void
place_close(struct place *place)
{
	DIR *directory = opendir(place->directory);
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			unlink(place_file(place, entry->d_name));
	closedir(directory);
	assert_int_equal(rmdir(place->directory), 0);
}

#endif
