/*
 * Signatures: what is kept of a message so that it can be learned again, and how it is found.
 *
 * Content (dspam-behaviour: storage 4): for word, chain and osb an array of 16-byte records, the
 * token's identifier in little-endian order, its frequency modulo 256, seven zeros; for sbph
 * the two flattened texts, tokenized again when they are needed.
 */
#ifndef DSPAM_FILTER_SIGNATURE_H
#define DSPAM_FILTER_SIGNATURE_H

#include "base/error.h"
#include "classify/noise.h"
#include "mail/message.h"
#include "store/store.h"
#include "token/tokenize.h"

#define SIGNATURE_ID_SIZE 32 /* of a new one, which fits the column of the original's databases */

/*
 * A new identifier in `arena`; NULL when it is full. Nobody can guess it: it is 128 random bits in hexadecimal digits
 * or, with the number of its user in front ("7,"; *UIDInSignature), 84 at least. `uid` 0: without.
 */
const char *signature_new_id(struct arena *arena, store_uid uid);

/* The number in front of an identifier, ours or the original's; 0: there is none. */
store_uid signature_uid(struct span id);

/* Whether `id` is one that could have been made here or by the original: letters, digits, commas. */
bool signature_id_valid(struct span id);

/*
 * What to keep of a message; data NULL when the arena is full. The noise reduction patterns that were
 * learned with the tokens stand behind them (sbph: they follow from the texts).
 */
struct span signature_encode(struct arena *arena, enum tokenizer tokenizer, const struct flat *flat,
			     const struct token_set *set, const struct noise_pattern *patterns, size_t pattern_count);

/*
 * The tokens of a kept signature; texts are known for sbph only. NULL, with the error filled in, when
 * the data is no signature of this tokenizer.
 */
struct token_set *signature_decode(struct arena *arena, struct span data, const struct tokenize_options *options,
				   struct error *error);

/* What is kept of a message that is not learned from, such as one with a virus. */
struct span signature_dummy(void);
bool signature_is_dummy(struct span data);

#define SIGNATURE_CANDIDATES 16

/*
 * Find the signatures that a message carries which comes back for training: in X-DSPAM-Signature
 * headers, and embedded in the text (messages 4). Mail from outside may hold marks of its own making, so
 * there can be several; the caller takes the first that the store knows. The most likely comes first:
 * in texts the last one, which is where ours was put. Returns how many were found.
 */
size_t signature_find(struct message *message, bool headers_first, struct span ids[static SIGNATURE_CANDIDATES]);

#endif
