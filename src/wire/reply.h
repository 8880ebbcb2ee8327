/*
 * Replies of an SMTP or LMTP server (RFC 5321 section 4.2), read in any pieces.
 *
 * Lines may end with LF alone; of the lines of one reply the last one's code counts.
 * A reply of more than 64 KiB is no reply, and only the first 8 KiB of its text are kept.
 */
#ifndef DSPAM_WIRE_REPLY_H
#define DSPAM_WIRE_REPLY_H

#include "base/buffer.h"

struct reply {
	unsigned int code;  /* 200 to 599 when complete */
	struct buffer text; /* its lines without code, each ended by LF */
	struct buffer line; /* the line that is being read */
	size_t size;        /* bytes of the whole reply */
};

enum reply_status { REPLY_MORE, REPLY_COMPLETE, REPLY_BAD };

struct reply reply_new(void);
void reply_free(struct reply *reply);
/* Forget the last reply, before the next is read. */
void reply_clear(struct reply *reply);

/* Take bytes of `input` up to the end of one reply. */
enum reply_status reply_push(struct reply *reply, struct span *input);

/* The enhanced status code that a text of class `code` / 100 begins with (RFC 2034), or an empty span. */
struct span reply_enhanced(unsigned int code, struct span text);

#endif
