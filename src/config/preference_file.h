/*
 * Files of preferences: HOME/default.prefs, and user.prefs in a user's directory.
 *
 * Lines name=value; lines beginning with # are comments. A line has at most 256 bytes
 * (what is beyond is not read) and a file at most 32 entries (further ones are not read).
 * Of two entries with one name the first counts. Names are not checked against the table,
 * because old files hold names that are no longer known.
 */
#ifndef DSPAM_CONFIG_PREFERENCE_FILE_H
#define DSPAM_CONFIG_PREFERENCE_FILE_H

#include "base/error.h"
#include "base/span.h"

enum { PREFERENCE_LINE = 256, PREFERENCE_ENTRIES = 32 };

/* Called for each entry in the order of the file; the spans live as long as the call. */
typedef void preference_callback(void *context, struct span name, struct span value);

/* Read the text of such a file. */
void preference_read(struct span text, preference_callback *each, void *context);

/* Read a file. *found says whether it exists; a missing one is no error. */
bool preference_file_read(const char *path, preference_callback *each, void *context, bool *found, struct error *error);

/*
 * Set (or with a NULL value delete) one entry. Comments and the other entries stay. The file is
 * replaced as a whole, on disk before the call returns: a reader sees the old or the new one,
 * also after a crash. Deleting the last entry removes the file. Two writers at once wait for
 * each other. The directory must exist.
 */
bool preference_file_set(const char *path, const char *name, const char *value, struct error *error);

#endif
