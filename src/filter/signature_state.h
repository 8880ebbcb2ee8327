/*
 * What was learned last from the message of a signature, kept with its tokens where the original leaves room, so
 * that a lesson that is repeated is known as such, and counts once.
 *
 * Signatures of word, chain and osb are records with seven bytes that mean nothing: the state is the first of them.
 * Those of sbph end with a NUL, behind which the original looks no further: there it stands, with another NUL.
 */
#ifndef DSPAM_FILTER_SIGNATURE_STATE_H
#define DSPAM_FILTER_SIGNATURE_STATE_H

#include "base/arena.h"
#include "token/tokenize.h"

enum signature_state {
	SIGNATURE_UNMARKED, /* made by the original, or too short */
	SIGNATURE_SPAM,
	SIGNATURE_INNOCENT,
	SIGNATURE_UNLEARNED, /* its lesson was taken back */
	SIGNATURE_STATES,
};

enum signature_state signature_state(struct span data, enum tokenizer tokenizer);

/* A copy of `data` with another state; data NULL when the arena is full. */
struct span signature_with_state(struct arena *arena, struct span data, enum tokenizer tokenizer,
				 enum signature_state state);

/* The part of `data` that holds the texts of sbph. */
struct span signature_texts(struct span data);

#endif
