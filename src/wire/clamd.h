/*
 * One question to clamd, without sockets: the command zINSTREAM (clamd(8)), and its reply.
 *
 * What is written: CLAMD_COMMAND, the message in chunks, each behind the four bytes of
 * clamd_chunk, and clamd_chunk of size 0 as the end. clamd may reply before that, and closes
 * then. The reply is read in any pieces, ends with NUL, LF or the connection, and has a bound.
 */
#ifndef DSPAM_WIRE_CLAMD_H
#define DSPAM_WIRE_CLAMD_H

#include "base/span.h"

#define CLAMD_COMMAND ((struct span){"zINSTREAM", 10}) /* with its NUL */
#define CLAMD_CHUNK_SIZE 4                             /* bytes before a chunk */
#define CLAMD_REPLY_MAX 1024                           /* a longer reply is none */
#define CLAMD_NAME_MAX 128                             /* bytes of a name or text that are kept */

/* The size of a chunk, in network order. */
void clamd_chunk(size_t size, char out[static CLAMD_CHUNK_SIZE]);

enum clamd_verdict {
	CLAMD_CLEAN,
	CLAMD_VIRUS,     /* `text` names it */
	CLAMD_TOO_LARGE, /* for clamd's StreamMaxLength, and will always be */
	CLAMD_FAILED,    /* clamd says that it could not scan, or says nothing that makes sense: `text` */
};

struct clamd_reply {
	char line[CLAMD_REPLY_MAX];
	size_t size;
	bool complete, too_long;
	enum clamd_verdict verdict;
	char text[CLAMD_NAME_MAX + 1]; /* printable ASCII only */
};

/* An empty reply is all zero. True when it is complete; what comes behind it is not looked at. */
bool clamd_reply_push(struct clamd_reply *reply, struct span bytes);
/* The connection has ended: what has come is all there is. */
void clamd_reply_end(struct clamd_reply *reply);

#endif
