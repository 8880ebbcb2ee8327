#include "move/sql_reader.h"

#include <errno.h>

#include "base/ascii.h"

void
sql_begin(struct sql_reader *reader, FILE *in, const char *path)
{
	*reader = (struct sql_reader){
		.in = in, .path = path, .line = 1, .backslash = true, .word = BUFFER_INIT(SQL_WORD_MAX)};
}

void
sql_free(struct sql_reader *reader)
{
	buffer_free(&reader->word);
}

bool
sql_fail(struct sql_reader *reader, struct error *error, const char *text)
{
	reader->failed = true;
	return error_set(error, ERROR_DATA, "%s, line %lu: %s", reader->path, reader->line, text);
}

static int
get(struct sql_reader *reader)
{
	int byte = getc_unlocked(reader->in);

	reader->line += byte == '\n';
	return byte;
}

static void
unget(struct sql_reader *reader, int byte)
{
	if (byte == EOF)
		return;
	reader->line -= byte == '\n';
	ungetc(byte, reader->in);
}

/* What is beyond the limit is dropped, and noticed at the end of the word. */
static void
put(struct sql_reader *reader, int byte)
{
	buffer_append_byte(&reader->word, (char)byte);
}

/* ---- what stands between words ---------------------------------------------------- */

/* PostgreSQL says itself that its strings know no backslash. */
static void
note_dialect(struct sql_reader *reader, struct span text)
{
	if (span_find(text, SPAN("PostgreSQL")) != SPAN_NONE)
		reader->backslash = false;
}

static void
skip_line(struct sql_reader *reader)
{
	char text[80];
	size_t size = 0;
	int byte;

	while ((byte = get(reader)) != EOF && byte != '\n')
		if (size < sizeof text)
			text[size++] = (char)byte;
	note_dialect(reader, span_of(text, size));
}

static void
skip_comment(struct sql_reader *reader)
{
	int byte = get(reader), last = 0;

	while (byte != EOF && !(last == '*' && byte == '/')) {
		last = byte;
		byte = get(reader);
	}
}

/* The first byte of the next word. */
static int
skip_space(struct sql_reader *reader)
{
	for (;;) {
		int byte = get(reader);
		if (byte != EOF && (byte <= ' ' || byte == '#')) {
			if (byte == '#')
				skip_line(reader);
			continue;
		}
		if (byte != '-' && byte != '/')
			return byte;
		int next = get(reader);
		if (byte == '-' && next == '-') {
			skip_line(reader);
		} else if (byte == '/' && next == '*') {
			skip_comment(reader);
		} else {
			unget(reader, next);
			return byte;
		}
	}
}

/* ---- words ------------------------------------------------------------------------ */

static int
escaped(int byte)
{
	static const char from[] = "0nrtbZ", to[] = "\0\n\r\t\b\x1A";
	const char *found = byte > 0 ? strchr(from, byte) : NULL;

	return found != NULL ? to[found - from] : byte;
}

static bool
read_quoted(struct sql_reader *reader, int quote, struct error *error)
{
	for (;;) {
		int byte = get(reader);
		if (byte == EOF)
			return sql_fail(reader, error, "the file ends within a string: it is cut off");
		if (byte == '\\' && reader->backslash && quote != '`') {
			put(reader, escaped(get(reader)));
			continue;
		}
		if (byte == quote) {
			byte = get(reader);
			if (byte != quote) {
				unget(reader, byte);
				return true;
			}
		}
		put(reader, byte);
	}
}

static bool
is_name(int byte)
{
	return byte == '_' || byte == '$' || byte >= 0x80 ||
	       (byte > 0 && (ascii_is_letter((char)byte) || ascii_is_digit((char)byte)));
}

static void
read_name(struct sql_reader *reader, int byte)
{
	for (; byte != EOF && is_name(byte); byte = get(reader))
		put(reader, byte);
	unget(reader, byte);
}

static int
hex_value(char byte)
{
	const char *digits = "0123456789abcdef", *found = byte == '\0' ? NULL : strchr(digits, ascii_lower(byte));

	return found == NULL ? -1 : (int)(found - digits);
}

