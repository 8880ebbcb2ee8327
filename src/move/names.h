/* Names for the numbers of users, where a dump has none (the original's dspam_2sql writes those of the system). */
#ifndef DSPAM_MOVE_NAMES_H
#define DSPAM_MOVE_NAMES_H

#include "move/people.h"

/*
 * Give a name to all who have none: from the file `names` (lines "NUMBER NAME", or those of passwd), else the system's.
 * With `user` only he is kept; where there is only one it is he. Who has no name then is an error.
 */
bool names_find(struct people *people, const char *names, const char *user, struct error *error);

#endif
