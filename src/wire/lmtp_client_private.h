/* What lmtp_client.c (steps), lmtp_client_result.c and lmtp_client_send.c (what is said) share; for nobody else. */
#ifndef DSPAM_WIRE_LMTP_CLIENT_PRIVATE_H
#define DSPAM_WIRE_LMTP_CLIENT_PRIVATE_H

#include "wire/dot.h"
#include "wire/lmtp_client.h"
#include "wire/reply.h"

enum step {
	STEP_GREETING,
	STEP_HELLO,
	STEP_HELO,
	STEP_STARTTLS,
	STEP_HANDSHAKE,
	STEP_IDLE,
	STEP_RSET,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA,
	STEP_END
};

enum capability { PIPELINING = 1, EIGHT_BIT = 2, SIZE = 4, SMTPUTF8 = 8, STARTTLS = 16 };

enum progress { OPEN, TAKEN /* by RCPT */, DECIDED };

struct recipient {
	enum progress progress;
	struct lmtp_client_result result;
};

struct lmtp_client {
	enum lmtp_client_protocol protocol;
	const char *ident;
	enum lmtp_client_tls tls;
	bool secured;
	enum step step;
	unsigned int capabilities;
	bool running;  /* a transaction is under way */
	bool broken;   /* the connection must not be used any more */
	bool used;     /* RSET is due before the next MAIL */
	bool touched;  /* the peer has taken a command of this transaction */
	bool mail_bad; /* MAIL was refused; the answers to pipelined RCPTs follow */
	bool ended;    /* the final dot is in the output */
	struct lmtp_client_envelope envelope;
	struct recipient *recipients;
	size_t current; /* recipient whose answer is awaited */
	const struct span *pieces;
	size_t count;  /* of pieces */
	size_t piece;  /* that is sent now */
	size_t offset; /* in it */
	struct dot_writer writer;
	struct buffer output;
	struct reply reply;
};

struct answer {
	unsigned int code;
	enum lmtp_client_outcome outcome;
	char enhanced[12];
	char text[400];
};

/* The reply as one line of printable text. */
struct answer lmtp_client_answer(const struct reply *reply);
/* The result of recipient number `index`. */
void lmtp_client_decide(struct lmtp_client *client, size_t index, enum lmtp_client_outcome outcome,
			const char *enhanced, const char *text);
/* End the transaction; whoever has no result yet gets this one. */
void lmtp_client_finish(struct lmtp_client *client, enum lmtp_client_outcome outcome, const char *enhanced,
			const char *text);
/* End it, and the connection is of no use any more. */
void lmtp_client_give_up(struct lmtp_client *client, const char *enhanced, const char *text);
/* Whether the peer has all of the message, so that it may have taken it. */
bool lmtp_client_sent(const struct lmtp_client *client);

void lmtp_client_send_hello(struct lmtp_client *client);
void lmtp_client_send_mail(struct lmtp_client *client);
void lmtp_client_send_rcpt(struct lmtp_client *client, size_t index);
/* Encode the next piece of the message once the last is written. */
void lmtp_client_refill(struct lmtp_client *client);

/* The first recipient from `index` on that has made this progress, or the count. */
size_t lmtp_client_next(const struct lmtp_client *client, size_t index, enum progress progress);

#endif
