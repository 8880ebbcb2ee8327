/*
 * DSPAM's token identifier: CRC-64 with the reflected polynomial 0xD800000000000000
 * (that of ISO 3309), start value 0 and no final XOR, so that the value of a
 * string continues into the value of a longer one.
 */
#ifndef DSPAM_BASE_CRC64_H
#define DSPAM_BASE_CRC64_H

#include <stdint.h>

#include "base/span.h"

extern const uint64_t crc64_table[256];

/* `crc` of what came before (0 at the start), continued with `text`. */
static inline uint64_t
crc64(uint64_t crc, struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		crc = (crc >> 8) ^ crc64_table[(crc ^ (unsigned char)text.data[i]) & 0xFF];
	return crc;
}

#endif
