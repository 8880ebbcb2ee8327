/*
 * The file USER.rstats (filter/home.h): the display counters of a user at some time, to tell what came since
 * (dspam_stats -r and -s). One line, "TP,TN,FN,FP,SC,NC"; the original's web pages wrote the first four only.
 */
#ifndef DSPAM_TOOL_SNAPSHOT_H
#define DSPAM_TOOL_SNAPSHOT_H

#include "base/error.h"
#include "filter/home.h"
#include "tool/tally.h"

/* Put in the place of an older one, at once; makes the directories of the user where they are missing. */
bool snapshot_write(const struct home *home, const char *user, const struct tally *tally, struct error *error);

/* All zero when there is none. Fails when the file is not what it should be. */
bool snapshot_read(const struct home *home, const char *user, struct tally *tally, struct error *error);

/* The text between: pure. */
#define SNAPSHOT_TEXT_SIZE 160
void snapshot_text(char text[SNAPSHOT_TEXT_SIZE], const struct tally *tally);
bool snapshot_parse(const char *text, struct tally *tally);

#endif
