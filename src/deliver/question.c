#include "deliver/question.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "net/stream.h"

/* A program that is asked. */
struct asked {
	const char *program;
	pid_t pid;
	int exit;   /* descriptor that is readable when it has ended */
	int output; /* of ours; -1: enough was read */
	char *line;
	size_t used, size;
	bool complete; /* the line */
};

static bool
cannot_run(const char *program, int code, struct error *error)
{
	return error_later(error, ERROR_OS, "%s cannot be run: %s", program, strerror(code));
}

static int
spawn(struct asked *asked, char *const *arguments, int output)
{
	static char *const nothing[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	int code = posix_spawnp(&asked->pid, arguments[0], &actions, &attributes, arguments, nothing);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

static bool
start(struct asked *asked, char *const *arguments, struct error *error)
{
	int output[2];

	if (pipe2(output, O_CLOEXEC) < 0)
		return cannot_run(asked->program, errno, error);
	int code = spawn(asked, arguments, output[1]);
	close(output[1]);
	if (code != 0) {
		close(output[0]);
		return cannot_run(asked->program, code, error);
	}
	asked->output = output[0];
	fcntl(asked->output, F_SETFL, O_NONBLOCK);
	asked->exit = pidfd_open(asked->pid, 0);
	return true;
}

static void
stop_listening(struct asked *asked)
{
	if (asked->output >= 0)
		close(asked->output);
	asked->output = -1;
}

/* Take what there is, up to the end of the first line. */
static void
listen_to(struct asked *asked)
{
	while (asked->output >= 0) {
		ssize_t count = read(asked->output, asked->line + asked->used, asked->size - asked->used);
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (count <= 0) {
			stop_listening(asked);
			return;
		}
		const char *end = memchr(asked->line + asked->used, '\n', (size_t)count);
		asked->used = end != NULL ? (size_t)(end - asked->line) : asked->used + (size_t)count;
		asked->complete = end != NULL;
		if (asked->complete || asked->used == asked->size)
			stop_listening(asked);
	}
}

/* Until it ends; false when the time is up. */
static bool
attend(struct asked *asked, int64_t deadline)
{
	for (;;) {
		struct pollfd ready[] = {
			{.fd = asked->exit, .events = POLLIN},
			{.fd = asked->output, .events = POLLIN},
		};
		int count = poll(ready, 2, net_remaining(deadline));
		if (count == 0)
			return false;
		if (count > 0 && ready[1].revents != 0)
			listen_to(asked);
		if (count > 0 && ready[0].revents != 0) {
			listen_to(asked); /* what is left in the pipe */
			return true;
		}
	}
}

static int
reap(struct asked *asked)
{
	int status = -1;
	pid_t pid;

	do
		pid = waitpid(asked->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	stop_listening(asked);
	if (asked->exit >= 0)
		close(asked->exit);
	return pid < 0 ? -1 : status;
}

/* What a program says that could not find out. A shell says 126 and 127 of what it cannot run. */
static bool
asks_for_another_try(int status)
{
	static const int statuses[] = {EX_UNAVAILABLE, EX_OSERR, EX_OSFILE, EX_IOERR, EX_TEMPFAIL, EX_CONFIG, 126, 127};

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i] == status)
			return true;
	return false;
}

static bool
check_end(const struct asked *asked, int status, struct error *error)
{
	if (status == -1 || !WIFEXITED(status))
		return error_later(error, ERROR_UNAVAILABLE, "%s was killed by signal %d", asked->program,
				   status == -1 ? 0 : WTERMSIG(status));
	if (asks_for_another_try(WEXITSTATUS(status)))
		return error_later(error, ERROR_UNAVAILABLE, "%s ended with status %d", asked->program,
				   WEXITSTATUS(status));
	if (!asked->complete && asked->used == asked->size)
		return error_later(error, ERROR_PROTOCOL, "%s gave a line of more than %zu bytes", asked->program,
				   asked->size - 1);
	return true;
}

bool
question_ask(char *const *arguments, int64_t timeout, char *answer, size_t size, struct error *error)
{
	struct asked asked = {.program = arguments[0], .exit = -1, .output = -1, .line = answer, .size = size};

	answer[0] = '\0';
	if (!start(&asked, arguments, error))
		return false;
	bool in_time = asked.exit >= 0 && attend(&asked, net_deadline(timeout));
	if (!in_time)
		kill(-asked.pid, SIGKILL);
	int status = reap(&asked);
	if (!in_time)
		return error_later(error, ERROR_UNAVAILABLE, "%s did not end in %lld seconds", asked.program,
				   (long long)timeout / 1000);
	if (!check_end(&asked, status, error))
		return false;
	if (asked.used > 0 && answer[asked.used - 1] == '\r')
		asked.used--;
	answer[asked.used] = '\0';
	return true;
}
