/*
 * Stage two of DSPAM's tokenizing: header and body text become tokens, bit exact
 * with the original (dspam-behaviour: tokenizer 4 to 10).
 */
#ifndef DSPAM_TOKEN_TOKENIZE_H
#define DSPAM_TOKEN_TOKENIZE_H

#include "token/flatten.h"
#include "token/header_set.h"
#include "token/token.h"

enum tokenizer {
	TOKENIZER_WORD,  /* single words */
	TOKENIZER_CHAIN, /* and pairs of neighbours */
	TOKENIZER_SBPH,  /* sparse binary polynomial hashing: all patterns of a window of five words */
	TOKENIZER_OSB,   /* orthogonal sparse bigrams: the pairs of that window */
};

/* The tokenizer of that name; false if there is none. `chained` is chain. */
bool tokenizer_named(struct span name, enum tokenizer *tokenizer);
const char *tokenizer_name(enum tokenizer tokenizer);

struct tokenize_options {
	enum tokenizer tokenizer;
	bool url_context;                 /* ProcessorURLContext: words of URLs are tokens of their own kind */
	bool whitelist;                   /* make the whitelist token of the From header */
	bool text_order;                  /* fill words and pairs of the set, for noise reduction */
	const struct header_set *ignored; /* headers without tokens; may be NULL */
};

/*
 * The tokens of a message, in `arena`; NULL when it is full at the start. When it fills up later the
 * set is `truncated`. The texts are not changed, but a working copy of the body is made.
 */
struct token_set *tokenize(struct arena *arena, const struct flat *flat, const struct tokenize_options *options);

/* The identifier of the whitelist token that this line of a header, from "From:" on, gives. */
uint64_t tokenize_sender(struct span line);

#endif
