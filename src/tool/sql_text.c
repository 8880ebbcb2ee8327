#include "tool/sql_text.h"

#include <inttypes.h>

#include "tool/day.h"

bool
sql_dialect_named(const char *name, enum sql_dialect *dialect)
{
	static const char *const names[] = {[SQL_MYSQL] = "mysql", [SQL_POSTGRESQL] = "pgsql", [SQL_SQLITE] = "sqlite"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0) {
			*dialect = (enum sql_dialect)i;
			return true;
		}
	return false;
}

static void
write_text(FILE *out, enum sql_dialect dialect, const char *text)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || (*text == '\\' && dialect == SQL_MYSQL))
			fputc(*text, out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

void
sql_user(FILE *out, enum sql_dialect dialect, store_uid uid, const char *name)
{
	fprintf(out, "insert into dspam_virtual_uids (uid, username) values(%" PRIu32 ", ", uid);
	write_text(out, dialect, name);
	fputs(");\n", out);
}

void
sql_totals(FILE *out, store_uid uid, const struct totals *t)
{
	fprintf(out,
		"insert into dspam_stats (uid, spam_learned, innocent_learned, spam_misclassified, "
		"innocent_misclassified, spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified) "
		"values(%" PRIu32 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
		", %" PRId64 ", %" PRId64 ");\n",
		uid, t->spam_learned, t->innocent_learned, t->spam_misclassified, t->innocent_misclassified,
		t->spam_corpusfed, t->innocent_corpusfed, t->spam_classified, t->innocent_classified);
}

void
sql_row(FILE *out, enum sql_dialect dialect, store_uid uid, const struct store_row *row)
{
	char token[24], day[DAY_TEXT_SIZE];

	if (dialect == SQL_MYSQL)
		snprintf(token, sizeof token, "%" PRIu64, row->token);
	else
		snprintf(token, sizeof token, "%" PRId64, (int64_t)row->token);
	if (dialect == SQL_SQLITE)
		snprintf(day, sizeof day, "%" PRId32, row->day);
	else
		day_text(day, row->day);
	bool weights = store_row_has_weights(row);
	fprintf(out,
		"insert into dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit%s) values(%" PRIu32
		", '%s', %" PRIu32 ", %" PRIu32 ", '%s'",
		weights ? ", weight, gradient" : "", uid, token, row->spam, row->innocent, day);
	if (weights)
		fprintf(out, ", '%" PRId32 "', '%" PRId64 "'", row->weight, row->gradient);
	fputs(");\n", out);
}

void
sql_preference(FILE *out, enum sql_dialect dialect, store_uid uid, const char *name, const char *value)
{
	fprintf(out, "insert into dspam_preferences (uid, preference, value) values(%" PRIu32 ", ", uid);
	write_text(out, dialect, name);
	fputs(", ", out);
	write_text(out, dialect, value);
	fputs(");\n", out);
}
