/*
 * The rules that let these statements run unchanged on one file, on a server and on
 * databases of many machines (Citus, YugabyteDB, CockroachDB, Vitess, TiDB, Galera):
 *
 *  1. Every statement names one uid (or a table of the site); every primary key begins with it.
 *  2. Tokens are signed 64-bit numbers, counters integers, times days since 1970-01-01;
 *     no function of dates in SQL: the day is passed in.
 *  3. Only CREATE, SELECT by keys, INSERT of many rows, the one upsert, UPDATE by key, DELETE by key.
 *  4. The upsert has two spellings: ON CONFLICT (SQLite, PostgreSQL) and ON DUPLICATE KEY (MySQL).
 *  5. Tokens are distinct and ascending: no row is touched twice, and a common order of locks
 *     leaves no deadlock between sessions.
 *  6. Rows go in batches, never one statement for a token; one transaction a lesson.
 *  7. What a lesson changes is written in one transaction or not at all.
 *  8. Conflicts (busy, deadlock, serialization failure) repeat the whole transaction from
 *     memory, a bounded number of times.
 *  9. READ COMMITTED is enough; no SELECT FOR UPDATE, trigger, procedure, view, foreign key,
 *     advisory lock or temporary table.
 * 10. The totals, one row a user and so the hottest, are written last: the shortest lock.
 * 11. A reader never assumes to see its own write at once.
 * 12. Nothing depends on prepared statements of the server (poolers).
 * 13. A row of the site says the version of the schema; changes only add.
 */
#include "store/statement.h"

#include <stdlib.h>

/* Add a difference, not below 0; where counters are unsigned, they must not be below 0 even in between. */
#define ADD(counter, change)                                                                                           \
	counter " = CASE WHEN " change " >= 0 OR {some(}" counter "{some)} > -(" change ")"                            \
		" THEN {some(}" counter "{some)} + " change " ELSE 0 END"

