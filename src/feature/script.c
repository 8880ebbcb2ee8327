#include "feature/script.h"

#include <utf8proc.h>

#include "feature/byte.h"
#include "mail/charset.h"

enum {
	/* The longest form of a character is 18 characters, of one with three bytes. */
	CODES = 8 * SCRIPT_STRETCH,
	WORD = 40 /* bytes */
};

/* ---- what a character is ------------------------------------------------------------- */

struct range {
	utf8proc_int32_t first, last;
};

static bool
is_within(const struct range *ranges, size_t count, utf8proc_int32_t code)
{
	for (size_t i = 0; i < count && code >= ranges[i].first; i++)
		if (code <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(ranges, code) is_within(ranges, sizeof(ranges) / sizeof *(ranges), code)

static bool
runs_on(utf8proc_int32_t code)
{
	static const struct range ranges[] = {
		{0x0E00, 0x0EFF},   /* Thai, Lao */
		{0x0F00, 0x109F},   /* Tibetan, Burmese */
		{0x1100, 0x11FF},   /* Hangul */
		{0x1780, 0x17FF},   /* Khmer */
		{0x3005, 0x3007},   /* signs of Han */
		{0x3040, 0x30FF},   /* Hiragana, Katakana */
		{0x3100, 0x318F},   /* Bopomofo, Hangul */
		{0x31A0, 0x31FF},   /* of both */
		{0x3400, 0x4DBF},   /* Han */
		{0x4E00, 0x9FFF},   /* Han */
		{0xA960, 0xA97F},   /* Hangul */
		{0xAC00, 0xD7FF},   /* Hangul */
		{0xF900, 0xFAFF},   /* Han */
		{0x20000, 0x3FFFF}, /* Han */
	};

	return code >= ranges[0].first && WITHIN(ranges, code);
}

enum kind { PARTS, JOINS, SYMBOL, RUNS_ON };

static enum kind
kind_of(utf8proc_int32_t code)
{
	if (code < 0x80)
		return byte_is((char)code, BYTE_WORD) ? JOINS : PARTS;
	utf8proc_category_t category = utf8proc_category(code);
	if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO)
		return runs_on(code) ? RUNS_ON : JOINS;
	return category == UTF8PROC_CATEGORY_SC || category == UTF8PROC_CATEGORY_SM || category == UTF8PROC_CATEGORY_SO
		       ? SYMBOL
		       : PARTS;
}

/* Apostrophes and hyphens, as one types them. */
static utf8proc_int32_t
typed(utf8proc_int32_t code)
{
	if (code == 0x2018 || code == 0x2019 || code == 0x02BC)
		return '\'';
	return code == 0x2010 || code == 0x2011 ? '-' : code;
}

/* ---- tricks --------------------------------------------------------------------------- */

enum { LATIN = 1, GREEK = 2, CYRILLIC = 4, OTHER_ALIKE = 8 };

static unsigned
script_of(utf8proc_int32_t code)
{
	if (code < 0x250)
		return (code < 0x80 && byte_is((char)code, BYTE_LETTER)) ||
				       (code >= 0xC0 && code != 0xD7 && code != 0xF7)
			       ? LATIN
			       : 0;
	if ((code >= 0x370 && code < 0x400) || (code >= 0x1F00 && code < 0x2000))
		return GREEK;
	if (code >= 0x400 && code < 0x530)
		return CYRILLIC;
	if ((code >= 0x530 && code < 0x590) || (code >= 0x13A0 && code < 0x1400) || (code >= 0xAB70 && code < 0xABC0))
		return OTHER_ALIKE; /* Armenian, Cherokee */
	return code >= 0x1E00 && code < 0x1F00 ? LATIN : 0;
}

static bool
has_no_width(utf8proc_int32_t code)
{
	static const struct range ranges[] = {
		{0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x180B, 0x180F}, {0x200B, 0x200F},
		{0x202A, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF},
	};

	return code >= 0xAD && WITHIN(ranges, code);
}

static bool
is_disguised(utf8proc_int32_t code)
{
	static const struct range ranges[] = {
		{0x2460, 0x24FF},
		{0xFF10, 0xFF5A},
		{0x1D400, 0x1D7FF},
		{0x1F100, 0x1F189},
	};

	return code >= 0x2460 && WITHIN(ranges, code);
}

static void
note_word(struct script_tricks *tricks, unsigned scripts, bool hidden, bool disguised)
{
	tricks->mixed += (scripts & (scripts - 1)) != 0;
	tricks->hidden += hidden;
	tricks->disguised += disguised;
}

/* Of the stretch as it came. */
static void
note_tricks(struct script_tricks *tricks, const utf8proc_uint8_t *bytes, utf8proc_ssize_t size)
{
	unsigned scripts = 0;
	bool hidden = false, disguised = false, joined = false, pending = false;
	utf8proc_int32_t code;

	for (utf8proc_ssize_t i = 0, step; i < size && (step = utf8proc_iterate(bytes + i, size - i, &code)) > 0;
	     i += step) {
		if (has_no_width(code)) {
			pending |= joined;
			continue;
		}
		enum kind kind = kind_of(code);
		joined = kind == JOINS || is_disguised(code);
		if (!joined) {
			note_word(tricks, scripts, hidden, disguised);
			scripts = 0;
			hidden = disguised = pending = false;
			continue;
		}
		scripts |= script_of(code);
		hidden |= pending;
		disguised |= is_disguised(code);
		pending = false;
	}
	note_word(tricks, scripts, hidden, disguised);
}

/* ---- form ------------------------------------------------------------------------------ */

/* Code points; negative when it is not UTF-8. */
static utf8proc_ssize_t
to_codes(struct span stretch, bool fold_case, utf8proc_int32_t *codes)
{
	const int form = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE |
			 (fold_case ? UTF8PROC_CASEFOLD : 0);
	utf8proc_ssize_t count =
		utf8proc_decompose((const utf8proc_uint8_t *)stretch.data, (utf8proc_ssize_t)stretch.size, codes, CODES,
				   (utf8proc_option_t)form);

	if (count < 0 || count > CODES)
		return -1;
	return utf8proc_normalize_utf32(codes, count, (utf8proc_option_t)form);
}

size_t
script_form(struct span stretch, char *out)
{
	utf8proc_int32_t codes[CODES];
	utf8proc_ssize_t count = to_codes(span_head(stretch, SCRIPT_STRETCH), true, codes);
	size_t size = 0;

	if (count < 0) {
		stretch = span_head(stretch, SCRIPT_STRETCH);
		memcpy(out, stretch.data, stretch.size);
		return stretch.size;
	}
	for (utf8proc_ssize_t i = 0; i < count && size + 4 <= SCRIPT_FORM; i++)
		size += (size_t)utf8proc_encode_char(codes[i], (utf8proc_uint8_t *)out + size);
	return size;
}

size_t
script_size(struct span text)
{
	size_t size = charset_utf8_size(text);

	return size > 0 ? size : 1;
}

struct span
script_head(struct span text, size_t count)
{
	if (count >= text.size)
		return text;
	while (count > 0 && ((unsigned char)text.data[count] & 0xC0) == 0x80)
		count--;
	return span_head(text, count);
}

bool
script_runs_on(struct span text, size_t size)
{
	utf8proc_int32_t code;

	return size > 2 && utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)size, &code) > 0 &&
	       runs_on(code);
}

