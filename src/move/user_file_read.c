#include <inttypes.h>
#include <stdlib.h>

#include "base/crc64.h"
#include "filter/signature.h"
#include "move/foreign.h"
#include "move/line.h"
#include "move/user_file.h"

#define LINE_MAX_SIZE ((size_t)64 << 20)

enum { TEXT_MAX = 8192 }; /* of a name or value, undone */

struct reader {
	struct line_reader lines;
	struct person *person;
	uint64_t crc;
	unsigned long sum_lines; /* that the sum holds */
	bool ended, weights;
};

bool
user_file_is(struct span line)
{
	return span_starts(line, SPAN("dspam-user "));
}

/* ---- words ------------------------------------------------------------------ */

static int
hex_value(char byte)
{
	return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Two digits a byte into `out`, which has room for half of them. */
static bool
unhex(struct span digits, char *out)
{
	for (size_t i = 0; i + 1 < digits.size; i += 2) {
		int high = hex_value(digits.data[i]), low = hex_value(digits.data[i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (char)(high << 4 | low);
	}
	return digits.size % 2 == 0;
}

/* %HH undone. */
static bool
unescape(struct span word, char out[static TEXT_MAX], struct span *text)
{
	size_t used = 0;

	for (size_t i = 0; i < word.size; i++) {
		unsigned char byte = (unsigned char)word.data[i];
		if (used == TEXT_MAX || byte < ' ' || byte == 0x7F)
			return false;
		if (byte != '%') {
			out[used++] = word.data[i];
			continue;
		}
		if (word.size - i < 3 || !unhex(span_of(word.data + i + 1, 2), &out[used]) || out[used] == '\0')
			return false;
		used++;
		i += 2;
	}
	*text = span_of(out, used);
	return true;
}

static bool
next_number(struct span *rest, unsigned long long maximum, unsigned long long *number)
{
	struct span word;

	return span_next_word(rest, " ", &word) && span_to_number(word, maximum, number);
}

/* Both, or none. */
static bool
next_weights(struct span *rest, struct store_row *row)
{
	struct span word;
	int64_t weight;

	if (!span_next_word(rest, " ", &word) || !foreign_weight(word, &weight) || weight < INT32_MIN ||
	    weight > INT32_MAX)
		return false;
	row->weight = (int32_t)weight;
	return span_next_word(rest, " ", &word) && foreign_weight(word, &row->gradient);
}

static bool
next_date(struct span *rest, int32_t *day)
{
	struct span word;

	return span_next_word(rest, " ", &word) && word.size == 10 && foreign_day(word, day) && *day >= 0;
}

/* ---- lines ------------------------------------------------------------------ */

static bool
take_name(struct reader *reader, struct span rest)
{
	char text[TEXT_MAX];
	struct span name;

	if (!unescape(rest, text, &name) || !store_name_valid(name) || reader->person->name != NULL)
		return false;
	person_name(reader->person, name);
	return true;
}

static bool
take_totals(struct reader *reader, struct span rest)
{
	struct totals *totals = &reader->person->totals;
	int64_t *counters[] = {&totals->spam_learned,       &totals->innocent_learned,
			       &totals->spam_misclassified, &totals->innocent_misclassified,
			       &totals->spam_corpusfed,     &totals->innocent_corpusfed,
			       &totals->spam_classified,    &totals->innocent_classified};
	unsigned long long number;

	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
		if (!next_number(&rest, INT64_MAX, &number))
			return false;
		*counters[i] = (int64_t)number;
	}
	return rest.size == 0;
}

static bool
take_preference(struct reader *reader, struct span rest)
{
	char name_text[TEXT_MAX], value_text[TEXT_MAX];
	struct span word, name, value;

	if (!span_next_word(&rest, " ", &word) || !unescape(word, name_text, &name) || name.size == 0 ||
	    name.size > 128)
		return false;
	if (!span_next_word(&rest, " ", &word))
		word = SPAN("");
	if (!unescape(word, value_text, &value) || value.size > 4096 || rest.size > 0)
		return false;
	person_add_preference(reader->person, name, value);
	return true;
}

static bool
take_row(struct reader *reader, struct span rest)
{
	unsigned long long token, spam, innocent;
	struct store_row row = {.weight = 0};

	if (!next_number(&rest, UINT64_MAX, &token) || !next_number(&rest, UINT32_MAX, &spam) ||
	    !next_number(&rest, UINT32_MAX, &innocent) || !next_date(&rest, &row.day) ||
	    (reader->weights && rest.size > 0 && !next_weights(&rest, &row)) || rest.size > 0)
		return false;
	row.token = token;
	row.spam = (uint32_t)spam;
	row.innocent = (uint32_t)innocent;
	person_add_row(reader->person, &row);
	return true;
}

static bool
take_signature(struct reader *reader, struct span rest)
{
	struct store_signature signature;
	struct span id, digits;
	char text[256];

	if (!span_next_word(&rest, " ", &id) || !signature_id_valid(id) || !next_date(&rest, &signature.day))
		return false;
	if (!span_next_word(&rest, " ", &digits))
		digits = SPAN("");
	char *data = malloc(digits.size / 2 + 1);
	if (data == NULL)
		abort();
	bool done = unhex(digits, data) && rest.size == 0;
	snprintf(text, sizeof text, "%.*s", (int)id.size, id.data);
	signature.id = text;
	signature.data = span_of(data, digits.size / 2);
	if (done)
		person_add_signature(reader->person, &signature);
	free(data);
	return done;
}

static bool
take_end(struct reader *reader, struct span rest)
{
	unsigned long long lines;
	char sum[32];

	snprintf(sum, sizeof sum, "%016" PRIx64, reader->crc);
	reader->ended = next_number(&rest, UINT64_MAX, &lines) && lines == reader->sum_lines &&
			span_equal(span_trim(rest), span_from(sum));
	return reader->ended;
}

static const struct kind {
	const char *word;
	bool (*take)(struct reader *, struct span rest);
	const char *wrong;
} kinds[] = {
	{"name", take_name, "the name cannot be one of a user, or is the second"},
	{"totals", take_totals, "totals are eight numbers"},
	{"preference", take_preference, "a preference is a name and a value"},
	{"token", take_row, "a token is its number, two counts of hits, a date and, in version 2, its weights"},
	{"signature", take_signature, "a signature is an identifier, a date and hexadecimal digits"},
	{"end", take_end, "the checksum is another: the file is damaged or was changed"},
};

static bool
take_line(struct reader *reader, struct span line, struct error *error)
{
	struct span rest = line, word;

	if (reader->ended)
		return line_fail(&reader->lines, error, "something follows behind the end");
	if (!span_next_word(&rest, " ", &word))
		return line_fail(&reader->lines, error, "is empty");
	if (rest.size > 0)
		rest = span_skip(rest, 1); /* the space */
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (span_equal(word, span_from(kinds[i].word)))
			return kinds[i].take(reader, rest) || line_fail(&reader->lines, error, kinds[i].wrong);
	return line_fail(&reader->lines, error, "begins with no word of this format");
}

static bool
read_lines(struct reader *reader, struct error *error)
{
	struct span line;

	if (!line_next(&reader->lines, &line, error))
		return reader->lines.failed ? false : line_fail(&reader->lines, error, "the file is empty");
	reader->weights = span_equal(line, SPAN(USER_FILE_WITH_WEIGHTS));
	if (!reader->weights && !span_equal(line, SPAN(USER_FILE_FIRST)))
		return line_fail(&reader->lines, error,
				 user_file_is(line) ? "written by a newer dspam: this one knows versions 1 and 2"
						    : "is no file of dspam_admin export-user");
	do {
		/* The sum is of the lines before this one until it has been taken. */
		if (reader->sum_lines > 0 && !take_line(reader, line, error))
			return false;
		reader->crc = crc64(crc64(reader->crc, line), SPAN("\n"));
		reader->sum_lines++;
	} while (line_next(&reader->lines, &line, error));
	if (reader->lines.failed)
		return false;
	if (!reader->ended)
		return line_fail(&reader->lines, error, "the last line is not \"end\": the file is cut off");
	return reader->person->name != NULL || line_fail(&reader->lines, error, "no name stands in the file");
}

bool
user_file_read(FILE *in, const char *path, struct person *person, struct error *error)
{
	struct reader reader = {.person = person, .crc = ~UINT64_C(0)};

	line_begin(&reader.lines, in, path, LINE_MAX_SIZE);
	bool done = read_lines(&reader, error);
	line_end(&reader.lines);
	return done;
}
