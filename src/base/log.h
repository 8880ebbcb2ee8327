/*
 * Messages for the administrator: to standard error, to syslog (facility mail), or both.
 *
 * The sink is the one piece of global state in the project. It is set once,
 * before the first thread starts; log_write may be called from any thread.
 */
#ifndef DSPAM_BASE_LOG_H
#define DSPAM_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* `name` (kept, not copied) stands in front of each line. `lowest` is the least important level written. */
void log_open(const char *name, bool to_stderr, bool to_syslog, enum log_level lowest);

/* One line; control bytes in it are written as \xHH, so that mail cannot forge lines. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, whatever the lowest level is: for what dspam.conf asks for by itself. */
void log_always(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
