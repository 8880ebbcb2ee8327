/*
 * Home: where the files of users are (dspam-behaviour: messages 9).
 *
 * HomeLayout decides between three trees; the original chose one when it was built:
 *   user     data/USER/USER.ext, opt-in/USER.dspam, opt-out/USER.nodspam
 *   large    data/u/s/user/user.ext: the first two letters spread many users over directories
 *   domain   data/DOMAIN/LOCAL/LOCAL.ext, opt-in/DOMAIN/LOCAL.dspam; somebody without domain
 *            belongs to the domain "local", and so does user "@domain", as "domain"
 *
 * A name that could lead out of its directory has no path at all. Plain values, borrowing the
 * configuration; any thread may use them. Directories get mode 0770, files 0660, less the umask (006).
 */
#ifndef DSPAM_FILTER_HOME_H
#define DSPAM_FILTER_HOME_H

#include "base/arena.h"
#include "config/config.h"

enum home_layout { HOME_USER, HOME_LARGE, HOME_DOMAIN };

struct home {
	const char *path;
	enum home_layout layout;
};

/* What Home and HomeLayout say; path is NULL when there is no Home. */
void home_init(struct home *home, const struct config *config);

/* Whether `user` can have files: a valid name of the store, of which no part is empty, "." or "..". */
bool home_name_valid(const struct home *home, const char *user);

/* The file USER.EXTENSION of a user; NULL when the arena is full or the name is none. */
char *home_file(const struct home *home, struct arena *arena, const char *user, const char *extension);

/* The same below a directory of the user: USER.EXTENSION/NAME. */
char *home_file_in(const struct home *home, struct arena *arena, const char *user, const char *extension,
		   const char *name);

/* The file that opts a user in, or out; NULL as above. And whether it exists. */
char *home_opt_in_file(const struct home *home, struct arena *arena, const char *user);
char *home_opt_out_file(const struct home *home, struct arena *arena, const char *user);
bool home_has_opted_in(const struct home *home, struct arena *arena, const char *user);
bool home_has_opted_out(const struct home *home, struct arena *arena, const char *user);

/* Make the directories between Home and the file `path`; those that are there stay. False with errno. */
bool home_make_directories(const struct home *home, const char *path);

#endif
