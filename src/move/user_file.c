#include "move/user_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/crc64.h"

enum { LAST_DAY = 2932896 /* 9999-12-31 */ };

/* What is written is summed up on its way. */
struct writer {
	FILE *out;
	uint64_t crc;
	uint64_t lines;
	struct buffer *line;
};

static bool
put_line(struct writer *writer)
{
	struct buffer *line = writer->line;
	bool done = buffer_append_byte(line, '\n') && fwrite(line->data, 1, line->size, writer->out) == line->size;

	if (done)
		writer->crc = crc64(writer->crc, buffer_span(line));
	writer->lines++;
	buffer_clear(line);
	return done;
}

static void
add_escaped(struct buffer *line, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte <= ' ' || byte == 0x7F || byte == '%')
			buffer_printf(line, "%%%02x", byte);
		else
			buffer_append_byte(line, *text);
	}
}

static void
add_date(struct buffer *line, int32_t day)
{
	time_t start = (time_t)(day < 0 || day > LAST_DAY ? 0 : day) * CLOCK_DAY;
	struct tm date;
	char text[32];

	gmtime_r(&start, &date);
	strftime(text, sizeof text, "%Y-%m-%d", &date);
	buffer_append_string(line, text);
}

/* ---- the parts of a person ---------------------------------------------------- */

static bool
write_head(struct writer *writer, const struct person *person)
{
	const struct totals *t = &person->totals;

	buffer_append_string(writer->line, person_has_weights(person) ? USER_FILE_WITH_WEIGHTS : USER_FILE_FIRST);
	if (!put_line(writer))
		return false;
	buffer_append_string(writer->line, "name ");
	add_escaped(writer->line, person->name);
	if (!put_line(writer))
		return false;
	buffer_printf(writer->line,
		      "totals %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
		      " %" PRId64,
		      t->spam_learned, t->innocent_learned, t->spam_misclassified, t->innocent_misclassified,
		      t->spam_corpusfed, t->innocent_corpusfed, t->spam_classified, t->innocent_classified);
	return put_line(writer);
}

static bool
write_preference(struct writer *writer, const struct person_preference *preference)
{
	buffer_append_string(writer->line, "preference ");
	add_escaped(writer->line, preference->name);
	if (*preference->value != '\0')
		buffer_append_byte(writer->line, ' ');
	add_escaped(writer->line, preference->value);
	return put_line(writer);
}

static bool
write_row(struct writer *writer, const struct store_row *row)
{
	buffer_printf(writer->line, "token %" PRIu64 " %" PRIu32 " %" PRIu32 " ", row->token, row->spam, row->innocent);
	add_date(writer->line, row->day);
	if (store_row_has_weights(row))
		buffer_printf(writer->line, " %" PRId32 " %" PRId64, row->weight, row->gradient);
	return put_line(writer);
}

static bool
write_signature(void *context, const struct store_signature *signature)
{
	static const char digits[] = "0123456789abcdef";
	struct writer *writer = context;

	buffer_printf(writer->line, "signature %s ", signature->id);
	add_date(writer->line, signature->day);
	if (signature->data.size > 0)
		buffer_append_byte(writer->line, ' ');
	for (size_t i = 0; i < signature->data.size; i++) {
		unsigned char byte = (unsigned char)signature->data.data[i];
		const char pair[] = {digits[byte >> 4], digits[byte & 15]};
		buffer_append(writer->line, pair, sizeof pair);
	}
	return put_line(writer);
}

static bool
write_all(struct writer *writer, const struct person *person, size_t *ballots, struct error *error)
{
	bool done = write_head(writer, person);

	for (size_t i = 0; done && i < person->preference_count; i++)
		done = write_preference(writer, &person->preferences[i]);
	for (size_t i = 0; done && i < person->count; i++)
		done = write_row(writer, &person->rows[i]);
	return !done || person_each_signature(person, write_signature, writer, ballots, error);
}

bool
user_file_write(const struct person *person, FILE *out, size_t *ballots, struct error *error)
{
	struct buffer line = BUFFER_INIT(SIZE_MAX / 4);
	struct writer writer = {out, ~UINT64_C(0), 0, &line};
	bool done = write_all(&writer, person, ballots, error);

	if (done)
		fprintf(out, "end %" PRIu64 " %016" PRIx64 "\n", writer.lines, writer.crc);
	if (done && (fflush(out) != 0 || ferror(out)))
		done = error_set(error, ERROR_IO, "cannot write: %s", strerror(errno));
	buffer_free(&line);
	return done;
}
