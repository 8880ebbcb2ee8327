/* What lmtp_server.c (bytes, replies, events) and lmtp_command.c (the table of commands) share; for nobody else. */
#ifndef DSPAM_WIRE_LMTP_SESSION_H
#define DSPAM_WIRE_LMTP_SESSION_H

#include "base/arena.h"
#include "wire/dot.h"
#include "wire/lmtp_server.h"

/* Each is one bit, so that a command names the states in which it is allowed. */
enum lmtp_state {
	LMTP_STATE_SILENT = 1,     /* before the greeting */
	LMTP_STATE_GREETED = 2,    /* before LHLO */
	LMTP_STATE_READY = 4,      /* between messages */
	LMTP_STATE_SENDER = 8,     /* after MAIL */
	LMTP_STATE_RECIPIENT = 16, /* after an accepted RCPT */
	LMTP_STATE_DATA = 32,
	LMTP_STATE_CLOSED = 64,
	LMTP_STATE_STARTTLS = 128, /* 220 is said, the handshake is the owner's */
};

struct lmtp_server {
	struct lmtp_server_settings settings;
	enum lmtp_state state;
	struct buffer input;
	size_t used; /* bytes of input that are done with */
	struct buffer output;
	size_t written; /* bytes of output that are gone */
	bool skipping;  /* the rest of a command line that was too long */
	unsigned int errors;
	unsigned int refused; /* passwords that were wrong */
	bool dlmtp;           /* since LHLO */
	char client[256];
	struct arena *arena; /* text of the envelope */
	struct lmtp_envelope envelope;
	struct span *recipients;
	size_t capacity; /* of recipients */
	struct dot_reader reader;
	struct buffer message;
	size_t replies;               /* that the message will be answered by */
	size_t owed;                  /* replies that the last event still asks for */
	enum lmtp_server_event asked; /* the last event with replies */
	bool told;                    /* the owner has seen it */
	bool secured;                 /* lmtp_server_secured */
};

/* Carry out one command line, without its line end. */
void lmtp_command(struct lmtp_server *session, struct span line);

/* One whole reply line of the session's own. */
void lmtp_say(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text);
/* The reply to a wrong command; it counts, and beyond the limit it becomes 421. */
void lmtp_wrong(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text);
/* Hand an event to the owner, who owes `replies` for it. */
void lmtp_ask(struct lmtp_server *session, enum lmtp_server_event event, size_t replies);
/* Forget the message and its envelope. */
void lmtp_forget(struct lmtp_server *session);
/* Say 354, and take the message; it will be answered by `replies`. */
void lmtp_begin(struct lmtp_server *session, size_t replies);

enum lmtp_parameter_at { LMTP_AT_MAIL = 1, LMTP_AT_RCPT = 2, LMTP_AT_LOGIN = 4 }; /* MAIL of DLMTP */

/* Take the parameters in `rest`; false after the reply to one that cannot be taken. */
bool lmtp_take_parameters(struct lmtp_server *session, struct span rest, enum lmtp_parameter_at at);

/* ---- dlmtp_command.c --------------------------------------------------------------------- */

/* Whether the session is DLMTP, now that LHLO has named the client. */
bool dlmtp_is_spoken(const struct lmtp_server *session);
/* MAIL FROM: <password@ident> DSPAMPROCESSMODE="arguments" */
void dlmtp_mail(struct lmtp_server *session, struct span argument);
bool dlmtp_take_arguments(struct lmtp_server *session, struct span value);
bool dlmtp_take_extended(struct lmtp_server *session, struct span value);

#endif
