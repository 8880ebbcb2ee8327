/*
 * Going to the background, so that the program that was started returns only when the daemon is ready, and
 * says on the terminal why it is not.
 */
#ifndef DSPAM_DAEMON_BACKGROUND_H
#define DSPAM_DAEMON_BACKGROUND_H

#include "base/error.h"

struct background {
	int ready; /* the child tells its parent by it; -1 in the foreground */
};

/*
 * Fork. The child goes on, in a session of its own. The parent stays in here until the child
 * is ready or has ended, and then ends with its exit status. Before the first thread.
 */
bool background_enter(struct background *background, struct error *error);

/* The child is ready: let the parent end, and let go of the terminal. Does nothing in the foreground. */
void background_ready(struct background *background);

#endif
