#include "move/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/span.h"

enum { DEPTH_MAX = 3 };

/* Directories between the top and a file, by their names. */
struct place {
	struct tree *tree;
	const char *user;                 /* the only one; NULL: all */
	const char *names[DEPTH_MAX + 1]; /* names[0] is that of the top itself */
	size_t depth;
};

static void *
need(void *pointer)
{
	if (pointer == NULL)
		abort();
	return pointer;
}

void
tree_add(struct tree *tree, const char *name, const char *path, enum tree_kind kind)
{
	if (tree->count == tree->capacity) {
		tree->capacity = tree->capacity == 0 ? 64 : tree->capacity * 2;
		tree->files = need(reallocarray(tree->files, tree->capacity, sizeof *tree->files));
	}
	tree->files[tree->count++] = (struct tree_file){need(strdup(name)), need(strdup(path)), kind};
}

void
tree_free(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->files[i].name);
		free(tree->files[i].path);
	}
	free(tree->files);
	*tree = (struct tree){0};
}

/* USER.css in a directory USER. */
static bool
is_named_after(const char *file, struct span directory, enum tree_kind *kind)
{
	struct span rest = span_from(file);

	if (!span_starts(rest, directory))
		return false;
	rest = span_skip(rest, directory.size);
	*kind = span_equal(rest, SPAN(".css")) ? TREE_CSS : TREE_SDB;
	return *kind == TREE_CSS || span_equal(rest, SPAN(".sdb"));
}

static void
add_file(const struct place *place, const char *path, enum tree_kind kind)
{
	const char *local = place->names[place->depth], *domain = place->depth == 2 ? place->names[1] : "local";
	char name[1024];

	if (strcmp(domain, "local") == 0)
		snprintf(name, sizeof name, "%s", local);
	else
		snprintf(name, sizeof name, "%s@%s", local, domain);
	if (place->user == NULL || strcmp(place->user, name) == 0)
		tree_add(place->tree, name, path, kind);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool walk(struct place *place, const char *path, struct error *error);

static bool
visit(struct place *place, const char *directory, const char *name, struct error *error)
{
	struct stat status;
	enum tree_kind kind;
	bool done = true;
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		abort();
	if (lstat(path, &status) != 0) {
		done = errno == ENOENT || error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	} else if (S_ISDIR(status.st_mode) && place->depth < DEPTH_MAX) {
		place->names[++place->depth] = name;
		done = walk(place, path, error);
		place->depth--;
	} else if (S_ISREG(status.st_mode) && is_named_after(name, span_from(place->names[place->depth]), &kind)) {
		add_file(place, path, kind);
	}
	free(path);
	return done;
}

static bool
walk(struct place *place, const char *path, struct error *error)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_visible, alphasort);
	bool done = true;

	if (count < 0)
		return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s", path,
				 strerror(errno));
	for (int i = 0; i < count; i++) {
		done = done && visit(place, path, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	return done;
}

/* Home has a directory "data", in which the users are. */
static char *
top_of(const char *path)
{
	static const char data[] = "/data";
	struct stat status;
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	char *top = malloc(size + sizeof data);
	if (top == NULL)
		abort();
	memcpy(top, path, size);
	memcpy(top + size, data, sizeof data);
	if (stat(top, &status) != 0 || !S_ISDIR(status.st_mode))
		top[size] = '\0';
	return top;
}

bool
tree_find(struct tree *tree, const char *path, const char *user, struct error *error)
{
	char *top = top_of(path);
	const char *slash = strrchr(top, '/');
	struct place place = {.tree = tree, .user = user, .names = {slash != NULL ? slash + 1 : top}};
	bool done = walk(&place, top, error);

	if (done && tree->count == 0)
		done = error_set(error, ERROR_INPUT,
				 "%s: there are no files USER/USER.css or USER/USER.sdb of the original's drivers%s%s"
				 " below",
				 top, user != NULL ? " for " : "", user != NULL ? user : "");
	free(top);
	return done;
}
