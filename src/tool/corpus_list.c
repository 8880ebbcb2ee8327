/* Directories, Maildirs and mbox files, listed. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/corpus.h"
#include "tool/file.h"
#include "tool/mbox.h"

#define READ_SIZE ((size_t)256 * 1024)

static bool
no_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "more files than can be listed; give fewer at once");
}

static bool
cannot_read(const char *path, struct error *error)
{
	return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
}

/* ---- directories ------------------------------------------------------------ */

/* Whether `path` is a file, links followed. */
static bool
is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool
is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool
add_entries(struct corpus *corpus, const char *path, DIR *directory, bool spam, struct error *error)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		const char *file = arena_printf(corpus->arena, "%s/%s", path, entry->d_name);
		if (file == NULL)
			return no_room(error);
		if (is_file(file) &&
		    !corpus_append(corpus, &(struct corpus_message){.path = file, .spam = spam}, error))
			return false;
	}
	return errno == 0 || cannot_read(path, error);
}

static bool
add_directory(struct corpus *corpus, const char *path, bool spam, struct error *error)
{
	DIR *directory = opendir(path);

	if (directory == NULL)
		return cannot_read(path, error);
	bool done = add_entries(corpus, path, directory, spam, error);
	closedir(directory);
	return done;
}

/* In a Maildir names begin with the time of arrival, so that cur and new are sorted together. */
static int
compare_names(const void *a, const void *b)
{
	const struct corpus_message *left = a, *right = b;

	return strcmp(strrchr(left->path, '/'), strrchr(right->path, '/'));
}

static bool
add_directories(struct corpus *corpus, const char *path, bool spam, struct error *error)
{
	const char *cur = arena_printf(corpus->arena, "%s/cur", path);
	const char *new = arena_printf(corpus->arena, "%s/new", path);
	size_t first = corpus->count;
	bool done;

	if (cur == NULL || new == NULL)
		return no_room(error);
	if (is_directory(cur) && is_directory(new))
		done = add_directory(corpus, cur, spam, error) && add_directory(corpus, new, spam, error);
	else
		done = add_directory(corpus, path, spam, error);
	if (corpus->count > first)
		qsort(corpus->messages + first, corpus->count - first, sizeof *corpus->messages, compare_names);
	return done;
}

/* ---- mbox ------------------------------------------------------------------- */

struct listing {
	struct corpus *corpus;
	struct corpus_message message;
	struct error *error;
};

static bool
add_mbox_message(void *context, uint64_t offset, uint64_t size)
{
	struct listing *listing = context;

	listing->message.number++;
	listing->message.offset = offset;
	listing->message.size = size;
	return corpus_append(listing->corpus, &listing->message, listing->error);
}

static bool
scan_file(int file, const char *path, struct listing *listing, struct error *error)
{
	struct buffer bytes = BUFFER_INIT(READ_SIZE);
	struct mbox_scan scan;
	bool done = true;

	mbox_begin(&scan, add_mbox_message, listing);
	do {
		buffer_clear(&bytes);
		done = file_read_at(file, path, scan.position, READ_SIZE, &bytes, error);
		mbox_push(&scan, buffer_span(&bytes));
	} while (done && bytes.size > 0 && !scan.stopped);
	buffer_free(&bytes);
	return done && mbox_end(&scan);
}

static bool
add_mbox(struct corpus *corpus, const char *path, bool spam, struct error *error)
{
	struct listing listing = {.corpus = corpus, .error = error};

	listing.message = (struct corpus_message){.path = arena_copy(corpus->arena, span_from(path)), .spam = spam};
	int file = file_open(path, error);

	if (file < 0)
		return false;
	if (listing.message.path == NULL) {
		close(file);
		return no_room(error);
	}
	bool done = scan_file(file, path, &listing, error);
	close(file);
	if (done && listing.message.number == 0)
		return error_set(error, ERROR_DATA,
				 "Corpus \"%s\" must be either a MBOX file or a maildir directory: "
				 "no line in it begins with \"From \"",
				 path);
	return done;
}

bool
corpus_add(struct corpus *corpus, const char *path, bool spam, struct error *error)
{
	return is_directory(path) ? add_directories(corpus, path, spam, error) : add_mbox(corpus, path, spam, error);
}
