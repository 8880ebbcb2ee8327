#include "tool/day.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#define LAST_DAY 2932896 /* 9999-12-31 */

int32_t
day_today(void)
{
	return (int32_t)(time(NULL) / CLOCK_DAY);
}

void
day_text(char text[DAY_TEXT_SIZE], int32_t day)
{
	time_t start = (time_t)(day < 0 || day > LAST_DAY ? 0 : day) * CLOCK_DAY;
	struct tm date;

	gmtime_r(&start, &date);
	strftime(text, DAY_TEXT_SIZE, "%Y-%m-%d", &date);
}
