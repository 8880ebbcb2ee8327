/*
 * The clock for deadlines and pauses: it never goes back, whatever the administrator does to the time of day. And how
 * long a day is where days are counted, from 1970-01-01.
 */
#ifndef DSPAM_BASE_CLOCK_H
#define DSPAM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { CLOCK_DAY = 86400 /* seconds */ };

static inline int64_t
clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sleep between 1 and 8 milliseconds, so that those who met do not meet again. */
static inline void
clock_pause(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nanosleep(&(struct timespec){.tv_nsec = 1000000 + now.tv_nsec / 1000 % 8 * 1000000}, NULL);
}

#endif
