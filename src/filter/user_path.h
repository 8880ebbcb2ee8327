/* Files of a user, below Home (dspam-behaviour: messages 9). */
#ifndef DSPAM_FILTER_USER_PATH_H
#define DSPAM_FILTER_USER_PATH_H

#include "base/arena.h"

/* HOME/data/USER/USER.EXTENSION; NULL when the arena is full. The name has passed store_name_valid. */
char *user_path(struct arena *arena, const char *home, const char *user, const char *extension);

/* Whether HOME/opt-in/USER.dspam, or HOME/opt-out/USER.nodspam, exists. */
bool user_has_opted_in(struct arena *arena, const char *home, const char *user);
bool user_has_opted_out(struct arena *arena, const char *home, const char *user);

#endif
