/* The inside of a connection to an IMAP server, for imap.c and imap_login.c. */
#ifndef DSPAM_TOOL_IMAP_PRIVATE_H
#define DSPAM_TOOL_IMAP_PRIVATE_H

#include "tool/imap.h"

#define IMAP_READ_SIZE ((size_t)16 * 1024)

struct imap {
	const struct imap_account *account;
	struct tls_context *context;
	struct net_stream *stream;
	char input[IMAP_READ_SIZE];
	struct span unread; /* of the input */
	struct imap_frame frame;
	unsigned tag;
	bool refused;            /* the last answer was a NO */
	bool later;              /* and may be none later */
	bool lost;               /* nothing can be said any more */
	bool told;               /* capabilities have come since this was unset */
	char capabilities[2000]; /* with a space before and behind each */
	char why[300];           /* the text of the last NO or BYE */
};

/* Send bytes as they are. */
bool imap_send(struct imap *imap, struct span text, struct error *error);
/* The next response, whole: valid until the next call. */
bool imap_receive(struct imap *imap, struct span *response, struct error *error);
/* Receive until the answer to the command that was sent last; or, with `more`, until the server asks for more. */
bool imap_answer(struct imap *imap, imap_response *each, void *context, bool *more, struct error *error);
/* The tag of the next command, "d12 ". */
void imap_tag(struct imap *imap, char text[24]);

/* Greeting, TLS, capabilities and login on a new connection. */
bool imap_begin(struct imap *imap, struct error *error);

#endif
