/*
 * Text that a DLMTP client asked for in place of replies: result lines, and messages with --stdout.
 *
 * Clients of DSPAM 3.10 read lines with LF, as they are, up to one with a single dot, whatever it was meant to be.
 * So that it does not cut the message, a lone dot in it gets a blank behind it, which neither people nor relaxed DKIM
 * see; NUL bytes, which such clients take for the end of a line, are left out. Clients with DSPAMEXTENDED get
 * what stands on the wire everywhere else: CR LF, and stuffed dots.
 */
#ifndef DSPAM_WIRE_ANSWER_H
#define DSPAM_WIRE_ANSWER_H

#include "base/buffer.h"

enum answer_style { ANSWER_PLAIN, ANSWER_STUFFED };

/* Append one text, made of pieces, and complete its last line. The end of the answer is lmtp_server_answer's. */
void answer_append(enum answer_style style, const struct span *pieces, size_t count, struct buffer *out);

#endif
