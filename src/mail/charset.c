#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

#include "base/ascii.h"

enum { NAME_MAX_SIZE = 40 };

/* ---- UTF-8 ----------------------------------------------------------------------- */

size_t
charset_utf8_size(struct span text)
{
	unsigned char first = (unsigned char)text.data[0];
	size_t size = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;

	if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || size > text.size)
		return 0;
	for (size_t i = 1; i < size; i++)
		if (((unsigned char)text.data[i] & 0xC0) != 0x80)
			return 0;
	unsigned char second = size > 1 ? (unsigned char)text.data[1] : 0;
	if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
	    (first == 0xF4 && second > 0x8F))
		return 0;
	return size;
}

/* The bytes of ASCII at the beginning. */
static size_t
ascii_size(struct span text)
{
	enum { BLOCK = 64 }; /* a processor looks at many bytes at once */
	size_t size = 0;

	for (; size + BLOCK <= text.size; size += BLOCK) {
		unsigned char seen = 0;
		for (size_t i = 0; i < BLOCK; i++)
			seen |= (unsigned char)text.data[size + i];
		if (seen >= 0x80)
			break;
	}
	while (size < text.size && (unsigned char)text.data[size] < 0x80)
		size++;
	return size;
}

/* The bytes of UTF-8 at the beginning. */
static size_t
utf8_prefix(struct span text)
{
	size_t done = 0;

	for (;;) {
		struct span rest = span_skip(text, done);
		size_t plain = ascii_size(rest), size;
		done += plain;
		if (plain == rest.size || (size = charset_utf8_size(span_skip(text, done))) == 0)
			return done;
		done += size;
	}
}

/* Whether what follows is the beginning of a character beyond ASCII, and others stand before it. */
static bool
is_cut_off(struct span text, size_t prefix)
{
	if (text.size - prefix >= 4 || (unsigned char)text.data[prefix] < 0xC2 || ascii_size(text) == prefix)
		return false;
	for (size_t i = prefix + 1; i < text.size; i++)
		if (((unsigned char)text.data[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* ---- names ----------------------------------------------------------------------- */

static const struct alias {
	struct span claimed;
	const char *meant;
} aliases[] = {
	{{"gb2312", 6}, "GB18030"},
	{{"gbk", 3}, "GB18030"},
	{{"gb_2312-80", 10}, "GB18030"},
	{{"ks_c_5601-1987", 14}, "CP949"},
	{{"euc-kr", 6}, "CP949"},
	{{"shift_jis", 9}, "CP932"},
	{{"shift-jis", 9}, "CP932"},
	{{"iso-8859-9", 10}, "CP1254"},
	{{"iso-8859-11", 11}, "CP874"},
	{{"tis-620", 7}, "CP874"},
	{{"iso-2022-jp", 11}, "ISO-2022-JP-3"},
};

/* Sets whose text is ASCII bytes that mean something else. */
static bool
hides_in_ascii(struct span charset)
{
	return span_starts_nocase(charset, SPAN("iso-2022-")) || span_starts_nocase(charset, SPAN("utf-7")) ||
	       span_starts_nocase(charset, SPAN("utf-16")) || span_starts_nocase(charset, SPAN("utf-32")) ||
	       span_equal_nocase(charset, SPAN("hz-gb-2312"));
}

/* None, or one that is part of windows-1252, or what this text is not. */
static bool
is_western(struct span charset)
{
	static const char *const names[] = {"us-ascii", "iso-8859-1", "windows-1252", "utf-8", "latin1", "ascii"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal_nocase(charset, span_from(names[i])))
			return true;
	return charset.size == 0 || charset.size > NAME_MAX_SIZE;
}

static iconv_t
open_converter(struct span charset)
{
	char name[NAME_MAX_SIZE + 1];
	size_t size = 0;

	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (span_equal_nocase(charset, aliases[i].claimed))
			charset = span_from(aliases[i].meant);
	for (; size < charset.size; size++) {
		char c = charset.data[size];
		if (!ascii_is_letter(c) && !ascii_is_digit(c) && (c == '\0' || strchr("-_.:+()", c) == NULL))
			return (iconv_t)-1;
		name[size] = c;
	}
	name[size] = '\0';
	return iconv_open("UTF-8", name);
}

/* ---- conversion -------------------------------------------------------------------- */

enum { LONGEST = 3 }; /* what a byte of the usual sets may become */

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static size_t
put_code(char *out, unsigned code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	out[0] = (char)(0xE0 | code >> 12);
	out[1] = (char)(0x80 | (code >> 6 & 0x3F));
	out[2] = (char)(0x80 | (code & 0x3F));
	return 3;
}

static size_t
from_western(struct span text, char *out, size_t maximum)
{
	static const uint16_t upper[32] = {
		0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
		0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
		0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
	};
	size_t used = 0;

	while (text.size > 0 && used + LONGEST <= maximum) {
		struct span plain = span_head(text, ascii_size(span_head(text, maximum - used - LONGEST + 1)));
		memcpy(out + used, plain.data, plain.size);
		used += plain.size;
		text = span_skip(text, plain.size);
		if (text.size == 0 || used + LONGEST > maximum)
			break;
		unsigned byte = (unsigned char)text.data[0];
		used += put_code(out + used, byte < 0xA0 ? upper[byte - 0x80] : byte);
		text = span_skip(text, 1);
	}
	return used;
}

static size_t
from_converter(iconv_t converter, struct span text, char *out, size_t maximum)
{
	char *from = (char *)(uintptr_t)text.data, *to = out;
	size_t left = text.size, room = maximum;

	while (left > 0 && iconv(converter, &from, &left, &to, &room) == (size_t)-1) {
		if (errno != EILSEQ || room < sizeof replacement - 1)
			break; /* it is cut off, or there is no more room */
		memcpy(to, replacement, sizeof replacement - 1);
		to += sizeof replacement - 1;
		room -= sizeof replacement - 1;
		from++;
		left--;
	}
	return maximum - room;
}

struct span
charset_to_utf8(struct arena *arena, struct span text, struct span charset, size_t maximum)
{
	bool hidden = hides_in_ascii(charset);
	iconv_t converter = (iconv_t)-1;

	if (!hidden) {
		size_t prefix = utf8_prefix(text);
		if (prefix >= maximum) {
			for (prefix = maximum; prefix > 0 && ((unsigned char)text.data[prefix] & 0xC0) == 0x80;)
				prefix--;
			return span_head(text, prefix);
		}
		if (prefix == text.size || is_cut_off(text, prefix))
			return span_head(text, prefix);
	}
	if (maximum / LONGEST > text.size)
		maximum = LONGEST * text.size + 8;
	char *out = arena_text(arena, maximum + 1);
	if (out == NULL)
		return SPAN("");
	if (!is_western(charset))
		converter = open_converter(charset);
	if (converter == (iconv_t)-1)
		return span_of(out, from_western(text, out, maximum));
	size_t size = from_converter(converter, text, out, maximum);
	iconv_close(converter);
	return span_of(out, size);
}
