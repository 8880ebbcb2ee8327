#include "move/sql_dump.h"

#include "base/log.h"
#include "move/sql_reader.h"
#include "move/sql_table.h"

enum { COLUMNS_MAX = 24 };

struct dump {
	struct sql_reader reader;
	const struct sql_dump_options *options;
	struct people *people;
	const struct sql_table *table;
	int columns[COLUMNS_MAX]; /* of the table, in the order of the statement; -1: one that we do not know */
	size_t column_count;
	size_t may_lack;     /* the last of them */
	struct buffer texts; /* of all values of the row */
	struct sql_value values[COLUMNS_MAX];
	size_t starts[COLUMNS_MAX], value_count;
	enum sql_word word; /* the one that is looked at */
	bool passed_over;   /* rows of users whose numbers cannot be */
};

/* ---- the row that is read ------------------------------------------------------- */

static void
row_begin(struct dump *dump)
{
	buffer_clear(&dump->texts);
	dump->value_count = 0;
}

static bool
row_add(struct dump *dump, struct span text, bool null, bool today, struct error *error)
{
	if (dump->value_count == dump->column_count)
		return sql_fail(&dump->reader, error, "more values than columns");
	dump->starts[dump->value_count] = dump->texts.size;
	dump->values[dump->value_count++] = (struct sql_value){{NULL, text.size}, null, today};
	return buffer_append_span(&dump->texts, text) || sql_fail(&dump->reader, error, "a row of more than 128 MB");
}

/* Such as 4294967294, nobody of NFS. All others may be as good as ever. */
static bool
pass_over(struct dump *dump, struct span uid)
{
	if (!dump->passed_over)
		log_warning("%s, line %lu: a user has number %.*s; numbers can be from 1 to %d: rows of those beyond"
			    " are left out",
			    dump->reader.path, dump->reader.line, (int)uid.size, uid.data, INT32_MAX);
	dump->passed_over = true;
	return true;
}

static bool
row_end(struct dump *dump, struct error *error)
{
	struct sql_value values[SQL_COLUMNS];

	if (dump->value_count < dump->column_count - dump->may_lack)
		return sql_fail(&dump->reader, error, "fewer values than columns");
	for (size_t i = 0; i < SQL_COLUMNS; i++)
		values[i] = (struct sql_value){SPAN(""), .null = true};
	for (size_t i = 0; i < dump->value_count; i++) {
		struct sql_value value = dump->values[i];
		value.text.data = value.text.size > 0 ? dump->texts.data + dump->starts[i] : "";
		if (dump->columns[i] >= 0)
			values[dump->columns[i]] = value;
	}
	if (sql_table_beyond(values))
		return pass_over(dump, values[0].text);
	const char *wrong = dump->table->take(dump->people, values, dump->options->today);
	return wrong == NULL || sql_fail(&dump->reader, error, wrong);
}

/* ---- statements ----------------------------------------------------------------- */

static bool
advance(struct dump *dump, struct error *error)
{
	dump->word = sql_next(&dump->reader, error);
	return !dump->reader.failed;
}

static bool
at_sign(const struct dump *dump, char sign)
{
	return dump->word == SQL_SIGN && dump->reader.word.data[0] == sign;
}

static bool
at_name(const struct dump *dump, const char *name)
{
	return dump->word == SQL_NAME && span_equal_nocase(buffer_span(&dump->reader.word), span_from(name));
}

static bool
at_any_name(const struct dump *dump)
{
	return dump->word == SQL_NAME || (dump->word == SQL_STRING && dump->reader.quoted);
}

/* The table of this name, which may have the name of a schema before it. */
static bool
read_table(struct dump *dump, struct error *error)
{
	dump->table = NULL;
	do {
		if (at_sign(dump, '.') && !advance(dump, error))
			return false;
		if (at_any_name(dump))
			dump->table = sql_table_find(buffer_span(&dump->reader.word));
		if (!advance(dump, error))
			return false;
	} while (at_sign(dump, '.'));
	return true;
}

/* The names in brackets, or those of the schema. */
static bool
read_columns(struct dump *dump, struct error *error)
{
	dump->column_count = dump->may_lack = 0;
	if (!at_sign(dump, '(')) {
		for (size_t i = 0; i < sql_table_width(dump->table); i++)
			dump->columns[dump->column_count++] = (int)i;
		dump->may_lack = dump->table->added;
		return true;
	}
	do {
		if (!advance(dump, error))
			return false;
		if (!at_any_name(dump) || dump->column_count == COLUMNS_MAX)
			return sql_fail(&dump->reader, error, "a list of columns that is none");
		dump->columns[dump->column_count++] = sql_table_column(dump->table, buffer_span(&dump->reader.word));
		if (!advance(dump, error))
			return false;
	} while (at_sign(dump, ','));
	return at_sign(dump, ')') ? advance(dump, error)
				  : sql_fail(&dump->reader, error, "a list of columns that is none");
}

/* A function: all that stands in its brackets is passed over. */
static bool
skip_brackets(struct dump *dump, struct error *error)
{
	unsigned depth = 0;

	do {
		depth += at_sign(dump, '(');
		depth -= at_sign(dump, ')');
		if (!advance(dump, error))
			return false;
	} while (depth > 0 && dump->word != SQL_END);
	return depth == 0 || sql_fail(&dump->reader, error, "the file ends within a statement: it is cut off");
}

