/* The text of a part: its body with the transfer coding taken off. */
#ifndef DSPAM_MAIL_PART_H
#define DSPAM_MAIL_PART_H

#include "mail/message.h"

/*
 * Whether the filter reads the body of part `index`: text and message types, and the
 * preamble of a multipart message (dspam-behaviour: tokenizer 2.4). Parts without headers are not read.
 */
bool mail_part_is_read(const struct message *message, size_t index);

/* Whether decoding changes it: base64 or quoted-printable, and not an attachment. */
bool mail_part_is_coded(const struct mail_part *part);

/* Coded bytes of one part that are decoded; what is beyond is not read. */
#define MAIL_PART_DECODE_MAX ((size_t)12 * 1024 * 1024)

/*
 * The body, decoded if mail_part_is_coded. A NUL that decoding produced ends it. The result is
 * kept, so that a second call costs nothing. *full is set when the arena has no room.
 */
struct span mail_part_decode(struct message *message, struct mail_part *part, bool *full);

#endif
