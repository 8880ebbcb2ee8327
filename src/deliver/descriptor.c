#include "deliver/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "deliver/pipe_signal.h"

static bool
write_all(int fd, struct span text)
{
	while (text.size > 0) {
		ssize_t count = write(fd, text.data, text.size);
		if (count >= 0) {
			text = span_skip(text, (size_t)count);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd ready = {.fd = fd, .events = POLLOUT};
			poll(&ready, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool
deliver_write(int fd, struct span text)
{
	struct pipe_signal held;

	pipe_signal_hold(&held);
	bool written = write_all(fd, text);
	pipe_signal_release(&held);
	return written;
}

bool
deliver_descriptor(int fd, const char *name, const struct deliver_message *message, struct deliver_result *result)
{
	for (size_t i = 0; i < message->count; i++)
		if (!deliver_write(fd, message->pieces[i]))
			return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0", "writing to %s: %m", name);
	return deliver_result_set(result, DELIVER_ACCEPTED, "2.0.0", "Written to %s", name);
}
