/* The mail that tells a user what is new in his quarantine: text and HTML, neither of which a spammer can write into.
 */
#ifndef DSPAM_TOOL_DIGEST_H
#define DSPAM_TOOL_DIGEST_H

#include "base/buffer.h"
#include "tool/quarantine_list.h"

struct digest {
	const char *sender, *recipient; /* addresses; without control bytes */
	const char *user;
	const char *subject;
	const char *url; /* of dspam.cgi; NULL: no links */
	unsigned hours;  /* how far back it looks */
	time_t now;
	const struct quarantine_list *list;
};

/* Append the whole message, lines with LF. False: the buffer's limit is too low. */
bool digest_write(const struct digest *digest, struct buffer *message);

#endif
