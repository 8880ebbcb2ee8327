/*
 * A message, taken apart.
 *
 * The original's flat view of MIME (RFC 2045, 2046): a list of parts, each with
 * headers and a body, cut wherever a line begins with a boundary that was
 * announced anywhere before. It never fails: whatever the bytes are, they are
 * headers or body of some part. Nothing is copied; every span points into the
 * bytes given to message_parse, which must outlive the message. All other memory
 * comes from the arena.
 *
 * Bounds: MESSAGE_PARTS_MAX parts, MESSAGE_HEADERS_MAX headers in all,
 * MESSAGE_BOUNDARIES_MAX boundaries. What lies beyond stays text of the last part.
 */
#ifndef DSPAM_MAIL_MESSAGE_H
#define DSPAM_MAIL_MESSAGE_H

#include "base/arena.h"

#define MESSAGE_PARTS_MAX 20000
#define MESSAGE_HEADERS_MAX 50000
#define MESSAGE_BOUNDARIES_MAX 256
#define MESSAGE_BOUNDARY_SIZE 127

enum mail_type { MAIL_TEXT, MAIL_APPLICATION, MAIL_MESSAGE, MAIL_MULTIPART, MAIL_OTHER };
enum mail_subtype { MAIL_PLAIN, MAIL_HTML, MAIL_SIGNED, MAIL_RFC822, MAIL_OTHER_SUBTYPE };

enum mail_encoding {
	MAIL_ENCODING_UNKNOWN, /* none given */
	MAIL_7BIT,
	MAIL_8BIT,
	MAIL_QUOTED_PRINTABLE,
	MAIL_BASE64,
	MAIL_BINARY,
	MAIL_ENCODING_OTHER,
};

enum mail_disposition { MAIL_DISPOSITION_NONE, MAIL_INLINE, MAIL_ATTACHMENT, MAIL_DISPOSITION_OTHER };

struct mail_header {
	struct span raw;   /* the whole field with its folded lines and line ends */
	struct span name;  /* before the first colon of the first line */
	struct span value; /* after it, without leading blanks and the last LF; folds as received */
};

struct mail_part {
	const struct mail_header *headers;
	size_t header_count;
	struct span head; /* the header lines, without the line that ends them */
	struct span body; /* from behind the empty line up to the boundary line */
	enum mail_type type;
	enum mail_subtype subtype;
	enum mail_encoding encoding;
	enum mail_disposition disposition;
	struct span decoded; /* cache of mail_part_decode */
	bool is_decoded;
};

struct message {
	struct span raw;
	struct mail_part *parts; /* at least one */
	size_t part_count;
	struct arena *arena;
};

/* NULL only when the arena is full. */
struct message *message_parse(struct arena *arena, struct span raw);

/* The first header `name` (ASCII case ignored) of a part, or NULL. */
const struct mail_header *mail_part_header(const struct mail_part *part, struct span name);

#endif
