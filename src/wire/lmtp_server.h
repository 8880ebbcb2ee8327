/*
 * The server's side of an LMTP session (RFC 2033, RFC 5321), without a socket.
 *
 *	size_t taken = lmtp_server_push(session, bytes);
 *	while ((event = lmtp_server_next(session)) is neither MORE, WAIT nor CLOSE)
 *		answer it with lmtp_server_reply
 *	write lmtp_server_output in one piece
 *
 * Bytes may come in any pieces. All replies to what was pushed together are collected,
 * so that a pipelined group is answered by one write. Every command gets exactly one
 * reply, a message one for each recipient, in the order of the commands.
 *
 * Clients of ours speak DLMTP (dspam-behaviour: protocol): MAIL FROM carries their password, their name and the
 * arguments of dspam, RCPT TO names users, and what they asked for may be a text in place of replies.
 *
 * A session belongs to one thread at a time and owns all its memory, which is bounded
 * by the settings, and by the texts that it is given.
 */
#ifndef DSPAM_WIRE_LMTP_SERVER_H
#define DSPAM_WIRE_LMTP_SERVER_H

#include "base/buffer.h"

struct lmtp_server;

/* What is spoken: ServerMode standard, dspam, auto. */
enum lmtp_dialect {
	LMTP_DIALECT_LMTP,
	LMTP_DIALECT_DLMTP,
	LMTP_DIALECT_AUTO, /* DLMTP with those whose LHLO names one of the clients */
};

/* STARTTLS (RFC 3207). */
enum lmtp_server_tls {
	LMTP_SERVER_TLS_NONE,     /* there is none */
	LMTP_SERVER_TLS_OFFERED,  /* whoever wants it gets it */
	LMTP_SERVER_TLS_REQUIRED, /* no mail in clear text */
};

struct lmtp_server_settings {
	const char *ident;   /* our name, ServerIdent; must outlive the session, as must clients */
	size_t command;      /* longest command line, with its CR LF */
	size_t recipients;   /* of one message */
	size_t message;      /* largest message, as RFC 1870 counts it; announced as SIZE */
	unsigned int errors; /* wrong commands that are answered; one more ends the session with 421 */
	enum lmtp_dialect dialect;
	const struct span *clients; /* names of those that have a password */
	size_t client_count;
	enum lmtp_server_tls tls;
};

/* 4 KiB, 1,000 recipients, 50 MiB, 20 errors. */
#define LMTP_SERVER_DEFAULTS                                                                                           \
	((struct lmtp_server_settings){.ident = "localhost",                                                           \
				       .command = 4096,                                                                \
				       .recipients = 1000,                                                             \
				       .message = (size_t)50 * 1024 * 1024,                                            \
				       .errors = 20})

enum lmtp_server_event {
	LMTP_SERVER_MORE,      /* nothing more to do with the bytes so far */
	LMTP_SERVER_RECIPIENT, /* envelope->candidate asks to be taken: one reply; 2xx takes it */
	LMTP_SERVER_LOGIN,     /* DLMTP: whether envelope->password is that of envelope->login: one reply */
	LMTP_SERVER_DATA,      /* DLMTP: whether envelope->arguments are good: lmtp_server_begin, or one reply */
	LMTP_SERVER_MESSAGE,   /* a whole message has come: one reply for each recipient, or as begin has said */
	LMTP_SERVER_STARTTLS,  /* write the output, shake hands, and say lmtp_server_secured */
	LMTP_SERVER_WAIT,      /* replies to the last event are still owed */
	LMTP_SERVER_CLOSE,     /* write what is left and close the connection */
};

enum lmtp_body { LMTP_BODY_7BIT, LMTP_BODY_8BITMIME };

struct lmtp_envelope {
	struct span client; /* argument of LHLO */
	struct span sender; /* empty: "<>" */
	const struct span *recipients;
	size_t count;
	struct span candidate; /* the recipient that LMTP_SERVER_RECIPIENT asks about */
	enum lmtp_body body;
	bool international; /* SMTPUTF8 */

	/* DLMTP. There is no sender then, and recipients are users. */
	bool dlmtp;
	struct span login, password; /* in LMTP_SERVER_LOGIN only */
	struct span arguments;       /* DSPAMPROCESSMODE, its quotes undone */
	bool extended;               /* DSPAMEXTENDED: see docs/compatibility.md */
};

/* Never NULL. The session says nothing before lmtp_server_greet or lmtp_server_stop. */
struct lmtp_server *lmtp_server_new(const struct lmtp_server_settings *settings);
void lmtp_server_free(struct lmtp_server *session);

/* Say 220. */
void lmtp_server_greet(struct lmtp_server *session);

/*
 * The connection is encrypted from now on: called before the greeting, or after LMTP_SERVER_STARTTLS. All that
 * was said and pushed before is forgotten, so that nobody can have slipped in a command in clear text.
 */
void lmtp_server_secured(struct lmtp_server *session);

/* Say "421 ENHANCED TEXT" and end the session: too busy, time out, shutting down. Not while a reply is owed. */
void lmtp_server_stop(struct lmtp_server *session, const char *enhanced, const char *text);

/* Copies as much of `bytes` as there is room for, and returns that; less than all only until next says MORE. */
size_t lmtp_server_push(struct lmtp_server *session, struct span bytes);

enum lmtp_server_event lmtp_server_next(struct lmtp_server *session);

/* Valid until the last reply that an event asks for. */
const struct lmtp_envelope *lmtp_server_envelope(const struct lmtp_server *session);

/*
 * The message with LF line ends; it may hold NUL and bare CR. Once, before the last reply to it: it is taken over by
 * the caller, who frees the buffer; `message` is an empty buffer without memory.
 */
void lmtp_server_take(struct lmtp_server *session, struct buffer *message);

/* Whether DATA was accepted and the end of the message has not come yet. */
bool lmtp_server_receiving(const struct lmtp_server *session);

/*
 * The next reply that the last event asks for, for instance 250, "2.6.0", "<a@b> Message
 * accepted for delivery". Control bytes in the text become blanks; it is cut at 400
 * bytes. More replies than were asked for are a bug and abort.
 */
void lmtp_server_reply(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text);

/* In place of the reply to LMTP_SERVER_DATA: let the message come. It will be answered by `replies`, at least one. */
void lmtp_server_begin(struct lmtp_server *session, size_t replies);

/*
 * The text that a client asked for, made by wire/answer.h; it is taken over. A client with DSPAMEXTENDED gets it
 * before the replies, all others in place of them. `complete` is false when something is missing in it: then the
 * connection is closed without the end of the text, so that nobody takes it for whole. Returns whether
 * the replies are still owed.
 */
bool lmtp_server_answer(struct lmtp_server *session, struct buffer *text, bool complete);

/* Bytes to write; drop what was written with lmtp_server_written. */
struct span lmtp_server_output(const struct lmtp_server *session);
void lmtp_server_written(struct lmtp_server *session, size_t count);

#endif
