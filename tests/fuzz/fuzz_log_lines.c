/* Logs for dspam_logrotate: whatever the pieces, the same lines stay, and only lines of the log. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "tool/log_lines.h"

#define OLDEST 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
keep(void *context, struct span text)
{
	return buffer_append_span(context, text);
}

static uint64_t
sift(struct span text, size_t step, struct buffer *kept)
{
	struct log_lines lines;

	log_lines_begin(&lines, OLDEST, keep, kept);
	while (text.size > 0) {
		log_lines_push(&lines, span_head(text, step));
		text = span_skip(text, step);
	}
	if (!log_lines_end(&lines))
		abort();
	return lines.dropped;
}

/* The same, the simple way. */
static void
expect(struct span text, const struct buffer *kept, uint64_t dropped)
{
	struct span line, rest = buffer_span(kept);
	unsigned long long time;
	uint64_t gone = 0;

	while (span_next_line(&text, &line)) {
		size_t tab = span_find_byte(line, '\t');
		if (tab == SPAN_NONE || tab > LOG_LINES_DIGITS ||
		    !span_to_number(span_head(line, tab), INT64_MAX, &time) || time < OLDEST) {
			gone++;
			continue;
		}
		if (!span_starts(rest, line))
			abort();
		rest = span_skip(rest, line.size);
	}
	if (rest.size > 0 || gone != dropped)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct buffer whole = BUFFER_INIT(size + 1), pieces = BUFFER_INIT(size + 1);
	uint64_t dropped = sift(text, size + 1, &whole);

	if (sift(text, 1 + size % 7, &pieces) != dropped || !span_equal(buffer_span(&whole), buffer_span(&pieces)))
		abort();
	expect(text, &whole, dropped);
	buffer_free(&whole);
	buffer_free(&pieces);
	return 0;
}
