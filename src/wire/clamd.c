#include "wire/clamd.h"

#include <stdio.h>

void
clamd_chunk(size_t size, char out[static CLAMD_CHUNK_SIZE])
{
	for (int i = 0; i < CLAMD_CHUNK_SIZE; i++)
		out[i] = (char)(size >> (8 * (CLAMD_CHUNK_SIZE - 1 - i)));
}

/* Keep `text` for people: it comes from another program, and goes into logs and replies. */
static void
keep(struct clamd_reply *reply, enum clamd_verdict verdict, struct span text)
{
	text = span_head(text, CLAMD_NAME_MAX);
	for (size_t i = 0; i < text.size; i++)
		reply->text[i] = text.data[i] > 32 && text.data[i] < 127 ? text.data[i]
				 : text.data[i] == ' '                   ? ' '
									 : '?';
	reply->text[text.size] = '\0';
	reply->verdict = verdict;
}

/* Cut `word`, with the blank before it, off the end. */
static bool
cut_end(struct span *text, struct span word)
{
	if (text->size < word.size || !span_equal(span_skip(*text, text->size - word.size), word))
		return false;
	*text = span_trim(span_head(*text, text->size - word.size));
	return true;
}

/* "stream: OK", "stream: NAME FOUND", "INSTREAM size limit exceeded. ERROR", "stream: TEXT ERROR" */
static void
read_line(struct clamd_reply *reply)
{
	struct span line = span_trim(span_of(reply->line, reply->size));
	struct span text = line;

	if (span_starts(text, SPAN("stream: ")))
		text = span_skip(text, strlen("stream: "));
	if (reply->too_long)
		keep(reply, CLAMD_FAILED, SPAN("its reply is too long"));
	else if (line.size == 0)
		keep(reply, CLAMD_FAILED, SPAN("it closed the connection without a reply"));
	else if (span_equal(line, SPAN("stream: OK")))
		keep(reply, CLAMD_CLEAN, SPAN("OK"));
	else if (cut_end(&text, SPAN(" FOUND")))
		keep(reply, CLAMD_VIRUS, text.size > 0 ? text : SPAN("without a name"));
	else if (span_find(text, SPAN("size limit exceeded")) != SPAN_NONE)
		keep(reply, CLAMD_TOO_LARGE, text);
	else
		keep(reply, CLAMD_FAILED, text);
}

void
clamd_reply_end(struct clamd_reply *reply)
{
	if (reply->complete)
		return;
	reply->complete = true;
	read_line(reply);
}

bool
clamd_reply_push(struct clamd_reply *reply, struct span bytes)
{
	for (size_t i = 0; i < bytes.size && !reply->complete; i++) {
		char byte = bytes.data[i];
		reply->too_long = reply->too_long || reply->size == sizeof reply->line;
		if (byte == '\0' || byte == '\n' || reply->too_long)
			clamd_reply_end(reply);
		else
			reply->line[reply->size++] = byte;
	}
	return reply->complete;
}
