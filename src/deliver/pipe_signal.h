/*
 * Writing to a pipe whose reader may be gone, in a program that does not ignore SIGPIPE:
 * the signal is held back in this thread, so that write() fails with EPIPE instead.
 */
#ifndef DSPAM_DELIVER_PIPE_SIGNAL_H
#define DSPAM_DELIVER_PIPE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

struct pipe_signal {
	sigset_t old;
	bool was_pending;
};

void pipe_signal_hold(struct pipe_signal *held);
/* Drop a SIGPIPE that came since and restore the thread's mask; errno stays. */
void pipe_signal_release(const struct pipe_signal *held);

#endif
