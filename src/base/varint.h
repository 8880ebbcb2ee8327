/*
 * Signed numbers of as many bytes as they need: 7 bits a byte, the lowest first, each byte but the last with its eighth
 * bit set; the sign is in bit 0, so that small negative numbers are short as well.
 */
#ifndef DSPAM_BASE_VARINT_H
#define DSPAM_BASE_VARINT_H

#include <stdbool.h>
#include <stdint.h>

enum { VARINT_MAX = 10, VARINT_MAX_32 = 5 /* bytes, of a number of 64 and of 32 bits */ };

/* Write at most VARINT_MAX bytes; returns where they end. */
static inline unsigned char *
varint_write(unsigned char *out, int64_t number)
{
	uint64_t rest = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);

	for (; rest > 127; rest >>= 7)
		*out++ = (unsigned char)(rest | 128);
	*out++ = (unsigned char)rest;
	return out;
}

/* Read a number and move *data behind it; false when it does not end before `end`, or is longer than any. */
static inline bool
varint_read(const unsigned char **data, const unsigned char *end, int64_t *number)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 7 * VARINT_MAX && *data < end; shift += 7) {
		unsigned char byte = *(*data)++;
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128) {
			*number = (int64_t)(value >> 1 ^ (~(value & 1) + 1));
			return true;
		}
	}
	return false;
}

#endif
