#include "daemon/supervisor.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"

/* A path, or behind an @ a name that stands in no file system; false: neither. */
static bool
read_address(struct supervisor *supervisor, const char *text)
{
	size_t size = strlen(text);

	if ((*text != '/' && *text != '@') || size >= sizeof supervisor->address.sun_path)
		return false;
	supervisor->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(supervisor->address.sun_path, text, size);
	if (*text == '@')
		supervisor->address.sun_path[0] = '\0';
	supervisor->address_size = (unsigned)(offsetof(struct sockaddr_un, sun_path) + size);
	return true;
}

static int64_t
read_watchdog(void)
{
	const char *time = getenv("WATCHDOG_USEC");
	const char *whose = getenv("WATCHDOG_PID");
	unsigned long long microseconds, pid;

	if (time == NULL || !span_to_number(span_from(time), INT64_MAX, &microseconds))
		return 0;
	if (whose != NULL && (!span_to_number(span_from(whose), ~0ULL, &pid) || pid != (unsigned long long)getpid()))
		return 0;
	return microseconds < 2000 ? 1 : (int64_t)(microseconds / 2000);
}

void
supervisor_open(struct supervisor *supervisor)
{
	const char *text = getenv("NOTIFY_SOCKET");

	*supervisor = (struct supervisor){.socket = -1};
	if (text != NULL && read_address(supervisor, text)) {
		supervisor->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		supervisor->watchdog = read_watchdog();
	} else if (text != NULL) {
		log_warning("NOTIFY_SOCKET=%.100s is no address", text);
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
supervisor_close(struct supervisor *supervisor)
{
	if (supervisor->socket >= 0)
		close(supervisor->socket);
	supervisor->socket = -1;
}

static void
tell(const struct supervisor *supervisor, const char *text)
{
	if (supervisor->socket >= 0 &&
	    sendto(supervisor->socket, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)&supervisor->address, supervisor->address_size) < 0)
		log_debug("cannot tell whoever started us \"%s\": %m", text);
}

void
supervisor_ready(const struct supervisor *supervisor, const char *text)
{
	char lines[500];

	snprintf(lines, sizeof lines, "READY=1\nMAINPID=%lu\nSTATUS=%.300s\n", (unsigned long)getpid(), text);
	tell(supervisor, lines);
}

/* systemd wants to know when, so that it can tell this from an earlier one (Type=notify-reload). */
void
supervisor_reloading(const struct supervisor *supervisor)
{
	struct timespec now;
	char lines[100];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%lld\n",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	tell(supervisor, lines);
}

void
supervisor_stopping(const struct supervisor *supervisor)
{
	tell(supervisor, "STOPPING=1\nSTATUS=finishing the messages under way\n");
}

void
supervisor_alive(const struct supervisor *supervisor)
{
	tell(supervisor, "WATCHDOG=1\n");
}
