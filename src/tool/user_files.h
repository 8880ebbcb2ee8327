/* What a user has below Home: quarantine, logs, totals, copies, marks of opting in and out; to be removed. */
#ifndef DSPAM_TOOL_USER_FILES_H
#define DSPAM_TOOL_USER_FILES_H

#include "filter/home.h"

/* Whether there is a directory of his. */
bool user_files_exist(const struct home *home, struct arena *arena, const char *user);

/*
 * Remove all files and directories LOCAL.* of his directory, and it, when nothing else is there. Symbolic links are
 * removed and not followed. Without Home there is nothing to do. *removed counts files, also on failure.
 */
bool user_files_remove(const struct home *home, struct arena *arena, const char *user, size_t *removed,
		       struct error *error);

/* Only those that repeat the totals of the store, or tell what was taught to it (taken.h). */
bool user_files_remove_totals(const struct home *home, struct arena *arena, const char *user, size_t *removed,
			      struct error *error);

#endif
