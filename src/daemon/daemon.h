/* `dspam --daemon`: LMTP in front of the next hop (dspam-behaviour: protocol). */
#ifndef DSPAM_DAEMON_DAEMON_H
#define DSPAM_DAEMON_DAEMON_H

#include <stdbool.h>

#include "base/log.h"

struct daemon_options {
	const char *config;  /* path of dspam.conf */
	const char *profile; /* or NULL */
	bool foreground;     /* --nofork: stay, and log to standard error instead of syslog */
	enum log_level lowest;
	bool debug; /* tell how every message is judged */
};

/* Serve until a signal ends it. Returns the exit status; all that is wrong has been logged. */
int daemon_run(const struct daemon_options *options);

#endif
