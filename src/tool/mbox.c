#include "tool/mbox.h"

#define MARK "From "
#define MARK_SIZE (sizeof MARK - 1)

void
mbox_begin(struct mbox_scan *scan, mbox_message *each, void *context)
{
	*scan = (struct mbox_scan){.each = each, .context = context, .after_empty = true, .only_cr = true};
}

/* The message that has been read ends at `end`. */
static void
give(struct mbox_scan *scan, uint64_t end)
{
	if (scan->in_message && !scan->stopped)
		scan->stopped = !scan->each(scan->context, scan->start, end - scan->start);
	scan->in_message = false;
}

static void
end_line(struct mbox_scan *scan)
{
	if (scan->in_from_line) {
		scan->in_message = true;
		scan->start = scan->position;
		scan->after_empty = false;
	} else {
		scan->after_empty = scan->only_cr;
		scan->empty_start = scan->line_start;
	}
	scan->in_from_line = false;
	scan->line_start = scan->position;
	scan->matched = 0;
	scan->only_cr = true;
}

static void
take(struct mbox_scan *scan, char byte)
{
	scan->position++;
	if (byte == '\n') {
		end_line(scan);
		return;
	}
	scan->matched = scan->matched < MARK_SIZE && byte == MARK[scan->matched] ? scan->matched + 1 : MARK_SIZE + 1;
	if (scan->matched == MARK_SIZE && scan->after_empty && scan->position - scan->line_start == MARK_SIZE) {
		give(scan, scan->empty_start);
		scan->in_from_line = true;
		scan->from_line = scan->line_start;
	}
	if (byte != '\r' || scan->position - scan->line_start > 1)
		scan->only_cr = false;
}

void
mbox_push(struct mbox_scan *scan, struct span bytes)
{
	for (size_t i = 0; i < bytes.size && !scan->stopped; i++) {
		/* nothing but the end of the line matters once it is no "From " line */
		if (scan->matched > MARK_SIZE && !scan->only_cr) {
			size_t skip = span_find_byte(span_skip(bytes, i), '\n');
			size_t rest = skip == SPAN_NONE ? bytes.size - i : skip;
			scan->position += rest;
			i += rest;
			if (i == bytes.size)
				break;
		}
		take(scan, bytes.data[i]);
	}
}

bool
mbox_end(struct mbox_scan *scan)
{
	bool ends_empty = scan->after_empty && scan->line_start == scan->position;

	if (scan->in_from_line)
		end_line(scan);
	give(scan, ends_empty ? scan->empty_start : scan->position);
	return !scan->stopped;
}
