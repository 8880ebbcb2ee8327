#include "mail/header_text.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

#include "base/ascii.h"
#include "base/buffer.h"
#include "mail/charset.h"
#include "mail/transfer.h"

#define VALUE_MAX ((size_t)32 * 1024) /* bytes of a value that are looked at */
#define CHARSET_MAX 40
#define UTF8_MAX 4 /* bytes of a character */

struct writer {
	struct arena *arena;
	struct buffer text; /* UTF-8; what does not fit is dropped */
	/* bytes of encoded words that follow each other, and their character set */
	struct buffer encoded;
	char charset[CHARSET_MAX + 1];
};

/* ---- characters ---------------------------------------------------------------- */

static void
put(struct writer *writer, struct span character)
{
	if (writer->text.failed || !buffer_append_span(&writer->text, character))
		writer->text.failed = true; /* nothing shorter may follow what did not fit */
}

/* The control characters U+0080 to U+009F do no good either. */
static bool
is_control(struct span character)
{
	unsigned char first = (unsigned char)character.data[0];

	return first < 32 || first == 127 ||
	       (character.size == 2 && first == 0xC2 && (unsigned char)character.data[1] < 0xA0);
}

/* Text that should be UTF-8. */
static void
put_text(struct writer *writer, struct span text)
{
	while (text.size > 0 && !writer->text.failed) {
		size_t size = charset_utf8_size(text);
		unsigned char byte = (unsigned char)text.data[0];
		const char latin[2] = {(char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F))};
		struct span character = size > 0 ? span_head(text, size) : span_of(latin, 2);

		put(writer, is_control(character) ? SPAN(" ") : character);
		text = span_skip(text, size > 0 ? size : 1);
	}
}

/* ---- encoded words --------------------------------------------------------------- */

static void
put_converted(struct writer *writer, iconv_t converter, struct span text)
{
	char out[256], *from = (char *)(uintptr_t)text.data;
	size_t left = text.size;

	while (left > 0 && !writer->text.failed) {
		char *to = out;
		size_t room = sizeof out;
		size_t done = iconv(converter, &from, &left, &to, &room);
		int code = errno;

		put_text(writer, span_of(out, (size_t)(to - out)));
		if (done != (size_t)-1 || code == E2BIG)
			continue;
		put_text(writer, SPAN("\xEF\xBF\xBD")); /* U+FFFD for what is no character */
		if (code == EINVAL)
			break; /* it is cut off */
		from++;
		left--;
	}
}

/* The encoded words that were gathered. */
static void
flush(struct writer *writer)
{
	struct span text = buffer_span(&writer->encoded);
	iconv_t converter = (iconv_t)-1;

	if (text.size == 0)
		return;
	if (!span_equal_nocase(span_from(writer->charset), SPAN("UTF-8")))
		converter = iconv_open("UTF-8", writer->charset);
	if (converter != (iconv_t)-1) {
		put_converted(writer, converter, text);
		iconv_close(converter);
	} else {
		put_text(writer, text);
	}
	buffer_clear(&writer->encoded);
}

struct word {
	struct span charset;
	char encoding;
	struct span payload;
	size_t size; /* of the whole */
};

/* Cut up to `end` off `rest`; false when it does not come, or nothing stands before it. */
static bool
field(struct span *rest, char end, struct span *value)
{
	size_t at = span_find_byte(*rest, end);

	if (at == SPAN_NONE)
		return false;
	*value = span_head(*rest, at);
	*rest = span_skip(*rest, at + 1);
	return true;
}

static bool
is_charset(struct span name)
{
	for (size_t i = 0; i < name.size; i++)
		if (!ascii_is_letter(name.data[i]) && !ascii_is_digit(name.data[i]) &&
		    strchr("-_.:+()", name.data[i]) == NULL)
			return false;
	return name.size > 0 && name.size <= CHARSET_MAX;
}

/* An encoded word at the beginning of `text`: =?charset*language?encoding?payload?= */
static bool
read_word(struct span text, struct word *word)
{
	struct span rest = span_skip(text, 2), encoding;

	if (!span_starts(text, SPAN("=?")) || !field(&rest, '?', &word->charset) || !field(&rest, '?', &encoding) ||
	    !field(&rest, '?', &word->payload) || rest.size == 0 || rest.data[0] != '=')
		return false;
	size_t language = span_find_byte(word->charset, '*');
	word->charset = span_head(word->charset, language == SPAN_NONE ? word->charset.size : language);
	word->encoding = encoding.size == 1 ? ascii_lower(encoding.data[0]) : '\0';
	word->size = (size_t)(rest.data + 1 - text.data);
	return (word->encoding == 'b' || word->encoding == 'q') && is_charset(word->charset);
}

static void
gather(struct writer *writer, const struct word *word)
{
	if (!span_equal_nocase(span_from(writer->charset), word->charset)) {
		flush(writer);
		memcpy(writer->charset, word->charset.data, word->charset.size);
		writer->charset[word->charset.size] = '\0';
	}
	char *out = buffer_reserve(&writer->encoded, word->payload.size + 2);
	if (out == NULL)
		return;
	if (word->encoding == 'b') {
		size_t size = transfer_decode_base64(word->payload, out);
		writer->encoded.size += size > 0 && out[size - 1] == '\n' ? size - 1 : size;
		return;
	}
	if (word->payload.size > 0)
		memcpy(out, word->payload.data, word->payload.size);
	for (size_t i = 0; i < word->payload.size; i++)
		if (out[i] == '_')
			out[i] = ' ';
	writer->encoded.size += transfer_decode_quoted_printable(span_of(out, word->payload.size), out);
}

/* ---- the value --------------------------------------------------------------------- */

/* Without the line ends of folded lines, whose blanks stay. */
static struct span
unfold(struct arena *arena, struct span value)
{
	char *out = arena_text(arena, value.size + 1);
	size_t used = 0;

	for (size_t i = 0; out != NULL && i < value.size; i++)
		if (value.data[i] != '\r' && value.data[i] != '\n')
			out[used++] = value.data[i];
	return (struct span){out, used};
}

static bool
is_blank(struct span text)
{
	return span_trim(text).size == 0;
}

static void
put_value(struct writer *writer, struct span text)
{
	struct word word;

	while (text.size > 0) {
		size_t at = span_find(text, SPAN("=?"));
		struct span before = span_head(text, at == SPAN_NONE ? text.size : at);
		struct span rest = span_skip(text, before.size);

		if (at != SPAN_NONE && read_word(rest, &word)) {
			/* blanks between two encoded words are none of the text */
			if (writer->encoded.size == 0 || !is_blank(before)) {
				flush(writer);
				put_text(writer, before);
			}
			gather(writer, &word);
			text = span_skip(rest, word.size);
			continue;
		}
		flush(writer);
		before = span_head(text, before.size + (at != SPAN_NONE ? 2 : 0));
		put_text(writer, before);
		text = span_skip(text, before.size);
	}
	flush(writer);
}

const char *
header_text(struct arena *arena, struct span value, size_t maximum)
{
	struct span text = unfold(arena, span_trim(span_head(value, VALUE_MAX)));
	struct writer writer = {.text = BUFFER_INIT(maximum), .encoded = BUFFER_INIT(VALUE_MAX + UTF8_MAX)};
	const char *copy = NULL;

	if (text.data != NULL) {
		put_value(&writer, text);
		copy = arena_copy(arena, span_trim(buffer_span(&writer.text)));
	}
	buffer_free(&writer.text);
	buffer_free(&writer.encoded);
	return copy;
}
