/* Days as the store counts them, from 1970-01-01 UTC. */
#ifndef DSPAM_TOOL_DAY_H
#define DSPAM_TOOL_DAY_H

#include <stdint.h>

int32_t day_today(void);

/* "2026-11-22"; "1970-01-01" for days that no calendar holds. */
#define DAY_TEXT_SIZE 16
void day_text(char text[DAY_TEXT_SIZE], int32_t day);

#endif
