/*
 * Files that many processes add to: logs and mailboxes.
 *
 * The lock is that of fcntl, for the whole file, and belongs to this opening, so that threads respect it
 * as well as processes, and so do programs that lock in the old way. It ends with close().
 */
#ifndef DSPAM_BASE_LOCKED_FILE_H
#define DSPAM_BASE_LOCKED_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Open `path` for reading and appending, and lock it; made (0660, less the umask) when it is missing and
 * `make` is set. The result is the file that has this name while it is locked, also when another program
 * puts a new one in its place meanwhile. Waits at most `patience` milliseconds. -1 with errno (ETIMEDOUT: locked).
 */
int locked_file_open(const char *path, bool make, int64_t patience);

/*
 * Append `text` to a file that is open and locked. False with errno (ENOSPC for a short write); the file
 * then has its old size again.
 */
bool locked_file_append(int fd, struct span text);

#endif
