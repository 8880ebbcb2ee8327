/* What an IMAP server tells of a message in answer to FETCH (RFC 3501 7.4.2). Pure. */
#ifndef DSPAM_WIRE_IMAP_FETCHED_H
#define DSPAM_WIRE_IMAP_FETCHED_H

#include "wire/imap_response.h"

struct imap_fetched {
	uint64_t uid, size;   /* 0: not told */
	int64_t date;         /* INTERNALDATE, seconds since 1970 */
	bool unread, deleted; /* or a draft */
	struct span body;
	bool has_date, has_flags, has_body;
};

/*
 * Take "12 FETCH (UID 5 FLAGS (\Seen) ...)" apart; items that we do not know are passed over. `is_fetch` is false when
 * the response is about something else. False when it begins as FETCH and goes on as none.
 */
bool imap_fetched_read(struct span response, struct imap_fetched *fetched, bool *is_fetch);

#endif
