/* Cutting text into words at delimiter bytes, for all tokenizers. */
#ifndef DSPAM_TOKEN_WORDS_H
#define DSPAM_TOKEN_WORDS_H

#include "base/span.h"

#define WORD_SIZE_MAX 49 /* longer pieces are no words */
#define TOKEN_SIZE_MAX 255
#define HEADING_SIZE_MAX 127

/* For each byte: whether it separates words. */
struct delimiters {
	bool is[256];
};

extern const struct delimiters delimiters_body;          /* word and chain */
extern const struct delimiters delimiters_header;        /* word and chain: dots survive */
extern const struct delimiters delimiters_sparse_body;   /* sbph and osb */
extern const struct delimiters delimiters_sparse_header; /* sbph and osb: dots, _ and - survive */

/* Cut the next piece off `rest`, of any length; false when none is left. */
static inline bool
words_next(struct span *rest, const struct delimiters *delimiters, struct span *piece)
{
	if (rest->size == 0)
		return false; /* its data may be NULL */
	const char *at = rest->data, *end = at + rest->size;
	while (at < end && delimiters->is[(unsigned char)*at])
		at++;
	const char *start = at;
	while (at < end && !delimiters->is[(unsigned char)*at])
		at++;
	*piece = (struct span){start, (size_t)(at - start)};
	*rest = (struct span){at, (size_t)(end - at)};
	return piece->size > 0;
}

#endif
