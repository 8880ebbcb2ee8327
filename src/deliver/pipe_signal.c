#include "deliver/pipe_signal.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

static void
only_sigpipe(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGPIPE);
}

static bool
is_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void
pipe_signal_hold(struct pipe_signal *held)
{
	sigset_t set;

	only_sigpipe(&set);
	held->was_pending = is_pending();
	pthread_sigmask(SIG_BLOCK, &set, &held->old);
}

void
pipe_signal_release(const struct pipe_signal *held)
{
	static const struct timespec now = {0, 0};
	sigset_t set;
	int code = errno;

	only_sigpipe(&set);
	if (!held->was_pending && is_pending())
		sigtimedwait(&set, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &held->old, NULL);
	errno = code;
}
