#include "move/sql_table.h"

#include <limits.h>
#include <stdio.h>

#include "filter/signature.h"
#include "move/foreign.h"

enum { VALUE_UID, VALUE_TOKEN, VALUE_SPAM, VALUE_INNOCENT, VALUE_LAST_HIT, VALUE_WEIGHT, VALUE_GRADIENT };
enum { VALUE_SIGNATURE = 1, VALUE_DATA, VALUE_LENGTH, VALUE_CREATED };
enum { VALUE_NAME = 1, VALUE_VALUE };
enum { VALUE_COUNTERS = 1 };

static const char no_uid[] = "the uid is no number of a user";

static bool
take_uid(const struct sql_value *value, store_uid *uid)
{
	unsigned long long number = PEOPLE_UNNUMBERED;

	if (!value->null && !span_to_number(value->text, INT32_MAX, &number))
		return false;
	*uid = (store_uid)number;
	return true;
}

static long long
number_of(const struct sql_value *value)
{
	unsigned long long number;

	return !value->null && span_to_number(value->text, LLONG_MAX, &number) ? (long long)number : 0;
}

static int32_t
day_of(const struct sql_value *value, int32_t today)
{
	int32_t day;

	if (value->today)
		return today;
	return !value->null && foreign_day(value->text, &day) ? day : 0;
}

/* Of a row that has none, as those of tokens have not, nothing. */
static bool
take_weights(const struct sql_value *values, struct store_row *row)
{
	const struct sql_value *weight = &values[VALUE_WEIGHT], *gradient = &values[VALUE_GRADIENT];
	int64_t number = 0;

	if ((!weight->null && !foreign_weight(weight->text, &number)) || number < INT32_MIN || number > INT32_MAX)
		return false;
	row->weight = (int32_t)number;
	return gradient->null || foreign_weight(gradient->text, &row->gradient);
}

static const char *
take_row(struct people *people, const struct sql_value *values, int32_t today)
{
	struct store_row row = {.spam = foreign_hits(number_of(&values[VALUE_SPAM])),
				.innocent = foreign_hits(number_of(&values[VALUE_INNOCENT])),
				.day = day_of(&values[VALUE_LAST_HIT], today)};
	store_uid uid;

	if (!take_uid(&values[VALUE_UID], &uid))
		return no_uid;
	if (values[VALUE_TOKEN].null || !foreign_token(values[VALUE_TOKEN].text, &row.token))
		return "the token is no number of 64 bits";
	if (!take_weights(values, &row))
		return "weight and gradient are no numbers of 32 and 64 bits";
	person_add_row(people_numbered(people, uid), &row);
	return NULL;
}

static const char *
take_totals(struct people *people, const struct sql_value *values, int32_t today)
{
	struct totals totals;
	int64_t *counters[] = {&totals.spam_learned,           &totals.innocent_learned,   &totals.spam_misclassified,
			       &totals.innocent_misclassified, &totals.spam_corpusfed,     &totals.innocent_corpusfed,
			       &totals.spam_classified,        &totals.innocent_classified};
	store_uid uid;

	(void)today;
	if (!take_uid(&values[VALUE_UID], &uid))
		return no_uid;
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
		*counters[i] = foreign_hits(number_of(&values[VALUE_COUNTERS + i]));
	totals_add(&people_numbered(people, uid)->totals, &totals);
	return NULL;
}

static const char *
take_name(struct people *people, const struct sql_value *values, int32_t today)
{
	store_uid uid;

	(void)today;
	if (!take_uid(&values[VALUE_UID], &uid))
		return no_uid;
	if (!store_name_valid(values[VALUE_NAME].text))
		return "the username cannot be one: it has 1 to 128 bytes without '/'";
	person_name(people_numbered(people, uid), values[VALUE_NAME].text);
	return NULL;
}

static const char *
take_preference(struct people *people, const struct sql_value *values, int32_t today)
{
	store_uid uid;

	(void)today;
	if (!take_uid(&values[VALUE_UID], &uid))
		return no_uid;
	person_add_preference(people_numbered(people, uid), values[VALUE_NAME].text, values[VALUE_VALUE].text);
	return NULL;
}

static const char *
take_signature(struct people *people, const struct sql_value *values, int32_t today)
{
	struct span id = values[VALUE_SIGNATURE].text;
	char text[256];
	store_uid uid;

	if (!take_uid(&values[VALUE_UID], &uid))
		return no_uid;
	if (!signature_id_valid(id) || values[VALUE_DATA].null)
		return "the signature is none: its name has letters, digits and commas";
	snprintf(text, sizeof text, "%.*s", (int)id.size, id.data);
	person_add_signature(
		people_numbered(people, uid),
		&(struct store_signature){text, values[VALUE_DATA].text, day_of(&values[VALUE_CREATED], today)});
	return NULL;
}

static const struct sql_table tables[] = {
	{"dspam_token_data",
	 {"uid", "token", "spam_hits", "innocent_hits", "last_hit", "weight", "gradient"},
	 2,
	 take_row},
	{"dspam_stats",
	 {"uid", "spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
	  "innocent_corpusfed", "spam_classified", "innocent_classified"},
	 0,
	 take_totals},
	{"dspam_signature_data", {"uid", "signature", "data", "length", "created_on"}, 0, take_signature},
	{"dspam_preferences", {"uid", "preference", "value"}, 0, take_preference},
	{"dspam_virtual_uids", {"uid", "username"}, 0, take_name},
};

const struct sql_table *
sql_table_find(struct span name)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (span_equal_nocase(name, span_from(tables[i].name)))
			return &tables[i];
	return NULL;
}

size_t
sql_table_width(const struct sql_table *table)
{
	size_t width = 0;

	while (width < SQL_COLUMNS && table->columns[width] != NULL)
		width++;
	return width;
}

bool
sql_table_beyond(const struct sql_value *values)
{
	struct span text = values[VALUE_UID].text;
	bool negative = span_starts(text, SPAN("-"));
	unsigned long long number;

	return !values[VALUE_UID].null && span_to_number(span_skip(text, negative), ULLONG_MAX, &number) &&
	       (negative || number > INT32_MAX);
}

int
sql_table_column(const struct sql_table *table, struct span name)
{
	for (size_t i = 0; i < sql_table_width(table); i++)
		if (span_equal_nocase(name, span_from(table->columns[i])))
			return (int)i;
	return -1;
}
