/*
 * The files of the original's drivers that keep one a user: found below a directory, with the user whose each is.
 *
 * The three trees of Home (filter/home.h) are told apart by their depth: USER/USER.css, DOMAIN/LOCAL/LOCAL.css,
 * u/s/user/user.css, all below "data". Symbolic links below are not followed. The list owns its texts.
 */
#ifndef DSPAM_MOVE_TREE_H
#define DSPAM_MOVE_TREE_H

#include <stddef.h>

#include "base/error.h"

enum tree_kind { TREE_CSS, TREE_SDB };

struct tree_file {
	char *name, *path;
	enum tree_kind kind;
};

struct tree {
	struct tree_file *files;
	size_t count, capacity;
};

/* Home, its directory "data", or the directory of one user; only `user`, unless NULL. None found is an error. */
bool tree_find(struct tree *tree, const char *path, const char *user, struct error *error);
void tree_add(struct tree *tree, const char *name, const char *path, enum tree_kind kind);
void tree_free(struct tree *tree);

#endif
