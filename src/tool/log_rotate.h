/* One log without its old lines, put in the place of the old one. */
#ifndef DSPAM_TOOL_LOG_ROTATE_H
#define DSPAM_TOOL_LOG_ROTATE_H

#include <stdint.h>

#include "base/error.h"

/*
 * Drop the lines of `path` that are older than `oldest` (log_lines.h). The log is locked meanwhile, so that nothing
 * that others write is lost: they wait, and go on with the new file. It keeps owner, group and mode. A crash leaves
 * the old log or the new one. On failure the log is as it was. *dropped: how many lines are gone.
 *
 * A file in which no line begins with a time is no log of ours, and of it nothing would stay: ERROR_DATA.
 */
bool log_rotate(const char *path, int64_t oldest, uint64_t *dropped, struct error *error);

#endif
