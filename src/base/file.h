/* Whole files. */
#ifndef DSPAM_BASE_FILE_H
#define DSPAM_BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"

/* Read a regular file of at most `maximum` bytes into `arena`. The error text names the path. */
bool file_read(struct arena *arena, const char *path, size_t maximum, struct span *text, struct error *error);

/* Make the directories above the file `path` that are missing, from the one that begins at offset `from`. False with
 * errno. What was made is on the disk. */
bool file_make_directories(const char *path, size_t from);

/* Have the entry of the file `path` in its directory on the disk. False with errno. */
bool file_sync_entry(const char *path);

/*
 * Put a file with this content in the place of another, at once: a reader sees the old or the new one. Mode
 * 0660, less the umask. Not forced to the disk: for what can be made again.
 */
bool file_replace(const char *path, struct span text, struct error *error);

/*
 * For the beginning of a program: standard input, output and error that are closed stay unusable, but their numbers are
 * taken, so that no file or connection that is opened later gets what is written to them.
 */
void file_hold_standard(void);

#endif
