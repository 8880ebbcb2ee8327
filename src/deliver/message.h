/*
 * Handing a message on: what all ways of doing it share.
 *
 * A message is a row of pieces that somebody else owns, so that headers can be added
 * to it without copying it. A result says honestly what became of it; text and codes are
 * made for the reply to whoever gave us the message.
 */
#ifndef DSPAM_DELIVER_MESSAGE_H
#define DSPAM_DELIVER_MESSAGE_H

#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

struct deliver_message {
	const struct span *pieces;
	size_t count;
	bool keep_cr; /* it came over LMTP: a CR before LF is content, not part of a line end */
};

enum deliver_outcome {
	DELIVER_ACCEPTED,
	DELIVER_TEMPORARY, /* to be tried again; also when nobody knows */
	DELIVER_PERMANENT, /* to be given back to the sender */
};

struct deliver_result {
	enum deliver_outcome outcome;
	char enhanced[12]; /* "4.3.0" */
	char text[500];    /* one line: the peer's answer, or what went wrong */
};

/* Fill `result` and return whether it is accepted. */
bool deliver_result_set(struct deliver_result *result, enum deliver_outcome outcome, const char *enhanced,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same from an error; returns false. */
bool deliver_result_error(struct deliver_result *result, const struct error *error);

#endif
