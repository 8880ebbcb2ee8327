#include "mail/transfer.h"

#include <stdint.h>

#include "base/ascii.h"

#define LINE_GROUPS 19 /* groups of four characters in a line of 76 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of `escape` HH at text[at], or -1. */
static int
hex_pair(struct span text, size_t at)
{
	if (at + 2 >= text.size)
		return -1;
	int high = ascii_hex(text.data[at + 1]);
	int low = ascii_hex(text.data[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t
transfer_decode_quoted_printable(struct span in, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < in.size; i++) {
		size_t plain = span_find_byte(span_skip(in, i), '=');
		plain = plain == SPAN_NONE ? in.size - i : plain;
		memmove(out + used, in.data + i, plain); /* which may be the same place */
		used += plain;
		if ((i += plain) == in.size)
			break;
		if (in.data[i] == '=') {
			int byte = hex_pair(in, i);
			if (byte >= 0) {
				out[used++] = (char)byte;
				i += 2;
				continue;
			}
			if (i + 1 < in.size && in.data[i + 1] == '\n') {
				i += 1;
				continue;
			}
			if (i + 2 < in.size && in.data[i + 1] == '\r' && in.data[i + 2] == '\n') {
				i += 2;
				continue;
			}
		}
		out[used++] = in.data[i];
	}
	return used;
}

/* clang-format off */
static const signed char base64_values[128] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
	-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};
/* clang-format on */

static inline int
base64_value(char c)
{
	return (unsigned char)c < sizeof base64_values ? base64_values[(unsigned char)c] : -1;
}

/* Whole groups of four at the beginning of `in`, without anything between them; how many bytes they were. */
static size_t
decode_groups(struct span in, char *out)
{
	size_t done = 0;

	for (; done + 4 <= in.size; done += 4, out += 3) {
		int a = base64_value(in.data[done]), b = base64_value(in.data[done + 1]);
		int c = base64_value(in.data[done + 2]), d = base64_value(in.data[done + 3]);
		if ((a | b | c | d) < 0)
			break;
		uint32_t group = (uint32_t)(a << 18 | b << 12 | c << 6 | d);
		out[0] = (char)(group >> 16);
		out[1] = (char)(group >> 8);
		out[2] = (char)group;
	}
	return done;
}

size_t
transfer_decode_base64(struct span in, char *out)
{
	uint32_t group = 0;
	int sextets = 0;
	size_t used = 0;

	for (size_t i = 0; i < in.size; i++) {
		if (sextets == 0) { /* between two groups: most of a line at once */
			size_t whole = decode_groups(span_skip(in, i), out + used);
			used += whole / 4 * 3;
			if ((i += whole) == in.size)
				break;
		}
		if (in.data[i] == '=') {
			if (sextets >= 2)
				out[used++] = (char)(group >> (6 * sextets - 8));
			if (sextets == 3)
				out[used++] = (char)(group >> 2);
			break;
		}
		int value = base64_value(in.data[i]);
		if (value < 0)
			continue;
		group = group << 6 | (uint32_t)value;
		if (++sextets == 4) {
			out[used++] = (char)(group >> 16);
			out[used++] = (char)(group >> 8);
			out[used++] = (char)group;
			group = 0;
			sextets = 0;
		}
	}
	if (used == 0 || out[used - 1] != '\n')
		out[used++] = '\n';
	return used;
}

size_t
transfer_decode_text(struct span in, bool base64, char *out)
{
	size_t size = base64 ? transfer_decode_base64(in, out) : transfer_decode_quoted_printable(in, out);

	size = strnlen(out, size);
	if (base64 && (size == 0 || out[size - 1] != '\n'))
		out[size++] = '\n';
	return size;
}

size_t
transfer_decode_percent(struct span in, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < in.size; i++) {
		int byte = in.data[i] == '%' ? hex_pair(in, i) : -1;
		out[used++] = byte >= 0 ? (char)byte : in.data[i];
		if (byte >= 0)
			i += 2;
	}
	return used;
}

size_t
transfer_base64_size(size_t size)
{
	size_t groups = size / 3 + (size % 3 != 0);

	return groups * 4 + groups / LINE_GROUPS + 1;
}

size_t
transfer_encode_base64(struct span in, char *out)
{
	size_t used = 0, groups = 0;

	for (size_t i = 0; i < in.size; i += 3) {
		size_t left = in.size - i;
		uint32_t group = (uint32_t)(unsigned char)in.data[i] << 16;
		if (left > 1)
			group |= (uint32_t)(unsigned char)in.data[i + 1] << 8;
		if (left > 2)
			group |= (unsigned char)in.data[i + 2];
		out[used++] = alphabet[group >> 18];
		out[used++] = alphabet[group >> 12 & 63];
		out[used++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
		out[used++] = left > 2 ? alphabet[group & 63] : '=';
		if (++groups == LINE_GROUPS || left <= 3) {
			out[used++] = '\n';
			groups = 0;
		}
	}
	return used;
}