static const char *const texts[STATEMENT_COUNT] = {
	[STATEMENT_USER_FIND] = "SELECT {uid} FROM {users} WHERE {name} = ?1",
	[STATEMENT_USER_MEET] = "SELECT u.{uid}, p.preference, p.value FROM {users} AS u"
				" LEFT JOIN dspam_preferences AS p ON p.uid = u.{uid} WHERE u.{name} = ?1",
	[STATEMENT_USER_NAME] = "SELECT min({name}) FROM {users} WHERE {uid} = ?1",
	[STATEMENT_USER_ADD] =
		"INSERT INTO {users} ({name}) VALUES (?1) {ignore(}{name}{ignore by}{name} = {name}{ignore)}",
	[STATEMENT_USERS] =
		"SELECT {uid}, min({name}) FROM {users} WHERE {uid} > ?1 GROUP BY {uid} ORDER BY {uid} LIMIT ?2",
	[STATEMENT_USERS_COUNTED] = "SELECT uid FROM dspam_stats WHERE uid > ?1 ORDER BY uid LIMIT ?2",

	[STATEMENT_TOTALS] = "SELECT spam_learned, innocent_learned, spam_misclassified, innocent_misclassified,"
			     " spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified"
			     " FROM dspam_stats WHERE uid = ?1",
	[STATEMENT_TOTALS_MAKE] =
		"INSERT INTO dspam_stats (uid, spam_learned, innocent_learned, spam_misclassified,"
		" innocent_misclassified, spam_corpusfed, innocent_corpusfed, spam_classified,"
		" innocent_classified) VALUES (?1, 0, 0, 0, 0, 0, 0, 0, 0) {ignore(}uid{ignore by}uid = uid{ignore)}",
	[STATEMENT_TOTALS_ADD] =
		"UPDATE dspam_stats SET " ADD("spam_learned", "?1") ", " ADD("innocent_learned", "?2") ", " ADD(
			"spam_misclassified",
			"?3") ", " ADD("innocent_misclassified",
				       "?4") ", " ADD("spam_corpusfed",
						      "?5") ", " ADD("innocent_corpusfed",
								     "?6") ", " ADD("spam_classified",
										    "?7") ", " ADD("innocent_"
												   "classified",
												   "?8") " WHERE uid = "
													 "?9",

	[STATEMENT_ROWS] = "SELECT batch.position, t.spam_hits, t.innocent_hits, t.last_hit{weights(}, t.weight, "
			   "t.gradient{weights)}"
			   " FROM {batch} {batch join} dspam_token_data AS t ON t.token = batch.token"
			   " WHERE t.uid = ?1",
	[STATEMENT_ROWS_KEYS] = "SELECT token, spam_hits, innocent_hits, {days(}last_hit{days)}{weights(}, weight, "
				"gradient{weights)} FROM dspam_token_data"
				" WHERE uid = ?1 AND token {keys}",
	[STATEMENT_ALL_ROWS] = "SELECT token, spam_hits, innocent_hits, {days(}last_hit{days)}{weights(}, weight, "
			       "gradient{weights)} FROM dspam_token_data"
			       " WHERE uid = ?1",
	[STATEMENT_ROWS_ADD] =
		"INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit"
		"{weights(}, weight, gradient{weights)}) {rows}"
		" {upsert(}uid, token{upsert)}"
		" spam_hits = {greatest}(0, {some(}dspam_token_data.spam_hits{some)} + {new(}spam_hits{new)}),"
		" innocent_hits = {greatest}(0, {some(}dspam_token_data.innocent_hits{some)} + "
		"{new(}innocent_hits{new)}),"
		" last_hit = {new(}last_hit{new)}"
		" {weights(}, weight = coalesce(dspam_token_data.weight, 0) + {new(}weight{new)},"
		" gradient = coalesce(dspam_token_data.gradient, 0) + {new(}gradient{new)}{weights)}",
	[STATEMENT_ROWS_FROM] = "SELECT token, spam_hits, innocent_hits, {days(}last_hit{days)}{weights(}, weight, "
				"gradient{weights)} FROM dspam_token_data"
				" WHERE uid = ?1 AND token >= ?2 ORDER BY token LIMIT ?3",
	[STATEMENT_ROWS_MERGE] =
		"INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit"
		"{weights(}, weight, gradient{weights)}) {rows}"
		" {upsert(}uid, token{upsert)}"
		" spam_hits = {some(}dspam_token_data.spam_hits{some)} + {new(}spam_hits{new)},"
		" innocent_hits = {some(}dspam_token_data.innocent_hits{some)} + {new(}innocent_hits{new)},"
		" last_hit = {greatest}(dspam_token_data.last_hit, {new(}last_hit{new)})"
		" {weights(}, weight = coalesce(dspam_token_data.weight, 0) + {new(}weight{new)},"
		" gradient = coalesce(dspam_token_data.gradient, 0) + {new(}gradient{new)}{weights)}",
	/* Not greatest(0, hits - n): where hits are unsigned, the difference must not be below 0 even in between. */
	[STATEMENT_ROWS_TAKE] = "UPDATE dspam_token_data SET"
				" spam_hits = CASE WHEN spam_hits > ?2 THEN spam_hits - ?2 ELSE 0 END,"
				" innocent_hits = CASE WHEN innocent_hits > ?3 THEN innocent_hits - ?3 ELSE 0 END"
				" WHERE uid = ?1 AND token {keys}",
	[STATEMENT_ROWS_DELETE] = "DELETE FROM dspam_token_data WHERE uid = ?1 AND token {keys}",
	[STATEMENT_PENDING_NUMBERS] = "SELECT number, rowid FROM dspam_token_pending WHERE uid = ?1 ORDER BY number",
	[STATEMENT_PENDING_LAST] = "SELECT max(number) FROM dspam_token_pending WHERE uid = ?1",
	[STATEMENT_PENDING_RUN] = "SELECT changes FROM dspam_token_pending WHERE uid = ?1 AND number = ?2",
	[STATEMENT_PENDING_ADD] = "INSERT INTO dspam_token_pending (uid, number, changes) VALUES (?1, ?2, ?3)",
	[STATEMENT_PENDING_DELETE] = "DELETE FROM dspam_token_pending WHERE uid = ?1",

	[STATEMENT_SIGNATURE] =
		"SELECT data, {days(}created_on{days)} FROM dspam_signature_data WHERE uid = ?1 AND signature = ?2",
	[STATEMENT_SIGNATURE_NEW] = "INSERT INTO dspam_signature_data (uid, signature, data, length, created_on)"
				    " VALUES (?1, ?2, ?3, ?4, {date(}?5{date)})",
	[STATEMENT_SIGNATURE_PUT] = "INSERT INTO dspam_signature_data (uid, signature, data, length, created_on)"
				    " VALUES (?1, ?2, ?3, ?4, {date(}?5{date)}) {upsert(}uid, signature{upsert)}"
				    " data = {new(}data{new)}, length = {new(}length{new)},"
				    " created_on = {new(}created_on{new)}",
	[STATEMENT_SIGNATURE_REPLACE] =
		"UPDATE dspam_signature_data SET data = ?3, length = ?4, created_on = {date(}?5{date)}"
		" WHERE uid = ?1 AND signature = ?2 AND data = ?6",
	[STATEMENT_SIGNATURE_DELETE] = "DELETE FROM dspam_signature_data WHERE uid = ?1 AND signature = ?2",

	/* Twice nested, because MySQL takes LIMIT and the table itself only so. */
	[STATEMENT_SIGNATURES_PURGE] =
		"DELETE FROM dspam_signature_data WHERE uid = ?1 AND signature IN (SELECT old.signature FROM (SELECT"
		" signature FROM dspam_signature_data WHERE uid = ?2 AND created_on < {date(}?3{date)} LIMIT ?4) AS "
		"old)",

	[STATEMENT_PREFERENCES] = "SELECT preference, value FROM dspam_preferences WHERE uid = ?1",
	[STATEMENT_PREFERENCE_ADD] = "INSERT INTO dspam_preferences (uid, preference, value) VALUES (?1, ?2, ?3)",
	[STATEMENT_PREFERENCE_PUT] = "INSERT INTO dspam_preferences (uid, preference, value) VALUES (?1, ?2, ?3)"
				     " {upsert(}uid, preference{upsert)} preference = {new(}preference{new)},"
				     " value = {new(}value{new)}",
	[STATEMENT_PREFERENCE_ALONE] = "DELETE FROM dspam_preferences WHERE uid = ?1 AND lower(preference) = lower(?2)"
				       " AND preference <> ?2",
	[STATEMENT_PREFERENCE_DELETE] =
		"DELETE FROM dspam_preferences WHERE uid = ?1 AND lower(preference) = lower(?2)",

	[STATEMENT_SIGNATURE_ADD] =
		"INSERT INTO dspam_signature_data (uid, signature, data, length, created_on)"
		" VALUES (?1, ?2, ?3, ?4, {date(}?5{date)}) {ignore(}uid, signature{ignore by}uid = uid{ignore)}",
	[STATEMENT_GENERATION] = "SELECT generation FROM dspam_generation WHERE uid = ?1",
	[STATEMENT_GENERATION_NEXT] = "INSERT INTO dspam_generation (uid, generation) VALUES (?1, 1)"
				      " {upsert(}uid{upsert)} generation = dspam_generation.generation + 1",
	[STATEMENT_SCHEMA] = "SELECT max(oldest) FROM dspam_schema",
	[STATEMENT_SIGNATURES_FROM] = "SELECT signature, data, {days(}created_on{days)} FROM dspam_signature_data"
				      " WHERE uid = ?1 AND signature > ?2 ORDER BY signature LIMIT ?3",
	[STATEMENT_SIGNATURES_SIZE] =
		"SELECT count(*), coalesce(sum(length(data)), 0) FROM dspam_signature_data WHERE uid = ?1",
	[STATEMENT_ROWS_COUNT] = "SELECT count(*) FROM dspam_token_data WHERE uid = ?1",
	[STATEMENT_ROWS_REMOVE] = "DELETE FROM dspam_token_data WHERE uid = ?1",
	[STATEMENT_TOTALS_REMOVE] = "DELETE FROM dspam_stats WHERE uid = ?1",
	[STATEMENT_SIGNATURES_REMOVE] = "DELETE FROM dspam_signature_data WHERE uid = ?1",
	[STATEMENT_PREFERENCES_REMOVE] = "DELETE FROM dspam_preferences WHERE uid = ?1",
	[STATEMENT_USER_REMOVE] = "DELETE FROM {users} WHERE {uid} = ?1",
};

