/* What the tokenizers share: a key with its heading, and the two kinds of text they walk over. */
#ifndef DSPAM_TOKEN_LINES_H
#define DSPAM_TOKEN_LINES_H

#include "base/crc64.h"
#include "token/tokenize.h"
#include "token/words.h"

/* A token's text while it is put together; bytes beyond TOKEN_SIZE_MAX are cut off. */
struct key {
	char text[TOKEN_SIZE_MAX];
	size_t size;
	uint64_t id;
};

/* Not an assignment, which copies the room behind the text as well. */
static inline void
key_copy(struct key *key, const struct key *from)
{
	memcpy(key->text, from->text, from->size);
	key->size = from->size;
	key->id = from->id;
}

static inline void
key_append(struct key *key, struct span piece)
{
	piece = span_head(piece, TOKEN_SIZE_MAX - key->size);
	memcpy(key->text + key->size, piece.data, piece.size);
	key->size += piece.size;
	key->id = crc64(key->id, piece);
}

static inline uint32_t
key_add(const struct key *key, struct token_set *set)
{
	return token_set_add(set, key->id, span_of(key->text, key->size));
}

/* word and chain: the tokens of one run of text. `prefix` is empty, or "Heading*". */
void chain_tokenize(struct token_set *set, struct span text, const struct key *prefix, bool is_header, bool pairs,
		    bool text_order);

/* sbph and osb: likewise. */
void sparse_tokenize(struct token_set *set, struct span text, const struct key *prefix, bool is_header, bool all,
		     bool text_order);

/* Url*piece tokens of all URLs in `body`, which are overwritten with blanks. */
void url_tokenize(struct token_set *set, char *body, size_t size);

/* Note an occurrence in text order, for noise reduction. */
void text_order_add(struct token_set *set, bool pair, uint32_t index);

#endif
