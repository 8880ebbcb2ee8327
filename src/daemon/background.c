#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for_child(pid_t child, int ready) __attribute__((noreturn));

/* One byte says that it is ready; the end of the pipe without it, that it has ended, and has said why. */
static void
wait_for_child(pid_t child, int ready)
{
	char byte;
	ssize_t count;
	int status;

	do
		count = read(ready, &byte, 1);
	while (count < 0 && errno == EINTR);
	if (count == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : ERROR_SOFTWARE);
}

bool
background_enter(struct background *background, struct error *error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(error, ERROR_OS, "cannot go to the background: %m");
	pid_t child = fork();
	if (child < 0) {
		error_set(error, ERROR_OS, "cannot go to the background: %m");
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	close(ends[child == 0 ? 0 : 1]);
	if (child > 0)
		wait_for_child(child, ends[0]);
	setsid();
	background->ready = ends[1];
	return true;
}

void
background_ready(struct background *background)
{
	if (background->ready < 0)
		return;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	ssize_t written = write(background->ready, "", 1);
	(void)written; /* the parent may have been killed */
	close(background->ready);
	background->ready = -1;
}
