/* Trees of Maildirs: Maildir++ and what Dovecot calls LAYOUT=fs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/harvest.h"

enum { DEPTH_MAX = 20 };

static bool
cannot_read(const char *path, struct error *error)
{
	const char *way = errno == ENOTDIR ? "; a file goes with --mbox" : "";

	return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s%s", path, strerror(errno),
			 way);
}

/* A directory that is one itself: links lead out of the tree, or round in it. */
static bool
is_directory(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* ---- messages --------------------------------------------------------------------------------- */

/* Letters behind ":2,". */
static bool
has_flag(const char *name, char flag)
{
	const char *info = strstr(name, ":2,");

	return info != NULL && strchr(info + 3, flag) != NULL;
}

/* A name begins with the second in which the message came; else the file says when it was made. */
static int64_t
date_of(const char *name, const struct stat *status)
{
	unsigned long long number;
	struct span digits = span_head(span_from(name), strcspn(name, "."));

	if (digits.size >= 9 && span_to_number(digits, INT32_MAX * 4ULL, &number))
		return (int64_t)number;
	return status->st_mtime;
}

/* The name without its flags stays when a message is read, answered or moved. */
static uint64_t
key_of(struct harvest *harvest, const char *name)
{
	const char *base = arena_copy(harvest->arena, span_head(span_from(name), strcspn(name, ":")));

	return base != NULL ? harvest_key("maildir", &base, 1) : 0;
}

static bool
add_file(struct harvest *harvest, int directory, const char *in, const char *name, struct error *error)
{
	struct stat status;
	bool new = in[0] == 'n';
	const struct harvest_flags flags = {
		.unread = new || !has_flag(name, 'S'),
		.deleted = !new && (has_flag(name, 'T') || has_flag(name, 'D')),
	};

	if (name[0] == '.' || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
		return true;
	struct harvest_message message = {
		.folder = (uint32_t)harvest->folder_count - 1,
		.date = date_of(name, &status),
		.key = key_of(harvest, name),
	};
	message.path = arena_printf(harvest->arena, "%s/%s", in, name);
	return message.path != NULL ? harvest_add(harvest, &message, flags, error) : harvest_is_full(error);
}

static bool
add_files(struct harvest *harvest, const char *place, const char *in, struct error *error)
{
	const char *path = arena_printf(harvest->arena, "%s/%s", place, in);
	DIR *directory = path != NULL ? opendir(path) : NULL;
	struct dirent *entry;
	bool good = true;

	if (directory == NULL)
		return path != NULL ? cannot_read(path, error) : harvest_is_full(error);
	while (good && (errno = 0, (entry = readdir(directory)) != NULL))
		good = add_file(harvest, dirfd(directory), in, entry->d_name, error);
	if (good && errno != 0)
		good = cannot_read(path, error);
	closedir(directory);
	return good;
}

/* ---- folders ------------------------------------------------------------------------------------ */

struct maildir {
	const char *path, *name; /* name in UTF-8 */
	const char *raw;         /* below the tree */
};

static bool
add_folder(struct harvest *harvest, const struct maildir *maildir, struct error *error)
{
	const struct folder_view view = {.name = maildir->name, .raw = maildir->raw};
	struct folder_opinion opinion = folder_judge(&view, &harvest->rules);
	const struct harvest_folder folder = {
		.name = maildir->name,
		.place = maildir->path,
		.source = HARVEST_MAILDIR,
		.role = opinion.role,
		.why = opinion.why,
	};

	return harvest_folder_add(harvest, &folder, error) != NULL && add_files(harvest, maildir->path, "cur", error) &&
	       add_files(harvest, maildir->path, "new", error);
}

static bool
is_maildir(struct harvest *harvest, const char *path)
{
	const char *cur = arena_printf(harvest->arena, "%s/cur", path);
	const char *new = arena_printf(harvest->arena, "%s/new", path);

	return cur != NULL && new != NULL &&is_directory(cur) && is_directory(new);
}

static bool walk(struct harvest *harvest, const struct maildir *maildir, unsigned depth, struct error *error);

/* ".Junk.2024" in a Maildir is the folder Junk/2024, "Junk" in a directory the folder Junk. */
static bool
enter(struct harvest *harvest, const struct maildir *above, const char *entry, unsigned depth, struct error *error)
{
	bool dotted = entry[0] == '.';
	struct maildir below = {
		.path = arena_printf(harvest->arena, "%s/%s", above->path, entry),
		.raw = depth == 0 ? arena_copy(harvest->arena, span_from(entry))
				  : arena_printf(harvest->arena, "%s/%s", above->raw, entry),
	};
	const char *part = folder_name_decode(harvest->arena, span_from(entry + dotted));

	if (below.path == NULL || below.raw == NULL || part == NULL)
		return harvest_is_full(error);
	char *name = depth == 0 ? arena_copy(harvest->arena, span_from(part))
				: arena_printf(harvest->arena, "%s/%s", above->name, part);
	if (name == NULL)
		return harvest_is_full(error);
	for (char *c = name; dotted && *c != '\0'; c++)
		if (*c == '.')
			*c = '/';
	below.name = name;
	if (!is_directory(below.path))
		return true;
	if (faccessat(AT_FDCWD, below.path, R_OK | X_OK, AT_EACCESS) != 0)
		return cannot_read(below.path, error); /* it may be the folder of spam */
	return walk(harvest, &below, dotted ? DEPTH_MAX : depth + 1, error);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of directories that may be folders, sorted, so that what is printed is the same each time. */
static bool
list_entries(struct harvest *harvest, const char *path, bool dotted, const char **names, size_t *count,
	     struct error *error)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (directory == NULL)
		return cannot_read(path, error);
	while ((entry = readdir(directory)) != NULL && *count < HARVEST_FOLDERS_MAX) {
		const char *name = entry->d_name;
		bool file = entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN;
		if (file || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.' && !dotted) ||
		    strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 || strcmp(name, "tmp") == 0)
			continue;
		names[*count] = arena_copy(harvest->arena, span_from(name));
		*count += names[*count] != NULL;
	}
	closedir(directory);
	qsort(names, *count, sizeof *names, compare_names);
	return true;
}

static bool
walk(struct harvest *harvest, const struct maildir *maildir, unsigned depth, struct error *error)
{
	const char **names;
	size_t count = 0;
	bool is_one = is_maildir(harvest, maildir->path);

	if (is_one && !add_folder(harvest, maildir, error))
		return false;
	if (depth >= DEPTH_MAX)
		return true;
	names = calloc(HARVEST_FOLDERS_MAX, sizeof *names);
	if (names == NULL)
		abort();
	/* also where the directory above a Maildir was named: else its inbox would be all that is taken, without Junk
	 */
	bool good = list_entries(harvest, maildir->path, depth == 0 || is_one, names, &count, error);
	for (size_t i = 0; good && i < count; i++)
		good = enter(harvest, maildir, names[i], depth, error);
	free(names);
	return good;
}

bool
harvest_maildir(struct harvest *harvest, const char *path, struct error *error)
{
	size_t before = harvest->folder_count;
	struct maildir root = {harvest_text(harvest, span_from(path), error), "INBOX", "INBOX"};

	if (root.path == NULL)
		return false;
	return walk(harvest, &root, 0, error) &&
	       (harvest->folder_count > before ||
		error_set(error, ERROR_DATA, "%s is no Maildir: nowhere in it are directories cur and new", path));
}
