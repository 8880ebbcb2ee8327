/*
 * Where persons come from: files of the original DSPAM, dumps, another store; one after the other.
 *
 * What a file is it says itself: SQLite by its beginning, text by its first line, .css by its name.
 */
#ifndef DSPAM_MOVE_SOURCE_H
#define DSPAM_MOVE_SOURCE_H

#include "move/people.h"
#include "move/store_source.h"
#include "move/token_dump.h"
#include "move/tree.h"

struct source_options {
	const char *format;       /* NULL: as the file says; css, sdb, sql, dump, bogofilter */
	const char *user;         /* who it is, where the source does not say; NULL: not given */
	const char *names;        /* a file of numbers and names, for a dump without; NULL: none */
	bool pgsql;               /* sql_dump.h */
	struct totals totals;     /* for a dump without totals */
	enum tokenizer tokenizer; /* for words of others */
	int32_t today;
};

struct source {
	const struct source_options *options;
	struct tree tree;     /* files of one user each, */
	struct people people; /* or all of them, read already, */
	struct store *store;  /* or a store, which is the caller's */
	char **users;         /* of the store; the site first, as NULL */
	store_uid *uids;
	size_t count, next;
	struct store_source store_source;
	struct token_dump_share share; /* of a foreign dump; words 0: it was none */
	bool guessed;                  /* totals */
};

/* "-": standard input, whose format must be given. `source` is ended by source_close also on failure. */
bool source_open(struct source *source, const char *path, const struct source_options *options, struct error *error);
/* All of a store, or, with options->user, one user. */
bool source_open_store(struct source *source, struct store *store, const struct source_options *options,
		       struct error *error);
void source_close(struct source *source);

/*
 * The next person, finished, and his name, for messages, which lives until the next call; false with *more false at
 * the end. On an error, which says whose, it can be asked for the one after him. The person is given back, and
 * his signatures are walked, before the next is asked for.
 */
bool source_next(struct source *source, struct person *person, bool *more, struct error *error);

#endif
