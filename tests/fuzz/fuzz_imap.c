/* What an IMAP server says: the same responses in one piece and byte by byte, bounded, taken apart without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/imap_fetched.h"

#define LIMIT 4000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct span whole, struct span part)
{
	if (part.size > 0 && (part.data < whole.data || part.data + part.size > whole.data + whole.size))
		abort();
}

static void
take_apart(struct span response)
{
	struct imap_reader reader = {response};
	struct imap_fetched fetched;
	struct imap_word word;
	char text[100];
	size_t count = 0;
	bool is_fetch;

	do {
		word = imap_next(&reader);
		if (word.kind == IMAP_ATOM || word.kind == IMAP_STRING)
			check_inside(response, word.text);
		if (imap_text(word, text, sizeof text) && strlen(text) > word.text.size)
			abort();
		if (++count > response.size + 1)
			abort(); /* it does not come forward */
	} while (word.kind != IMAP_END && word.kind != IMAP_WRONG);
	if (imap_fetched_read(span_skip(response, 2), &fetched, &is_fetch) && is_fetch && fetched.has_body)
		check_inside(response, fetched.body);
	struct imap_status status = imap_status_of(response);
	check_inside(response, status.code);
	check_inside(response, status.text);
	imap_date(response, &(int64_t){0});
}

/* The responses, one after the other, behind their sizes. */
static void
collect(struct span all, size_t piece, struct buffer *out)
{
	struct imap_frame frame;

	imap_frame_init(&frame, LIMIT);
	while (all.size > 0) {
		struct span part = span_head(all, piece);
		all = span_skip(all, part.size);
		while (part.size > 0) {
			enum imap_frame_status status = imap_frame_take(&frame, &part);
			if (frame.text.size > LIMIT)
				abort();
			if (status == IMAP_FRAME_TOO_LARGE) {
				buffer_append_string(out, "too large");
				imap_frame_free(&frame);
				return;
			}
			if (status == IMAP_FRAME_DONE) {
				buffer_printf(out, "%zu ", frame.text.size);
				buffer_append_span(out, buffer_span(&frame.text));
				if (piece > 1)
					take_apart(buffer_span(&frame.text));
			}
		}
	}
	imap_frame_free(&frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = {(const char *)data, size};
	struct buffer whole = BUFFER_INIT(SIZE_MAX), bytes = BUFFER_INIT(SIZE_MAX);

	take_apart(all);
	collect(all, size + 1, &whole);
	collect(all, 1, &bytes);
	if (!span_equal(buffer_span(&whole), buffer_span(&bytes)))
		abort();
	buffer_free(&whole);
	buffer_free(&bytes);
	return 0;
}
