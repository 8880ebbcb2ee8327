#include "tool/log_lines.h"

#include "base/ascii.h"

void
log_lines_begin(struct log_lines *lines, int64_t oldest, log_lines_keep *keep, void *context)
{
	*lines = (struct log_lines){.keep = keep, .context = context, .oldest = oldest};
}

static void
keep(struct log_lines *lines, struct span text)
{
	lines->failed = lines->failed || !lines->keep(lines->context, text);
}

/* The digits have ended, with a TAB or with something else. */
static void
decide(struct log_lines *lines, bool tab)
{
	struct span digits = span_of(lines->digits, lines->digit_count);
	unsigned long long time;

	bool timed = tab && span_to_number(digits, INT64_MAX, &time);
	bool young = timed && (int64_t)time >= lines->oldest;
	lines->timed += timed;
	lines->state = young ? LOG_LINE_KEPT : LOG_LINE_DROPPED;
	if (young)
		keep(lines, digits);
}

static void
end_line(struct log_lines *lines)
{
	if (lines->state == LOG_LINE_TIME)
		decide(lines, false);
	lines->dropped += lines->state == LOG_LINE_DROPPED;
	lines->state = LOG_LINE_TIME;
	lines->digit_count = 0;
	lines->begun = false;
}

/* One byte of what should be the time; false when it is the first that belongs to the rest of the line. */
static bool
take_digit(struct log_lines *lines, char byte)
{
	if (ascii_is_digit(byte) && lines->digit_count < LOG_LINES_DIGITS) {
		lines->digits[lines->digit_count++] = byte;
		return true;
	}
	decide(lines, byte == '\t');
	return false;
}

void
log_lines_push(struct log_lines *lines, struct span bytes)
{
	while (bytes.size > 0) {
		lines->begun = true;
		if (lines->state == LOG_LINE_TIME && take_digit(lines, bytes.data[0])) {
			bytes = span_skip(bytes, 1);
			continue;
		}
		size_t end = span_find_byte(bytes, '\n');
		struct span rest = span_head(bytes, end == SPAN_NONE ? bytes.size : end + 1);
		if (lines->state == LOG_LINE_KEPT)
			keep(lines, rest);
		if (end != SPAN_NONE)
			end_line(lines);
		bytes = span_skip(bytes, rest.size);
	}
}

bool
log_lines_end(struct log_lines *lines)
{
	if (lines->begun)
		end_line(lines);
	return !lines->failed;
}
