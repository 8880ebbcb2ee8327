/*
 * What a person sees of a message: the text of its parts, decoded, in UTF-8 and without markup; the addresses of the
 * web in it and behind it; and what the markup was like.
 */
#ifndef DSPAM_FEATURE_TEXT_H
#define DSPAM_FEATURE_TEXT_H

#include "feature/feature.h"

enum {
	FEATURE_PARTS = 60,
	FEATURE_DECODED = 60000, /* bytes that are looked at in all, decoded */
	FEATURE_TEXT = 20000,    /* bytes of text */
	FEATURE_URLS = 200
};

struct feature_url {
	struct span whole, host, path; /* without user and port */
	bool has_port;
};

struct feature_text {
	struct span visible;      /* UTF-8, but for characters that were cut off */
	struct feature_url *urls; /* at most FEATURE_URLS */
	size_t url_count;
	size_t longest_word;  /* its bytes; feature_words says it */
	size_t decoded, html; /* bytes of the parts that were read; those of them that are markup and text of HTML */
	size_t tags, hidden;  /* tags; those that hide what they contain */
	size_t parts, html_parts, plain_parts, attachments, images, base64_parts, quoted_parts;
};

/* NULL: arena full. */
struct feature_text *feature_text_read(struct message *message, struct arena *arena);

/* A parameter of a value such as text/plain; charset=..., without quotes; empty if it is not there. */
struct span feature_parameter(struct span value, struct span name);

#endif
