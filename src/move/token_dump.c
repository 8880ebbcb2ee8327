#include "move/token_dump.h"

#include "move/foreign.h"
#include "move/line.h"

enum { LINE_MAX_SIZE = 65536 };

/* ---- dspam_dump ----------------------------------------------------------------- */

struct fields {
	struct span token, spam, innocent, month, day, year;
	struct span weight, gradient; /* empty: none */
};

/* " W: -39083 G: 188721", if there is anything. */
static bool
cut_weights(struct span rest, struct fields *fields)
{
	struct span label[2];

	fields->weight = fields->gradient = SPAN("");
	if (span_trim(rest).size == 0)
		return true;
	return span_next_word(&rest, " ", &label[0]) && span_equal(label[0], SPAN("W:")) &&
	       span_next_word(&rest, " ", &fields->weight) && span_next_word(&rest, " ", &label[1]) &&
	       span_equal(label[1], SPAN("G:")) && span_next_word(&rest, " \r", &fields->gradient);
}

/* "4864187860619624448  S: 00002  I: 00001  P: 0.4000 LH: Sun Nov 22 06:13:08 2026" */
static bool
cut(struct span line, struct fields *fields)
{
	struct span label[4], value, weekday, time;

	return span_next_word(&line, " \t\r", &fields->token) && span_next_word(&line, " ", &label[0]) &&
	       span_equal(label[0], SPAN("S:")) && span_next_word(&line, " ", &fields->spam) &&
	       span_next_word(&line, " ", &label[1]) && span_equal(label[1], SPAN("I:")) &&
	       span_next_word(&line, " ", &fields->innocent) && span_next_word(&line, " ", &label[2]) &&
	       span_equal(label[2], SPAN("P:")) && span_next_word(&line, " ", &value) &&
	       span_next_word(&line, " ", &label[3]) && span_equal(label[3], SPAN("LH:")) &&
	       span_next_word(&line, " ", &weekday) && span_next_word(&line, " ", &fields->month) &&
	       span_next_word(&line, " ", &fields->day) && span_next_word(&line, " ", &time) &&
	       span_next_word(&line, " \r", &fields->year) && cut_weights(line, fields);
}

static int32_t
day_of(const struct fields *fields)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	size_t month = fields->month.size == 3 ? span_find(span_from(months), fields->month) : SPAN_NONE;
	unsigned long long day;
	char text[32];
	int32_t days;

	if (month == SPAN_NONE || month % 3 != 0 || fields->year.size != 4 || !span_to_number(fields->day, 31, &day))
		return 0;
	snprintf(text, sizeof text, "%.4s-%02zu-%02llu", fields->year.data, month / 3 + 1, day);
	return foreign_day(span_from(text), &days) ? days : 0;
}

bool
token_dump_is(struct span line)
{
	struct fields fields;
	uint64_t token;

	return cut(line, &fields) && foreign_token(fields.token, &token);
}

static bool
take_line(struct span line, struct person *person)
{
	struct fields fields;
	struct store_row row = {.weight = 0};
	int64_t weight = 0;
	unsigned long long spam, innocent;

	if (!cut(line, &fields) || !foreign_token(fields.token, &row.token) ||
	    !span_to_number(fields.spam, INT32_MAX, &spam) || !span_to_number(fields.innocent, INT32_MAX, &innocent))
		return false;
	if (fields.weight.size > 0 && (!foreign_weight(fields.weight, &weight) || weight < INT32_MIN ||
				       weight > INT32_MAX || !foreign_weight(fields.gradient, &row.gradient)))
		return false;
	row.weight = (int32_t)weight;
	row.spam = (uint32_t)spam;
	row.innocent = (uint32_t)innocent;
	row.day = day_of(&fields);
	person_add_row(person, &row);
	return true;
}

static void
guess_totals(struct person *person)
{
	struct totals *totals = &person->totals;

	if (totals->spam_learned != 0 || totals->innocent_learned != 0)
		return;
	for (size_t i = 0; i < person->count; i++) {
		const struct store_row *row = &person->rows[i];
		if (row->spam > totals->spam_learned)
			totals->spam_learned = row->spam;
		if (row->innocent > totals->innocent_learned)
			totals->innocent_learned = row->innocent;
	}
}

bool
token_dump_read(FILE *in, const char *path, struct person *person, struct error *error)
{
	struct line_reader reader;
	struct span line;
	bool done = true;

	line_begin(&reader, in, path, LINE_MAX_SIZE);
	/* ctime's own LF leaves empty lines in the original's output. */
	while (done && line_next(&reader, &line, error))
		done = span_trim(line).size == 0 || take_line(line, person) ||
		       line_fail(&reader, error,
				 "is no line of dspam_dump, such as \"486418786  S: 00002  I: 00001  P: 0.4000 LH: Sun"
				 " Nov 22 06:13:08 2026\"");
	done = done && !reader.failed;
	line_end(&reader);
	if (done)
		guess_totals(person);
	return done;
}