/* Hexadecimal digits become bytes, in place. */
static bool
decode_hex(struct buffer *word, size_t from)
{
	size_t size = 0;

	if ((word->size - from) % 2 != 0)
		return false;
	for (size_t i = from; i < word->size; i += 2) {
		int high = hex_value(word->data[i]), low = hex_value(word->data[i + 1]);
		if (high < 0 || low < 0)
			return false;
		word->data[size++] = (char)(high << 4 | low);
	}
	word->size = size;
	return true;
}

static bool
word_is(const struct sql_reader *reader, const char *name)
{
	return span_equal_nocase(buffer_span(&reader->word), span_from(name));
}

/* 0x0102: bytes. They stand in the word as a name that begins with a digit. */
static bool
is_hex_number(const struct sql_reader *reader)
{
	return reader->word.size > 2 && reader->word.data[0] == '0' && ascii_lower(reader->word.data[1]) == 'x';
}

/* X'0102', E'text', N'text', _binary 'text': what stands in front says how to read the string. */
static enum sql_word
read_prefixed(struct sql_reader *reader, struct error *error)
{
	bool hex = word_is(reader, "x"), binary = word_is(reader, "_binary");
	bool prefix = hex || binary || word_is(reader, "e") || word_is(reader, "n");
	int byte = prefix ? get(reader) : EOF;

	if (prefix && binary && byte == ' ')
		byte = get(reader);
	if (byte != '\'') {
		unget(reader, byte);
		return SQL_NAME;
	}
	buffer_clear(&reader->word);
	if (!read_quoted(reader, byte, error))
		return SQL_END;
	if (hex && !decode_hex(&reader->word, 0)) {
		sql_fail(reader, error, "X'' holds something else than pairs of hexadecimal digits");
		return SQL_END;
	}
	return SQL_STRING;
}

static enum sql_word
read_string(struct sql_reader *reader, int quote, struct error *error)
{
	reader->quoted = quote == '"';
	if (!read_quoted(reader, quote, error))
		return SQL_END;
	/* A blob of PostgreSQL: \x0102. */
	if (!reader->backslash && span_starts(buffer_span(&reader->word), SPAN("\\x")))
		decode_hex(&reader->word, 2);
	return quote == '`' ? SQL_NAME : SQL_STRING;
}

static enum sql_word
read_word(struct sql_reader *reader, int byte, struct error *error)
{
	if (byte == '\'' || byte == '"' || byte == '`')
		return read_string(reader, byte, error);
	if (byte == '-' || byte == '+') {
		if (byte == '-')
			put(reader, byte);
		byte = get(reader);
	}
	if (ascii_is_digit((char)byte)) {
		read_name(reader, byte);
		return is_hex_number(reader) && decode_hex(&reader->word, 2) ? SQL_STRING : SQL_NUMBER;
	}
	if (is_name(byte)) {
		read_name(reader, byte);
		return read_prefixed(reader, error);
	}
	put(reader, byte);
	return SQL_SIGN;
}

enum sql_word
sql_next(struct sql_reader *reader, struct error *error)
{
	int byte = reader->failed ? EOF : skip_space(reader);

	buffer_clear(&reader->word);
	reader->word.failed = false;
	reader->quoted = false;
	if (byte == EOF) {
		if (ferror(reader->in))
			sql_fail(reader, error, strerror(errno));
		return SQL_END;
	}
	enum sql_word word = read_word(reader, byte, error);
	if (reader->word.failed && !reader->failed)
		sql_fail(reader, error, "a word of more than 64 MB");
	return reader->failed ? SQL_END : word;
}

bool
sql_line(struct sql_reader *reader, struct error *error)
{
	int byte = get(reader);

	buffer_clear(&reader->word);
	reader->word.failed = false;
	if (byte == EOF)
		return false;
	for (; byte != EOF && byte != '\n'; byte = get(reader))
		put(reader, byte);
	return !reader->word.failed || sql_fail(reader, error, "a line of more than 64 MB");
}
