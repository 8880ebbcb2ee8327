/* Removing what a test has written. */
#ifndef DSPAM_TESTS_REMOVE_TREE_H
#define DSPAM_TESTS_REMOVE_TREE_H

#include <ftw.h>
#include <stdio.h>

static inline int
remove_tree_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

/* 0 when all is gone. */
static inline int
remove_tree(const char *directory)
{
	return nftw(directory, remove_tree_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
