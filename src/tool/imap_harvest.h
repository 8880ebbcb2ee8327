/*
 * The folders of a mailbox on an IMAP server, for a harvest, and its messages, some at a time.
 *
 * Of a folder the messages that came into it last are looked at, until there are as many as can be taken. Reads ahead
 * as far as IMAP_AHEAD messages and IMAP_AHEAD_BYTES. For one thread.
 */
#ifndef DSPAM_TOOL_IMAP_HARVEST_H
#define DSPAM_TOOL_IMAP_HARVEST_H

#include "tool/harvest.h"
#include "tool/imap.h"

#define IMAP_AHEAD 64
#define IMAP_AHEAD_BYTES ((size_t)8 << 20)

struct imap_harvest;

/* List folders and messages. The harvest, the connection and the account must live until imap_harvest_end. */
bool imap_harvest_list(struct harvest *harvest, struct imap *imap, const struct imap_account *account,
		       struct imap_harvest **out, struct error *error);
/* NULL is allowed. */
void imap_harvest_end(struct imap_harvest *from);

/* As harvest_read, for message `index` of a harvest that is settled. */
bool imap_harvest_read(struct imap_harvest *from, size_t index, struct buffer *bytes, bool *gone, struct error *error);

#endif
