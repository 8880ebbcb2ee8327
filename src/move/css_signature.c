/* The signatures of the hash driver: one file each in a directory beside the .css file. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "filter/signature.h"
#include "move/css.h"

#define ENDING ".sig"
#define DATA_MAX ((size_t)16 << 20) /* no message makes a longer one */

static int
is_signature(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), ending = sizeof ENDING - 1;

	return size > ending && strcmp(entry->d_name + size - ending, ENDING) == 0 &&
	       signature_id_valid(span_of(entry->d_name, size - ending));
}

static bool
read_whole(int file, struct buffer *data)
{
	for (;;) {
		char *room = buffer_reserve(data, 65536);
		ssize_t got = room == NULL ? -1 : read(file, room, 65536);
		if (got < 0 && room != NULL && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		data->size += (size_t)got;
	}
}

/* One that cannot be read is left out, with a warning: it is worth two weeks at most. */
static bool
give(int directory, const char *path, const char *name, store_signature_callback *each, void *context)
{
	struct buffer data = BUFFER_INIT(DATA_MAX + 65536);
	int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	bool more = true;
	char id[256];

	if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) && read_whole(file, &data)) {
		snprintf(id, sizeof id, "%.*s", (int)(strlen(name) - sizeof ENDING + 1), name);
		more = each(context,
			    &(struct store_signature){id, span_of(data.data != NULL ? data.data : "", data.size),
						      (int32_t)(status.st_mtime / CLOCK_DAY)});
	} else {
		log_warning("%s/%s: left out: it cannot be read, or is no regular file of at most %zu bytes", path,
			    name, DATA_MAX);
	}
	if (file >= 0)
		close(file);
	buffer_free(&data);
	return more;
}

static bool
give_all(int directory, const char *path, store_signature_callback *each, void *context, struct error *error)
{
	struct dirent **entries;
	int count = scandirat(directory, ".", &entries, is_signature, alphasort);
	bool more = true;

	if (count < 0)
		return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		more = more && give(directory, path, entries[i]->d_name, each, context);
		free(entries[i]);
	}
	free(entries);
	return true;
}

bool
css_each_signature(void *css_path, store_signature_callback *each, void *context, struct error *error)
{
	const char *css = css_path;
	char *path;

	if (asprintf(&path, "%.*s" ENDING, (int)(strlen(css) - 4), css) < 0)
		abort();
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	bool done = directory < 0 && errno == ENOENT;
	if (directory >= 0) {
		done = give_all(directory, path, each, context, error);
		close(directory);
	} else if (!done) {
		error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	}
	free(path);
	return done;
}
