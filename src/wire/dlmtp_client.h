/*
 * The client's side of a DLMTP session, without a socket: one message for dspam --daemon, of this or of the original
 * program (dspam-behaviour: protocol 10).
 *
 * Driven as struct lmtp_client is: while dlmtp_client_need is not DONE, write the output or push what was read. To a
 * daemon that offers DSPAMEXTENDED arguments are quoted, and it answers with text and replies; one of DSPAM 3.10 gets
 * what dspamc 3.10 sent, and is asked for nothing that it cannot do.
 *
 * A client belongs to one thread at a time. It owns its memory: the text is bounded by text_max.
 */
#ifndef DSPAM_WIRE_DLMTP_CLIENT_H
#define DSPAM_WIRE_DLMTP_CLIENT_H

#include "base/buffer.h"
#include "wire/lmtp_client.h"

struct dlmtp_client;

/* All of it must stay until the session is done. */
struct dlmtp_request {
	struct span login, password;
	const struct span *words; /* arguments of dspam */
	size_t word_count;
	const struct span *users;
	size_t user_count;
	size_t deliveries;   /* for how many the daemon will answer */
	bool wants_text;     /* --stdout, --classify or --deliver=summary */
	bool wants_messages; /* --stdout without a summary */
	bool starttls;       /* no password and no message in clear text: STARTTLS (RFC 3207) first */
	struct span message;
	size_t text_max;
};

enum dlmtp_failure {
	DLMTP_FAILURE_NONE,
	DLMTP_FAILURE_TEMPORARY, /* of the connection or the daemon */
	DLMTP_FAILURE_LOGIN,     /* the password is wrong */
	DLMTP_FAILURE_REFUSED,   /* the daemon will not do what is asked, before it saw the message */
	DLMTP_FAILURE_IMPOSSIBLE /* a daemon of DSPAM 3.10 cannot be told what is asked */
};

/* Never NULL. */
struct dlmtp_client *dlmtp_client_new(const struct dlmtp_request *request);
void dlmtp_client_free(struct dlmtp_client *client);

enum lmtp_client_need dlmtp_client_need(const struct dlmtp_client *client);
struct span dlmtp_client_output(const struct dlmtp_client *client);
void dlmtp_client_written(struct dlmtp_client *client, size_t count);
void dlmtp_client_push(struct dlmtp_client *client, struct span bytes);
/* The handshake is done, after LMTP_CLIENT_HANDSHAKE. */
void dlmtp_client_secured(struct dlmtp_client *client);
/* The connection is gone or its time is up, for this reason. */
void dlmtp_client_lost(struct dlmtp_client *client, const char *why);

/* ---- when it is done ---------------------------------------------------------------- */

/* Of the session as a whole; `text` gets one line. With one there are neither results nor text. */
enum dlmtp_failure dlmtp_client_failure(const struct dlmtp_client *client, const char **text);

/* Of a delivery. An original daemon that gives a text gives no results; they are all accepted then. */
const struct lmtp_client_result *dlmtp_client_result(const struct dlmtp_client *client, size_t index);

/* The text that was asked for, lines with LF; false when the daemon gave replies in its place. */
bool dlmtp_client_text(const struct dlmtp_client *client, struct span *text);

/* Whether any user's message is spam. */
bool dlmtp_client_spam(const struct dlmtp_client *client);

/* A last QUIT as output; nobody needs its answer. */
void dlmtp_client_quit(struct dlmtp_client *client);

#endif
