/* Whole files, bounded. */
#ifndef DSPAM_TOOL_FILE_H
#define DSPAM_TOOL_FILE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Open a regular file for reading; a pipe or device is refused. -1 and an error if that fails. */
int file_open(const char *path, struct error *error);
/* Likewise, but not what a symbolic link leads to. */
int file_open_itself(const char *path, struct error *error);

/* Append at most `size` bytes from `offset` on to `bytes`, fewer only at the end of the file. */
bool file_read_at(int file, const char *path, uint64_t offset, uint64_t size, struct buffer *bytes,
		  struct error *error);

/* The whole file into `bytes`, which is emptied first; fails beyond its limit. */
bool file_read_whole(const char *path, struct buffer *bytes, struct error *error);

#endif
