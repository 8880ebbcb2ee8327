/* Encoded words in header fields (RFC 2047), as the original reads them. */
#ifndef DSPAM_MAIL_ENCODED_WORD_H
#define DSPAM_MAIL_ENCODED_WORD_H

#include "base/arena.h"

/*
 * A header value as DSPAM tokenizes it. With an encoded word in it: the folded lines joined
 * without their white space, the first encoded word decoded (an underscore stays one), and
 * everything behind that word gone. Without one: the value as it is, not copied.
 * *full is set when the arena has no room.
 */
struct span encoded_word_flatten(struct arena *arena, struct span value, bool *full);

#endif
