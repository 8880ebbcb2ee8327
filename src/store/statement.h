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
	STATEMENT_USER_FIND,       /* (name) -> uid */
	STATEMENT_USER_ADD,        /* (name); nothing if it is there */
	STATEMENT_USERS,           /* () -> uid, name; in order of uid */
	STATEMENT_TOTALS,          /* (uid) -> the eight of struct totals, in its order */
	STATEMENT_TOTALS_MAKE,     /* (uid); a row of zeros, nothing if it is there */
	STATEMENT_TOTALS_ADD,      /* (eight differences in the order of struct totals, uid) */
	STATEMENT_ROWS,            /* (uid) batch -> position, spam, innocent, day */
	STATEMENT_ALL_ROWS,        /* (uid) -> token, spam, innocent, day */
	STATEMENT_ROWS_FROM,       /* (uid, token, limit) -> token, spam, innocent, day; in order, from that token on */
	STATEMENT_ROWS_ADD,        /* (uid) batch */
	STATEMENT_ROWS_MERGE,      /* (uid) batch; the later day stands */
	STATEMENT_ROWS_DELETE,     /* (uid) batch */
	STATEMENT_PENDING_NUMBERS, /* (uid) -> number; in order */
	STATEMENT_PENDING_RUN,     /* (uid, number) -> changes */
	STATEMENT_PENDING_ADD,     /* (uid, number, changes) */
	STATEMENT_PENDING_DELETE,  /* (uid) */
	STATEMENT_SIGNATURE,       /* (uid, id) -> data, day */
	STATEMENT_SIGNATURE_PUT,   /* (uid, id, data, length, day); replaces one of that id */
	STATEMENT_SIGNATURE_DELETE,  /* (uid, id) */
	STATEMENT_SIGNATURES_PURGE,  /* (uid, uid, day, limit): those made before day, up to the limit */
	STATEMENT_PREFERENCES,       /* (uid) -> name, value */
	STATEMENT_PREFERENCE_ADD,    /* (uid, name, value) */
	STATEMENT_PREFERENCE_DELETE, /* (uid, name); without case */
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
 * `batch` is the caller's array of tokens as a table of the columns position,
 * token, spam, innocent and day, in ascending order of token.
 */
struct dialect {
	const char *greatest;    /* the larger of two values: max, greatest */
	const char *batch;       /* the array, named batch */
	const char *batch_join;  /* a join that begins at its left side */
	const char *upsert_open; /* {upsert(}key columns{upsert)} assignments */
	const char *upsert_close;
	const char *new_open; /* {new(}column{new)}: the value that met an existing row */
	const char *new_close;
	const char *ignore_open; /* {ignore(}key columns{ignore)}: an existing row stays */
	const char *ignore_close;
};

extern const struct dialect dialect_sqlite;

/* Append the text of a statement to `text`. */
void statement_write(enum statement statement, const struct dialect *dialect, struct buffer *text);

#endif
