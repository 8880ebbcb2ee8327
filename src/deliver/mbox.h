/*
 * Appending a message to an mbox file: the quarantine.
 *
 * The file is locked as a whole (fcntl), also against other threads of this process.
 * "Accepted" means that the message is on the disk; on any failure the file is cut
 * back to its old size, so that no half message stays. Failures are temporary.
 */
#ifndef DSPAM_DELIVER_MBOX_H
#define DSPAM_DELIVER_MBOX_H

#include <time.h>

#include "deliver/message.h"

/*
 * Append to the file `path`: "From QUARANTINE " and the local time of `now`; the message, where lines
 * that begin with "From ", ">From ", ">>From " and so on get a ">" in front; two LF. Both is undone, to
 * the byte, when the message is fed back (agent/input.h). The file (0660) and its directories (0770) are made
 * when they are missing. The lock is waited for at most `patience` milliseconds.
 */
bool deliver_mbox(const char *path, const struct deliver_message *message, time_t now, int64_t patience,
		  struct deliver_result *result);

#endif
