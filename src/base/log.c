#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *name;
	bool to_stderr;
	bool to_syslog;
	enum log_level lowest;
} sink = {"dspam", true, false, LOG_LEVEL_WARNING}; /* of a program that uses libdspam */

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR},      [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
	[LOG_LEVEL_NOTICE] = {"notice", LOG_NOTICE}, [LOG_LEVEL_INFO] = {"info", LOG_INFO},
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

void
log_open(const char *name, bool to_stderr, bool to_syslog, enum log_level lowest)
{
	sink.name = name;
	sink.to_stderr = to_stderr;
	sink.to_syslog = to_syslog;
	sink.lowest = lowest;
	if (to_syslog)
		openlog(name, LOG_PID, LOG_MAIL);
}

/* Copy `text` so that only printable bytes and bytes above 127 remain as they are. */
static void
log_escape(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (; *text != '\0' && used + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 32 || c == 127)
			used += (size_t)snprintf(out + used, size - used, "\\x%02X", c);
		else
			out[used++] = (char)c;
	}
	out[used] = '\0';
}

static void log_line(enum log_level level, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void
log_line(enum log_level level, const char *format, va_list arguments)
{
	char text[1024], line[1200];

	vsnprintf(text, sizeof text, format, arguments);
	log_escape(text, line, sizeof line);
	if (sink.to_syslog)
		syslog(levels[level].priority, "%s", line);
	if (sink.to_stderr) {
		/* one write, so that lines of several threads do not mix */
		char whole[1400];
		int size = snprintf(whole, sizeof whole, "%s: %s: %s\n", sink.name, levels[level].word, line);
		ssize_t written = write(STDERR_FILENO, whole, (size_t)size);
		(void)written; /* nobody is left to tell */
	}
}

void
log_write(enum log_level level, const char *format, ...)
{
	va_list arguments;

	if (level > sink.lowest)
		return;
	va_start(arguments, format);
	log_line(level, format, arguments);
	va_end(arguments);
}

void
log_always(enum log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(level, format, arguments);
	va_end(arguments);
}
