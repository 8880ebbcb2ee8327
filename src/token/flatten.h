/*
 * Stage one of DSPAM's tokenizing: a message becomes two byte strings, the text of its
 * headers and the text of its bodies (dspam-behaviour: tokenizer 2).
 */
#ifndef DSPAM_TOKEN_FLATTEN_H
#define DSPAM_TOKEN_FLATTEN_H

#include "mail/message.h"

/* What is beyond is not tokenized: no person writes that much, and memory must end somewhere. */
#define FLATTEN_HEADER_MAX ((size_t)2 * 1024 * 1024)
#define FLATTEN_BODY_MAX ((size_t)8 * 1024 * 1024)

struct flat {
	struct span header; /* lines "name: value"; never empty */
	struct span body;   /* never empty */
};

struct flatten_options {
	/*
	 * The original looked for a signature in the bodies before it tokenized them, and left coded
	 * parts behind decoded and declared 8bit. True for signatureLocation=message, except when
	 * --signature was given.
	 */
	bool decoded_in_place;
	/* Take embedded signatures out of the text: inbound mail in signatureLocation=message. */
	bool cut_signatures;
};

/* Both texts live in the arena of the message. False when it is full. */
bool flatten(struct message *message, const struct flatten_options *options, struct flat *flat);

#endif
