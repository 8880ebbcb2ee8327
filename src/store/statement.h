/*
 * The SQL of all drivers, in one place; a dialect is data.
 *
 * Parameters are ?1, ?2 ... in the order of the text, each once or, in a dialect
 * that numbers them, again.
 */
#ifndef DSPAM_STORE_STATEMENT_H
#define DSPAM_STORE_STATEMENT_H

#include "base/buffer.h"

enum statement {
	STATEMENT_USER_FIND,     /* (name) -> uid */
	STATEMENT_USER_MEET,     /* (name) -> uid, preference, value; one row with nulls: no preferences */
	STATEMENT_USER_NAME,     /* (uid) -> name */
	STATEMENT_USER_ADD,      /* (name); nothing if it is there */
	STATEMENT_USERS,         /* (uid, limit) -> uid, name; of those above uid, in order */
	STATEMENT_USERS_COUNTED, /* (uid, limit) -> uid; the same, of those that have totals */
	STATEMENT_TOTALS,        /* (uid) -> the eight of struct totals, in its order */
	STATEMENT_TOTALS_MAKE,   /* (uid); a row of zeros, nothing if it is there */
	STATEMENT_TOTALS_ADD,    /* (eight differences in the order of struct totals, uid) */
	STATEMENT_ROWS,          /* (uid) batch -> position, spam, innocent, day, weights */
	STATEMENT_ROWS_KEYS,     /* (uid) keys -> token, spam, innocent, day, weights; in any order */
	STATEMENT_ALL_ROWS,      /* (uid) -> token, spam, innocent, day, weights */
	STATEMENT_ROWS_FROM, /* (uid, token, limit) -> token, spam, innocent, day, weights; in order, from that token on
			      */
	STATEMENT_ROWS_ADD,  /* (uid) rows */
	STATEMENT_ROWS_MERGE,        /* (uid) rows; the later day stands */
	STATEMENT_ROWS_TAKE,         /* (uid, spam, innocent) keys: so many hits less, none below 0 */
	STATEMENT_ROWS_DELETE,       /* (uid) keys */
	STATEMENT_PENDING_NUMBERS,   /* (uid) -> number, where it is; in order */
	STATEMENT_PENDING_LAST,      /* (uid) -> the highest number; null: there is none */
	STATEMENT_PENDING_RUN,       /* (uid, number) -> changes */
	STATEMENT_PENDING_ADD,       /* (uid, number, changes) */
	STATEMENT_PENDING_DELETE,    /* (uid) */
	STATEMENT_SIGNATURE,         /* (uid, id) -> data, day */
	STATEMENT_SIGNATURE_NEW,     /* (uid, id, data, length, day); an error if one of that id is there */
	STATEMENT_SIGNATURE_PUT,     /* (uid, id, data, length, day); replaces one of that id */
	STATEMENT_SIGNATURE_REPLACE, /* (uid, id, data, length, day, data until now) */
	STATEMENT_SIGNATURE_DELETE,  /* (uid, id) */
	STATEMENT_SIGNATURES_PURGE,  /* (uid, uid, day, limit): those made before day, up to the limit */
	STATEMENT_PREFERENCES,       /* (uid) -> name, value */
	STATEMENT_PREFERENCE_ADD,    /* (uid, name, value) */
	STATEMENT_PREFERENCE_PUT,    /* (uid, name, value); name as the table compares */
	STATEMENT_PREFERENCE_ALONE,  /* (uid, name): none of this name in another case */
	STATEMENT_PREFERENCE_DELETE, /* (uid, name); without case */
	STATEMENT_GENERATION,        /* (uid) -> generation; no row: none yet */
	STATEMENT_GENERATION_NEXT,   /* (uid) */
	STATEMENT_SCHEMA,            /* () -> oldest */
	STATEMENT_SIGNATURE_ADD,     /* (uid, id, data, length, day); nothing if it is there */
	STATEMENT_SIGNATURES_FROM,   /* (uid, id, limit) -> id, data, day; in order, behind that id */
	STATEMENT_SIGNATURES_SIZE,   /* (uid) -> number, bytes */
	STATEMENT_ROWS_COUNT,        /* (uid) -> number */
	STATEMENT_ROWS_REMOVE,       /* (uid); all, as the following */
	STATEMENT_TOTALS_REMOVE,
	STATEMENT_SIGNATURES_REMOVE,
	STATEMENT_PREFERENCES_REMOVE,
	STATEMENT_USER_REMOVE,
	STATEMENT_COUNT
};

/*
 * What engines spell differently. The text of a statement has marks in braces, each
 * replaced by the member of that name; a pair such as {new(}column{new)} wraps.
 */
struct dialect {
	const char *greatest; /* the larger of two values: max, greatest */
	/*
	 * Many tokens at once. `batch`: the caller's array as a table of the columns position, token, spam, innocent,
	 * day, weight and gradient, in ascending order of token; `batch_join` begins at its left side. `keys`: a
	 * condition on the column before it, to be one of the tokens. `rows`: what is to be inserted. NULL: each
	 * statement brings its own.
	 */
	const char *batch;
	const char *batch_join;
	const char *keys;
	const char *rows;
	const char *upsert_open; /* {upsert(}key columns{upsert)} assignments */
	const char *upsert_close;
	const char *new_open; /* {new(}column{new)}: the value that met an existing row */
	const char *new_close;
	const char *ignore_open; /* {ignore(}key columns{ignore by}column = column{ignore)}: an existing row stays */
	const char *ignore_by;
	const char *ignore_close;
	const char *some_open; /* {some(}column{some)}: a counter that may be NULL, which is 0 */
	const char *some_close;
	const char *days_open; /* {days(}column{days)}: a column of days as their number since 1970-01-01 */
	const char *days_close;
	const char *date_open; /* {date(}number{date)}: such a number as a value of that column */
	const char *date_close;
	const char *weights_open; /* {weights(}text{weights)}: for tables that have weights; else a comment */
	const char *weights_close;
	const char *users, *users_uid, *users_name; /* the table of users, and its columns */
};

extern const struct dialect dialect_sqlite;

/* What a statement is told when its text is sent with its values: literals, in the engine's own spelling. */
struct statement_values {
	const struct span *parameters; /* for ?1, ?2, ...: at most nine */
	struct span keys, rows;
};

/* Append the text of a statement to `text`; without values ?1, ?2 ... stay as they are. */
void statement_write(enum statement statement, const struct dialect *dialect, const struct statement_values *values,
		     struct buffer *text);

#endif
