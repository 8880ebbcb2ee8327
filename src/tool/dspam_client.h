/* One run of dspamc or dspam --client: the message from standard input goes to the daemon. For the main thread. */
#ifndef DSPAM_TOOL_DSPAM_CLIENT_H
#define DSPAM_TOOL_DSPAM_CLIENT_H

#include "tool/dspam_run.h"

/* As dspam_run; *status is what dspam would have ended with, had it done the work itself. */
bool dspam_client(struct dspam_run *run, int *status, struct error *error);

#endif
