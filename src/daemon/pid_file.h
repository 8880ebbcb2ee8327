/* The file that holds the number of the daemon's process (ServerPID). */
#ifndef DSPAM_DAEMON_PID_FILE_H
#define DSPAM_DAEMON_PID_FILE_H

#include "base/error.h"

/* Write it whole or not at all; its directory is made when it is missing. */
bool pid_file_write(const char *path, struct error *error);

/* Remove it, if it still holds our number. */
void pid_file_remove(const char *path);

#endif
