/*
 * Transfer codings (RFC 2045 section 6), decoded as tolerantly as mail demands.
 *
 * Each function writes to `out`, which must have room for `in.size` + 1 bytes (the
 * decoded text is never longer than that), and returns the number of bytes
 * written. `out` may be in.data: decoding in place is safe.
 */
#ifndef DSPAM_MAIL_TRANSFER_H
#define DSPAM_MAIL_TRANSFER_H

#include "base/span.h"

/* Soft line breaks vanish, =HH decodes, any other = stays as it is. */
size_t transfer_decode_quoted_printable(struct span in, char *out);

/*
 * Bytes outside the alphabet are skipped, the first = ends the text, an incomplete group
 * without = is dropped, and a LF is added when the result does not end with one.
 */
size_t transfer_decode_base64(struct span in, char *out);

/* Either of the two, read as the original read text: a NUL ends it, and base64 ends with a LF then, too. */
size_t transfer_decode_text(struct span in, bool base64, char *out);

/* Every %HH becomes that byte. */
size_t transfer_decode_percent(struct span in, char *out);

/* Bytes that transfer_encode_base64 writes for `size` bytes, in lines of 76 with LF. */
size_t transfer_base64_size(size_t size);
/* Encode into `out` (room: transfer_base64_size); returns the number of bytes written. */
size_t transfer_encode_base64(struct span in, char *out);

#endif
