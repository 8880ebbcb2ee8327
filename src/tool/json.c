#include "tool/json.h"

#include <inttypes.h>
#include <math.h>

void
json_begin(struct json *json, FILE *out)
{
	*json = (struct json){.out = out};
}

void
json_end(struct json *json)
{
	fputc('\n', json->out);
}

/* ---- text ------------------------------------------------------------------- */

/* How many bytes at the beginning of `text` are one character of UTF-8 (RFC 3629); 0: they are none. */
static size_t
character_size(struct span text)
{
	static const struct {
		unsigned char first, last;        /* of the first byte */
		unsigned char second, second_end; /* of the second */
		size_t size;
	} kinds[] = {
		{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
		{0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	const unsigned char *bytes = (const unsigned char *)text.data;

	if (bytes[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (bytes[0] < kinds[i].first || bytes[0] > kinds[i].last || text.size < kinds[i].size)
			continue;
		bool good = bytes[1] >= kinds[i].second && bytes[1] <= kinds[i].second_end;
		for (size_t k = 2; k < kinds[i].size; k++)
			good = good && (bytes[k] & 0xC0) == 0x80;
		return good ? kinds[i].size : 0;
	}
	return 0;
}

static void
write_character(FILE *out, struct span character)
{
	unsigned char byte = (unsigned char)character.data[0];

	if (byte == '"' || byte == '\\')
		fprintf(out, "\\%c", byte);
	else if (byte < ' ' || byte == 0x7F)
		fprintf(out, "\\u%04x", byte);
	else
		fwrite(character.data, 1, character.size, out);
}

static void
write_text(FILE *out, struct span text)
{
	fputc('"', out);
	while (text.size > 0) {
		size_t size = character_size(text);
		if (size == 0)
			fputs("\xEF\xBF\xBD", out);
		else
			write_character(out, span_head(text, size));
		text = span_skip(text, size == 0 ? 1 : size);
	}
	fputc('"', out);
}

/* ---- values ----------------------------------------------------------------- */

/* What stands before a value. Elements of arrays begin lines, so that long output can be read and cut. */
static void
begin_value(struct json *json, const char *key)
{
	if (json->follows)
		fputs(key != NULL ? ", " : ",\n", json->out);
	if (key != NULL) {
		write_text(json->out, span_from(key));
		fputs(": ", json->out);
	}
	json->follows = true;
}

static void
open_value(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->follows = false;
}

static void
close_value(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->follows = true;
}

void
json_put_object(struct json *json, const char *key)
{
	open_value(json, key, '{');
}

void
json_put_object_end(struct json *json)
{
	close_value(json, '}');
}

void
json_put_array(struct json *json, const char *key)
{
	open_value(json, key, '[');
}

void
json_put_array_end(struct json *json)
{
	close_value(json, ']');
}

void
json_put_text(struct json *json, const char *key, struct span text)
{
	begin_value(json, key);
	write_text(json->out, text);
}

void
json_put_integer(struct json *json, const char *key, int64_t number)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, number);
}

void
json_put_real(struct json *json, const char *key, double number, int digits)
{
	begin_value(json, key);
	if (isfinite(number))
		fprintf(json->out, "%.*f", digits, number);
	else
		fputs("null", json->out);
}

void
json_put_boolean(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void
json_put_raw(struct json *json, const char *key, struct span value)
{
	begin_value(json, key);
	if (value.size == 0)
		value = SPAN("null");
	fwrite(value.data, 1, value.size, json->out);
}