const struct dialect dialect_sqlite = {
	.greatest = "max",
	.batch = "store_batch AS batch", /* sqlite/batch.h */
	.batch_join = "CROSS JOIN",
	.keys = "IN (SELECT batch.token FROM store_batch AS batch)",
	.rows = "SELECT ?1, batch.token, batch.spam, batch.innocent, batch.day, batch.weight, batch.gradient"
		" FROM store_batch AS batch WHERE true",
	.upsert_open = "ON CONFLICT (",
	.upsert_close = ") DO UPDATE SET",
	.new_open = "excluded.",
	.new_close = "",
	.ignore_open = "ON CONFLICT (",
	.ignore_by = ") DO NOTHING /* ",
	.ignore_close = " */",
	.some_open = "",
	.some_close = "",
	.days_open = "",
	.days_close = "",
	.date_open = "",
	.date_close = "",
	.weights_open = "",
	.weights_close = "",
	.users = "dspam_virtual_uids",
	.users_uid = "uid",
	.users_name = "username",
};

#define MARK(name, member)                                                                                             \
	{                                                                                                              \
		"{" name "}", offsetof(struct dialect, member)                                                         \
	}

static const struct mark {
	const char *name;
	size_t member; /* offset in struct dialect */
} marks[] = {
	MARK("greatest", greatest),
	MARK("batch", batch),
	MARK("batch join", batch_join),
	MARK("keys", keys),
	MARK("rows", rows),
	MARK("upsert(", upsert_open),
	MARK("upsert)", upsert_close),
	MARK("new(", new_open),
	MARK("new)", new_close),
	MARK("ignore(", ignore_open),
	MARK("ignore by", ignore_by),
	MARK("ignore)", ignore_close),
	MARK("some(", some_open),
	MARK("some)", some_close),
	MARK("days(", days_open),
	MARK("days)", days_close),
	MARK("date(", date_open),
	MARK("date)", date_close),
	MARK("weights(", weights_open),
	MARK("weights)", weights_close),
	MARK("users", users),
	MARK("uid", users_uid),
	MARK("name", users_name),
};