static bool
read_value(struct dump *dump, struct error *error)
{
	bool name = dump->word == SQL_NAME, null = at_name(dump, "null");

	if (!name && dump->word != SQL_STRING && dump->word != SQL_NUMBER)
		return sql_fail(&dump->reader, error, "a value that is none");
	if (!row_add(dump, name ? SPAN("") : buffer_span(&dump->reader.word), null, name && !null, error) ||
	    !advance(dump, error))
		return false;
	if (name && at_sign(dump, '('))
		return skip_brackets(dump, error);
	/* '2026-11-22'::date of PostgreSQL. */
	while (at_sign(dump, ':'))
		if (!advance(dump, error) || (at_any_name(dump) && !advance(dump, error)))
			return false;
	return true;
}

static bool
read_tuple(struct dump *dump, struct error *error)
{
	row_begin(dump);
	do {
		if (!advance(dump, error) || !read_value(dump, error))
			return false;
	} while (at_sign(dump, ','));
	return (at_sign(dump, ')') || sql_fail(&dump->reader, error, "a row that does not end")) &&
	       row_end(dump, error) && advance(dump, error);
}

/* INSERT INTO table (columns) VALUES (row), (row); behind INSERT. */
static bool
read_insert(struct dump *dump, struct error *error)
{
	while (dump->word == SQL_NAME && !at_name(dump, "into"))
		if (!advance(dump, error))
			return false;
	if (!at_name(dump, "into"))
		return true;
	if (!advance(dump, error) || !read_table(dump, error))
		return false;
	if (dump->table == NULL)
		return true;
	if (!read_columns(dump, error))
		return false;
	if (!at_name(dump, "values"))
		return sql_fail(&dump->reader, error, "INSERT without VALUES is not understood");
	if (!advance(dump, error))
		return false;
	while (at_sign(dump, '(')) {
		if (!read_tuple(dump, error))
			return false;
		if (at_sign(dump, ',') && !advance(dump, error))
			return false;
	}
	return true;
}

/* ---- COPY ------------------------------------------------------------------- */

/* One value of a line of COPY, its backslashes undone in place. */
static struct span
unescape(char *text, size_t size)
{
	static const char from[] = "ntrbfv", to[] = "\n\t\r\b\f\v";
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		const char *found = NULL;
		if (text[i] == '\\' && i + 1 < size) {
			i++;
			found = text[i] == '\0' ? NULL : strchr(from, text[i]);
		}
		text[used++] = found != NULL ? to[found - from] : text[i];
	}
	return span_of(text, used);
}

static int
hex_value(char byte)
{
	return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* A blob: \x0102. */
static struct span
unhex(char *text, size_t size)
{
	size_t used = 0;

	if (size < 2 || text[0] != '\\' || text[1] != 'x' || size % 2 != 0)
		return span_of(text, size);
	for (size_t i = 2; i < size; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);
		if (high < 0 || low < 0)
			return span_of(text, size);
		text[used++] = (char)(high << 4 | low);
	}
	return span_of(text, used);
}

static bool
copy_line(struct dump *dump, struct error *error)
{
	char *text = dump->reader.word.data;
	size_t left = dump->reader.word.size;

	row_begin(dump);
	for (;;) {
		size_t size = span_find_byte(span_of(text, left), '\t');
		bool last = size == SPAN_NONE;
		size = last ? left : size;
		bool null = size == 2 && text[0] == '\\' && text[1] == 'N';
		struct span value = unescape(text, null ? 0 : size);
		value = unhex(text, value.size);
		if (!row_add(dump, value, null, false, error))
			return false;
		if (last)
			return row_end(dump, error);
		text += size + 1;
		left -= size + 1;
	}
}

/* COPY table (columns) FROM stdin; lines up to "\.". */
static bool
read_copy(struct dump *dump, struct error *error)
{
	if (!read_table(dump, error) || (dump->table != NULL && !read_columns(dump, error)))
		return false;
	while (!at_sign(dump, ';') && dump->word != SQL_END)
		if (!advance(dump, error))
			return false;
	sql_line(&dump->reader, error); /* the rest of this one */
	while (sql_line(&dump->reader, error)) {
		if (span_equal(buffer_span(&dump->reader.word), SPAN("\\.")))
			return true;
		if (dump->table != NULL && !copy_line(dump, error))
			return false;
	}
	return sql_fail(&dump->reader, error, "the file ends within COPY: it is cut off");
}

/* ---- all of it -------------------------------------------------------------------- */

static bool
read_statement(struct dump *dump, struct error *error)
{
	bool insert = at_name(dump, "insert") || at_name(dump, "replace"), copy = at_name(dump, "copy");

	if (!advance(dump, error) || (insert && !read_insert(dump, error)))
		return false;
	if (copy)
		return read_copy(dump, error) && advance(dump, error);
	/* What follows is passed over; dspam_dump -d ends its statements with the line alone. */
	while (dump->word != SQL_END && !at_sign(dump, ';') && !(insert && at_name(dump, "insert")))
		if (!advance(dump, error))
			return false;
	return !at_sign(dump, ';') || advance(dump, error);
}

bool
sql_dump_read(FILE *in, const char *path, const struct sql_dump_options *options, struct people *people,
	      struct error *error)
{
	struct dump dump = {.options = options, .people = people, .texts = BUFFER_INIT(2 * SQL_WORD_MAX)};

	sql_begin(&dump.reader, in, path);
	dump.reader.backslash = !options->pgsql;
	bool done = advance(&dump, error);
	while (done && dump.word != SQL_END)
		done = read_statement(&dump, error);
	sql_free(&dump.reader);
	buffer_free(&dump.texts);
	return done;
}
