/* What dlmtp_client.c (steps and results) and dlmtp_client_send.c (what is said) share; for nobody else. */
#ifndef DSPAM_WIRE_DLMTP_CLIENT_PRIVATE_H
#define DSPAM_WIRE_DLMTP_CLIENT_PRIVATE_H

#include "wire/dlmtp_client.h"
#include "wire/dot.h"
#include "wire/reply.h"

enum step {
	STEP_GREETING,
	STEP_HELLO,
	STEP_STARTTLS,
	STEP_HANDSHAKE,
	STEP_LOGIN,
	STEP_USER,
	STEP_DATA,
	STEP_TEXT,
	STEP_REPLIES,
	STEP_DONE
};

struct dlmtp_client {
	struct dlmtp_request request;
	enum step step;
	bool extended, secured;
	size_t current; /* user, then reply */
	size_t offset;  /* of the message: sent so far */
	struct dot_writer writer;
	bool ended; /* the final dot is in the output */
	struct buffer output;
	struct reply reply;
	struct dot_reader reader;
	struct buffer text;
	struct buffer line; /* of a text that is not stuffed */
	bool has_text, spam;
	struct lmtp_client_result *results;
	enum dlmtp_failure failure;
	char why[500];
};

/* End it: nothing of what was asked for is known to be done. */
void dlmtp_client_fail(struct dlmtp_client *client, enum dlmtp_failure failure, const char *what, const char *text);

/* Whether all that will be said can be; before the first word. */
bool dlmtp_client_check(struct dlmtp_client *client);
void dlmtp_client_send_login(struct dlmtp_client *client);
/* The next user, or DATA when all were. */
void dlmtp_client_send_next(struct dlmtp_client *client);
/* Encode the next piece of the message once the last is written. */
void dlmtp_client_refill(struct dlmtp_client *client);

#endif
