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

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t
transfer_decode_base64(struct span in, char *out)
{
	uint32_t group = 0;
	int sextets = 0;
	size_t used = 0;

	for (size_t i = 0; i < in.size; i++) {
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
