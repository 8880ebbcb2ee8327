/*
 * What an IMAP server says (RFC 3501, RFC 9051), without a socket: where a response ends, and the words in it.
 *
 * A response is a line; a literal in it, "{5}" CRLF and five bytes, does not end it. imap_frame collects one, from
 * pieces of any size, within the limit of its buffer; imap_reader takes it apart. Spans point into what was collected.
 * Nothing here fails on bytes that make no sense: the reader says so, and the caller tells whom.
 */
#ifndef DSPAM_WIRE_IMAP_RESPONSE_H
#define DSPAM_WIRE_IMAP_RESPONSE_H

#include <stdint.h>

#include "base/buffer.h"

/* ---- where it ends ---------------------------------------------------------------- */

enum imap_frame_status {
	IMAP_FRAME_MORE, /* all bytes are taken, and it goes on */
	IMAP_FRAME_DONE,
	IMAP_FRAME_TOO_LARGE,
};

struct imap_frame {
	struct buffer text; /* without the CRLF at its end */
	uint64_t literal;   /* bytes of it that are still to come */
	size_t line;        /* where in the text the line that is read begins: behind the last literal */
	bool done;
};

void imap_frame_init(struct imap_frame *frame, size_t limit);
void imap_frame_free(struct imap_frame *frame);

/* Take bytes off `bytes` until a response is whole; the next call begins the next one. */
enum imap_frame_status imap_frame_take(struct imap_frame *frame, struct span *bytes);

/* ---- what stands in it --------------------------------------------------------------- */

enum imap_word_kind {
	IMAP_END,    /* nothing more */
	IMAP_WRONG,  /* no word can begin, or end, as this does; it stays so */
	IMAP_ATOM,   /* also a number, NIL, a flag, "BODY[]<0>" */
	IMAP_STRING, /* a literal, or between quotes, then with its backslashes */
	IMAP_OPEN,
	IMAP_CLOSE,
};

struct imap_word {
	enum imap_word_kind kind;
	bool quoted;
	struct span text;
};

struct imap_reader {
	struct span rest;
};

struct imap_word imap_next(struct imap_reader *reader);

/* Pass over one value, which is `first`, or the list that it opens; false when that is never closed. */
bool imap_pass(struct imap_reader *reader, struct imap_word first);

/* An atom, without case. */
bool imap_is(struct imap_word word, const char *atom);

/* The next word as a number. */
bool imap_number(struct imap_reader *reader, uint64_t maximum, uint64_t *number);

/* An atom or string into `text`, of `size` bytes, without backslashes and with a NUL; false when it has no room. */
bool imap_text(struct imap_word word, char *text, size_t size);

/* " 7-Jul-1996 02:44:25 -0700", in seconds since 1970; false when it is no date. */
bool imap_date(struct span text, int64_t *seconds);

/*
 * OK, NO, BAD, BYE or PREAUTH with a code in brackets and a text for people. `rest` stands behind that word.
 */
struct imap_status {
	struct span code; /* "UIDVALIDITY 12"; empty: none */
	struct span text;
};

struct imap_status imap_status_of(struct span rest);

#endif
