/*
 * Tokens of one user as text: what dspam_dump prints, and what comes from other filters.
 *
 * dspam_dump prints no totals. Where the caller does not know them they are taken to be the most hits that any token
 * has: some tokens stand in nearly every message.
 */
#ifndef DSPAM_MOVE_TOKEN_DUMP_H
#define DSPAM_MOVE_TOKEN_DUMP_H

#include <stdio.h>

#include "move/person.h"
#include "token/tokenize.h"

/* Lines of dspam_dump: token, hits, day of the last hit, weights if there are any. Totals that are not 0 already are
 * left alone. */
bool token_dump_read(FILE *in, const char *path, struct person *person, struct error *error);
/* Whether this is such a line. */
bool token_dump_is(struct span line);

/* How much of a foreign dump could be used. */
struct token_dump_share {
	size_t words, used;
};

/*
 * Lines of bogoutil -d: word, spam, ham, day. Words of bodies and of the headers Subject, From, To, Return-Path and
 * Received become the tokens that `tokenizer` would make of the word alone; other headers have lost their names there,
 * and are left out, as are words that our tokenizer would cut. osb makes no token of one word: an error.
 */
bool token_dump_bogofilter(FILE *in, const char *path, enum tokenizer tokenizer, struct person *person,
			   struct token_dump_share *share, struct error *error);
bool token_dump_is_bogofilter(struct span line);

/* SpamAssassin (sa-learn --backup) keeps 40 bits of a SHA-1 sum of a word, from which ours cannot be made: an error. */
bool token_dump_is_spamassassin(struct span line);
bool token_dump_spamassassin(const char *path, struct error *error);

#endif
