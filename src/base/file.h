/* Whole files. */
#ifndef DSPAM_BASE_FILE_H
#define DSPAM_BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"

/* Read a regular file of at most `maximum` bytes into `arena`. The error text names the path. */
bool file_read(struct arena *arena, const char *path, size_t maximum, struct span *text, struct error *error);

#endif