/* ---- words ----------------------------------------------------------------------------- */

struct cutter {
	script_take *take;
	void *context;
	char word[WORD + 4]; /* that is being read */
	size_t size;
	utf8proc_int32_t last; /* of a run of a script without blanks; 0: none */
	bool paired;
};

static void
end_word(struct cutter *cutter)
{
	struct span word = span_of(cutter->word, cutter->size);

	cutter->size = 0;
	while (word.size > 0 && strchr(".-'@_", word.data[word.size - 1]) != NULL)
		word.size--;
	while (word.size > 0 && strchr(".-'_", word.data[0]) != NULL)
		word = span_skip(word, 1);
	if (word.size > 0)
		cutter->take(cutter->context, word);
}

static void
join(struct cutter *cutter, utf8proc_int32_t code)
{
	if (cutter->size >= WORD - 3)
		end_word(cutter);
	cutter->size += (size_t)utf8proc_encode_char(code, (utf8proc_uint8_t *)cutter->word + cutter->size);
}

static void
give(struct cutter *cutter, utf8proc_int32_t first, utf8proc_int32_t second)
{
	utf8proc_uint8_t text[8];
	utf8proc_ssize_t size = utf8proc_encode_char(first, text);

	if (second != 0)
		size += utf8proc_encode_char(second, text + size);
	cutter->take(cutter->context, span_of((const char *)text, (size_t)size));
}

static void
end_run(struct cutter *cutter)
{
	if (cutter->last != 0 && !cutter->paired)
		give(cutter, cutter->last, 0);
	cutter->last = 0;
	cutter->paired = false;
}

static void
cut(struct cutter *cutter, utf8proc_int32_t code)
{
	enum kind kind = kind_of(code);

	if (kind != RUNS_ON)
		end_run(cutter);
	if (kind != JOINS)
		end_word(cutter);
	if (kind == JOINS) {
		join(cutter, code);
	} else if (kind == SYMBOL) {
		give(cutter, code, 0);
	} else if (kind == RUNS_ON) {
		if (cutter->last != 0) {
			give(cutter, cutter->last, code);
			cutter->paired = true;
		}
		cutter->last = code;
	}
}

void
script_cut(struct span stretch, bool fold_case, struct script_tricks *tricks, script_take *take, void *context)
{
	utf8proc_int32_t codes[CODES];
	struct cutter cutter = {.take = take, .context = context, .size = 0, .last = 0, .paired = false};

	stretch = span_head(stretch, SCRIPT_STRETCH);
	utf8proc_ssize_t count = to_codes(stretch, fold_case, codes);
	if (count < 0) {
		take(context, stretch);
		return;
	}
	if (tricks != NULL)
		note_tricks(tricks, (const utf8proc_uint8_t *)stretch.data, (utf8proc_ssize_t)stretch.size);
	for (utf8proc_ssize_t i = 0; i < count; i++)
		cut(&cutter, typed(codes[i]));
	end_run(&cutter);
	end_word(&cutter);
}
