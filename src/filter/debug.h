/*
 * Debug: how a message is judged, told line by line to whoever wants to know why (dspam.conf: Debug, DebugOpt,
 * DebugFile, DebugText).
 *
 * Lines go to the log whatever its level, or to DebugFile. Without DebugText they say nothing of what the message says.
 */
#ifndef DSPAM_FILTER_DEBUG_H
#define DSPAM_FILTER_DEBUG_H

#include <stdint.h>

#include "config/config.h"
#include "filter/request.h"

/* What dspam.conf says. Borrows it; only read once it is made. */
struct debug_rules {
	const struct config *config;
	bool any;            /* somebody is debugged */
	bool everybody;      /* Debug * */
	unsigned operations; /* enum debug_operation */
	const char *file;    /* NULL: the log */
	bool text;
};

enum debug_operation {
	DEBUG_PROCESS = 1,
	DEBUG_CLASSIFY = 2,
	DEBUG_SPAM = 4,
	DEBUG_FALSE_POSITIVE = 8,
	DEBUG_INOCULATION = 16,
	DEBUG_CORPUS = 32,
};

void debug_rules_init(struct debug_rules *rules, const struct config *config);
/* --debug: everybody, and every operation. */
void debug_rules_all(struct debug_rules *rules);

/* One message for one user. All zero is silent. A plain value; `user` must outlive it. */
struct debug {
	const struct debug_rules *rules; /* NULL: silent */
	const char *user;
	int64_t began; /* microseconds */
};

struct debug debug_begin(const struct debug_rules *rules, const struct request *request, const char *user);

static inline bool
debug_is_on(const struct debug *debug)
{
	return debug->rules != NULL;
}

/* One line, with user and time since the beginning; nothing when silent. */
void debug_line(const struct debug *debug, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Microseconds on the monotonic clock, for measuring. */
int64_t debug_clock(void);

#endif
