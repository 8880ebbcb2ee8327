/*
 * The text of a message on the wire and back (RFC 5321 section 4.5.2).
 *
 * Inside the program lines end with LF; on the wire they end with CR LF, a line
 * that begins with a dot carries one dot more, and CR LF . CR LF is the end. No
 * other sequence ends a message, whatever another program might take for a line
 * end: this is what keeps one message from being read as two ("smuggling").
 *
 * Both objects are plain values; bytes may come in any pieces.
 */
#ifndef DSPAM_WIRE_DOT_H
#define DSPAM_WIRE_DOT_H

#include <stdint.h>

#include "base/buffer.h"

enum dot_reader_state { DOT_READER_START, DOT_READER_DOT, DOT_READER_DOT_CR, DOT_READER_TEXT, DOT_READER_CR };

/*
 * Reads up to the end of a message. CR LF and a bare LF become LF, each counted as
 * the two bytes it will be when it is sent on; a bare CR and NUL stay as they are.
 * A dot is taken away only after CR LF, where an honest sender has put it.
 */
struct dot_reader {
	enum dot_reader_state state;
	bool ended;
	uint64_t size; /* of the message as RFC 1870 counts it: CR LF line ends, without the dots of the transport */
};

/*
 * Take bytes until the end of the message; what is left of `input` belongs to the next
 * command. Text goes to `out`; when that is full it is dropped and out->failed says so,
 * while reading and counting go on.
 */
void dot_reader_push(struct dot_reader *reader, struct span *input, struct buffer *out);

enum dot_writer_state { DOT_WRITER_START, DOT_WRITER_TEXT, DOT_WRITER_CR, DOT_WRITER_CR_DOT };

/*
 * Writes a message. A line that begins with a dot gets a dot in front, which the
 * receiver takes away again; so does a line of NULs and then a dot, because some receivers drop
 * NULs and would lay the dot bare. Other bytes pass unchanged, with one exception:
 * where a bare CR, or one with NULs behind it, would be followed by a lone dot, it becomes CR LF, so that no reader
 * can take the dot for the end.
 */
struct dot_writer {
	enum dot_writer_state state;
	size_t nuls;  /* at the beginning of a line or after a CR, held back until it is known what follows */
	bool keep_cr; /* CR before LF is content (text that a dot_reader has read); else CR LF in it is one line end */
};

/* At most four bytes come out for each that goes in, and the NULs held back. */
void dot_writer_push(struct dot_writer *writer, struct span text, struct buffer *out);
/* Complete the last line, if it has no end, and add the closing dot. */
void dot_writer_end(struct dot_writer *writer, struct buffer *out);

#endif
