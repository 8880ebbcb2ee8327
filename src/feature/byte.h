/* What a byte is in the eyes of the features; a table, since every byte of a message is asked. */
#ifndef DSPAM_FEATURE_BYTE_H
#define DSPAM_FEATURE_BYTE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BYTE_SEPARATES = 1, /* words of a header: blanks, control bytes, and ()<>[],;"=@: */
	BYTE_DIGIT = 2,
	BYTE_LOWER = 4,
	BYTE_UPPER = 8,
	BYTE_BEYOND = 16,   /* ASCII */
	BYTE_WORD = 32,     /* of the text: letters, digits, what is beyond, and $'-_!.@% */
	BYTE_ENDS_URL = 64, /* blanks, control bytes, and <>"'()[]{}|\^` */
	BYTE_DOT = 128,
	BYTE_LETTER = BYTE_LOWER | BYTE_UPPER
};

extern const uint8_t byte_classes[256];

static inline bool
byte_is(char c, unsigned classes)
{
	return (byte_classes[(unsigned char)c] & classes) != 0;
}

#endif
