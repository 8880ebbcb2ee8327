/* The clock for deadlines: it never goes back, whatever the administrator does to the time of day. */
#ifndef DSPAM_BASE_CLOCK_H
#define DSPAM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
