#include "deliver/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "deliver/command.h"
#include "deliver/pipe_signal.h"
#include "net/stream.h"

#define LINES 20   /* of what a program complains about that are logged */
#define GRACE 1000 /* milliseconds between SIGTERM and SIGKILL */
#define REST                                                                                                           \
	32 /* reads that empty the pipe of a program that has ended; one that it left behind may write for ever        \
	    */

/* A program that runs. */
struct agent {
	pid_t pid;
	int exit; /* descriptor that is readable when it has ended */
	int input;
	int other_end;  /* of input: held, so that a program which ends at once does not break the pipe before we write
			 */
	int complaints; /* its standard error */
	char line[300]; /* the last line of that with something in it */
	size_t size;    /* of line */
	bool line_ended;
	unsigned lines; /* that were logged */
	const char *program;
	size_t piece, offset; /* what is to be written next */
};

extern char **environ;

/* The child gets its own process group, to be ended with all that it starts, and the usual answer to SIGPIPE. */
static int
spawn(struct agent *agent, char **arguments, int input, int complaints)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	int code = posix_spawnp(&agent->pid, arguments[0], &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

static void
set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void
close_pair(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

/* Start the program; 0 or the code of what went wrong. */
static int
agent_start(struct agent *agent, char **arguments)
{
	int input[2], complaints[2];

	*agent = (struct agent){.exit = -1, .program = arguments[0]};
	if (pipe2(input, O_CLOEXEC) < 0)
		return errno;
	if (pipe2(complaints, O_CLOEXEC) < 0) {
		int code = errno;
		close_pair(input);
		return code;
	}
	int code = spawn(agent, arguments, input[0], complaints[1]);
	close(complaints[1]);
	if (code != 0) {
		close_pair(input);
		close(complaints[0]);
		return code;
	}
	agent->input = input[1];
	agent->other_end = input[0];
	agent->complaints = complaints[0];
	set_nonblocking(agent->input);
	set_nonblocking(agent->complaints);
	agent->exit = pidfd_open(agent->pid, 0);
	return 0;
}

static void
agent_close_input(struct agent *agent)
{
	if (agent->input >= 0)
		close(agent->input);
	agent->input = -1;
}

/* Write as much as the pipe takes. */
static void
agent_feed(struct agent *agent, const struct deliver_message *message)
{
	while (agent->piece < message->count) {
		struct span rest = span_skip(message->pieces[agent->piece], agent->offset);
		ssize_t count = rest.size > 0 ? write(agent->input, rest.data, rest.size) : 0;
		if (count < 0)
			return; /* later */
		agent->offset += (size_t)count;
		if ((size_t)count == rest.size) {
			agent->piece++;
			agent->offset = 0;
		}
	}
	agent_close_input(agent);
}

/* Tell the administrator what the program says, but not without end. */
static void
agent_log_line(struct agent *agent)
{
	if (agent->line_ended || agent->size == 0)
		return;
	if (agent->lines < LINES)
		log_notice("delivery agent %s: %.*s", agent->program, (int)agent->size, agent->line);
	else if (agent->lines == LINES)
		log_notice("delivery agent %s: further lines are not logged", agent->program);
	agent->lines += agent->lines <= LINES;
}

static void
agent_hear_byte(struct agent *agent, char byte)
{
	if (byte == '\n' || byte == '\r') {
		agent_log_line(agent);
		agent->line_ended = true;
		return;
	}
	if (agent->line_ended)
		agent->size = 0;
	agent->line_ended = false;
	if (agent->size + 1 < sizeof agent->line)
		agent->line[agent->size++] = (unsigned char)byte < 32 ? ' ' : byte;
}

/* Read some of what the program complains about; false at the end. */
static bool
agent_hear(struct agent *agent)
{
	char text[4096];
	ssize_t count = read(agent->complaints, text, sizeof text);

	for (ssize_t i = 0; i < count; i++)
		agent_hear_byte(agent, text[i]);
	agent->line[agent->size] = '\0';
	return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Feed and hear until the program ends; false when the time is up. */
static bool
agent_attend(struct agent *agent, const struct deliver_message *message, int64_t deadline)
{
	bool talking = true;

	for (;;) {
		struct pollfd ready[] = {
			{.fd = agent->exit, .events = POLLIN},
			{.fd = agent->input, .events = POLLOUT},
			{.fd = talking ? agent->complaints : -1, .events = POLLIN},
		};
		int count = poll(ready, 3, net_remaining(deadline));
		if (count == 0)
			return false;
		if (count < 0)
			continue; /* EINTR */
		if (ready[1].revents != 0)
			agent_feed(agent, message);
		if (ready[2].revents != 0)
			talking = agent_hear(agent);
		if (ready[0].revents != 0)
			return true;
	}
}

static void
agent_kill(struct agent *agent)
{
	struct pollfd ready = {.fd = agent->exit, .events = POLLIN};

	kill(-agent->pid, SIGTERM);
	if (agent->exit < 0 || poll(&ready, 1, GRACE) <= 0)
		kill(-agent->pid, SIGKILL);
}

/* Wait for the end that is sure to come, and clean up. */
static int
agent_reap(struct agent *agent)
{
	int status;
	pid_t pid;

	agent_close_input(agent);
	do
		pid = waitpid(agent->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	for (int i = 0; i < REST && agent_hear(agent); i++)
		;
	close(agent->other_end);
	agent_log_line(agent); /* one without an end */
	close(agent->complaints);
	if (agent->exit >= 0)
		close(agent->exit);
	return pid < 0 ? -1 : status;
}

/* What an exit status means when LMTPLDAErrorsPermanent is off; all that are not here are temporary. */
static const struct {
	int status;
	const char *enhanced;
} permanent[] = {
	{EX_DATAERR, "5.6.0"},     {EX_NOUSER, "5.1.1"}, {EX_NOHOST, "5.1.2"},
	{EX_UNAVAILABLE, "5.3.0"}, {EX_NOPERM, "5.7.1"},
};

static bool
exit_result(const struct deliver_agent *agent, const char *program, int status, const char *said,
	    struct deliver_result *result)
{
	enum deliver_outcome outcome = agent->errors_permanent ? DELIVER_PERMANENT : DELIVER_TEMPORARY;
	const char *enhanced = agent->errors_permanent ? "5.3.0" : "4.3.0";

	if (status == 0)
		return deliver_result_set(result, DELIVER_ACCEPTED, "2.0.0", "Taken by %s", program);
	for (size_t i = 0; i < sizeof permanent / sizeof permanent[0]; i++) {
		if (permanent[i].status != status)
			continue;
		outcome = DELIVER_PERMANENT;
		enhanced = permanent[i].enhanced;
	}
	return deliver_result_set(result, outcome, enhanced, "Delivery agent %s: exit status %d%s%s", program, status,
				  said[0] != '\0' ? ": " : "", said);
}

static bool
agent_run(const struct deliver_agent *settings, char **arguments, const struct deliver_message *message,
	  struct deliver_result *result)
{
	struct agent agent;
	int code = agent_start(&agent, arguments);

	if (code != 0) {
		errno = code;
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.5", "Delivery agent %s: cannot run: %m",
					  arguments[0]);
	}
	bool in_time = agent.exit >= 0 && agent_attend(&agent, message, net_deadline(settings->timeout));
	if (!in_time)
		agent_kill(&agent);
	int status = agent_reap(&agent);
	if (!in_time)
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0",
					  "Delivery agent %s: did not end in %lld seconds", arguments[0],
					  (long long)settings->timeout / 1000);
	if (status == -1 || !WIFEXITED(status))
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0", "Delivery agent %s: killed by signal %d",
					  arguments[0], status == -1 ? 0 : WTERMSIG(status));
	if (WEXITSTATUS(status) == 0 && agent.piece < message->count)
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0",
					  "Delivery agent %s: ended without having read the whole message",
					  arguments[0]);
	return exit_result(settings, arguments[0], WEXITSTATUS(status), agent.line, result);
}

bool
deliver_agent(const struct deliver_agent *agent, const struct deliver_message *message, struct deliver_result *result)
{
	struct arena *arena = arena_new(2 * COMMAND_SIZE);
	char **arguments = command_arguments(agent, arena, result);
	struct pipe_signal held;

	pipe_signal_hold(&held);
	bool accepted = arguments != NULL && agent_run(agent, arguments, message, result);
	pipe_signal_release(&held);
	arena_free(arena);
	return accepted;
}
