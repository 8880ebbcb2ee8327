/*
 * The words of a file of SQL statements: enough of SQL to read what dspam_2sql, mysqldump and pg_dump write.
 *
 * Bounded: a word has at most SQL_WORD_MAX bytes. The stream is the caller's.
 */
#ifndef DSPAM_MOVE_SQL_READER_H
#define DSPAM_MOVE_SQL_READER_H

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"

#define SQL_WORD_MAX ((size_t)64 << 20)

enum sql_word {
	SQL_END,
	SQL_NAME,   /* insert, dspam_stats, `uid`, null; "uid", where a name can stand */
	SQL_STRING, /* 'text' or "text", without its quotes; a blob as its bytes */
	SQL_NUMBER, /* with its sign */
	SQL_SIGN,   /* one byte: ( ) , ; . and whatever else */
};

struct sql_reader {
	FILE *in;
	const char *path; /* for errors */
	unsigned long line;
	bool backslash; /* it takes the meaning from what follows, as in MySQL's strings */
	struct buffer word;
	bool quoted; /* the word stood in double quotes */
	bool failed; /* too long or damaged, as `error` of sql_next says */
};

void sql_begin(struct sql_reader *reader, FILE *in, const char *path);
void sql_free(struct sql_reader *reader);

/* The next word, which stands in reader->word. SQL_END at the end and, with reader->failed, on errors. */
enum sql_word sql_next(struct sql_reader *reader, struct error *error);

/* The next line as it is, without its LF: for what follows COPY. False: there is none, or, with failed, on errors. */
bool sql_line(struct sql_reader *reader, struct error *error);

/* "path, line 7: text"; returns false. */
bool sql_fail(struct sql_reader *reader, struct error *error, const char *text);

#endif
