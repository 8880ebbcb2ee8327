/*
 * Features of a message: what the adaptive classifier (classify/adaptive.h) learns about.
 *
 * Where the original's tokens are words and their neighbours, these are of many families: words of headers and text,
 * the ways that a message took, parts of addresses of the web, how it is built. Each belongs to one of three views of
 * the message, which are weighed and taught each by itself. Only whether a feature is there counts, not how often.
 *
 * Identifiers stand in databases, so what they are made of never changes. Each is XXH3_64 of the feature's bytes
 * (feature/set.h), which are:
 *
 *   HEADER_WORD    a word of a value, case kept, NFKC beyond ASCII; an address of numbers and its first two and three;
 *                  a name and what stands behind each dot; the shape (feature/shape.h) of what looks random; marks at
 *                  the end of a word; whole addresses of mail. Name: the header, or "received (ours)" for the first
 *   HEADER_NAME    a name, case kept ("one"); two that follow each other, with ^ before and $ behind all ("two")
 *   RECEIVED_PAIR  two words of a Received that follow each other, up to its date; name as above
 *   URL            host, what stands behind each dot of it, shape of the whole, words of letters and digits of the path
 *   RELATION       how headers agree, and the addresses of the web with them: a word from the code, by its name
 *   MIME           type, transfer coding, character set, disposition, ending of a file's name, as they are written
 *   COUNT          a number, or its magnitude as 2^n, by its name
 *   WINDOW         four characters that follow each other in Subject or From, NFKC with case folding, digits as 9, with
 *                  a blank before and behind; a character of a script without blanks counts as two
 *   LINE_SHAPE     the shape of a line
 *   WORD           a word of the text, NFKC with case folding, at most 40 bytes; a pair of characters where a script
 *                  has no blanks (feature/script.h)
 *   VERDICT        a verdict and how sure of it it is (filter/advice.h)
 */
#ifndef DSPAM_FEATURE_FEATURE_H
#define DSPAM_FEATURE_FEATURE_H

#include <stdint.h>

#include "mail/message.h"

enum feature_view {
	FEATURE_WHERE,   /* from where, to where */
	FEATURE_CONTENT, /* what it says and how it is built */
	FEATURE_WHO,     /* who says it: names and subject, by windows of four bytes */
	FEATURE_ADVICE,  /* what another classifier says of it: not of the message, so that feature_extract has none */
	FEATURE_VIEWS
};

enum feature_family {
	FEATURE_HEADER_WORD,
	FEATURE_HEADER_NAME,
	FEATURE_RECEIVED_PAIR,
	FEATURE_URL,
	FEATURE_RELATION,
	FEATURE_MIME,
	FEATURE_COUNT,
	FEATURE_WINDOW,
	FEATURE_LINE_SHAPE,
	FEATURE_WORD,
	FEATURE_VERDICT,
	FEATURE_FAMILIES
};

enum { FEATURES_MAX = 4000 };

struct feature {
	uint64_t id;
	uint8_t view, family; /* enum feature_view, enum feature_family */
	/* For people: the name of the header (or the like) it is of, and what it says; of two words, both. */
	struct span of, text, more;
};

struct feature_set {
	struct feature
		*features; /* distinct; in the order of their families, so that only words are cut off at the end */
	size_t count;
};

/*
 * The features of a message; they and what they point to live as long as arena and message. NULL: arena full. Looked at
 * are the first 200 headers, 60 parts, 20,000 bytes of text.
 */
struct feature_set *feature_extract(struct message *message, struct arena *arena);

#endif