/* Write what the mark at the start of `text` stands for; returns the length of the mark. */
static size_t
write_mark(struct span text, const struct dialect *dialect, const struct statement_values *values, struct buffer *out)
{
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		struct span name = span_from(marks[i].name);
		if (!span_starts(text, name))
			continue;
		const char *spelling = *(const char *const *)((const char *)dialect + marks[i].member);
		if (spelling != NULL)
			buffer_append_string(out, spelling);
		else
			buffer_append_span(out, marks[i].member == offsetof(struct dialect, keys) ? values->keys
												  : values->rows);
		return name.size;
	}
	abort(); /* a mark that is misspelt in the table above */
}

/* The value of the parameter at the start of `text`; returns its length. */
static size_t
write_parameter(struct span text, const struct statement_values *values, struct buffer *out)
{
	if (values == NULL)
		buffer_append(out, text.data, 2);
	else
		buffer_append_span(out, values->parameters[text.data[1] - '1']);
	return 2;
}

void
statement_write(enum statement statement, const struct dialect *dialect, const struct statement_values *values,
		struct buffer *text)
{
	struct span rest = span_from(texts[statement]);

	while (rest.size > 0) {
		size_t plain = 0;
		while (plain < rest.size && rest.data[plain] != '{' && rest.data[plain] != '?')
			plain++;
		buffer_append_span(text, span_head(rest, plain));
		rest = span_skip(rest, plain);
		if (rest.size > 0)
			rest = span_skip(rest, rest.data[0] == '{' ? write_mark(rest, dialect, values, text)
								   : write_parameter(rest, values, text));
	}
}
