/* Mailboxes and quarantines: the same messages whatever the pieces, in order, within the file; any head can be read. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "mail/from_line.h"
#include "tool/mbox.h"
#include "tool/quarantine_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct found {
	struct mbox_scan scan;
	struct buffer ranges; /* of uint64_t: from_line, offset, size */
	uint64_t end, limit;
};

static bool
note(void *context, uint64_t offset, uint64_t size)
{
	struct found *found = context;
	const uint64_t range[] = {found->scan.from_line, offset, size};

	if (range[0] < found->end || range[0] >= offset || offset > found->limit || size > found->limit - offset)
		abort();
	found->end = offset + size;
	return buffer_append(&found->ranges, range, sizeof range);
}

static void
scan(struct span text, size_t step, struct found *found)
{
	*found = (struct found){.ranges = BUFFER_INIT(SIZE_MAX / 2), .limit = text.size};
	mbox_begin(&found->scan, note, found);
	for (; text.size > 0; text = span_skip(text, step))
		mbox_push(&found->scan, span_head(text, step));
	mbox_end(&found->scan);
}

static void
read_item(struct span text)
{
	struct arena *arena = arena_new((size_t)8 << 20);
	struct quarantine_item item;

	if (quarantine_item_parse(text, arena, &item)) {
		for (const char *c = item.subject; *c != '\0'; c++)
			if ((unsigned char)*c < 32)
				abort();
		if (strpbrk(item.signature, "/.&\"<> ") != NULL || strlen(item.from) > 200)
			abort();
	}
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);
	struct found whole, pieces;

	scan(text, size + 1, &whole);
	scan(text, 1 + size % 5, &pieces);
	if (!span_equal(buffer_span(&whole.ranges), buffer_span(&pieces.ranges)))
		abort();
	for (size_t at = 0; at < whole.ranges.size; at += 3 * sizeof(uint64_t)) {
		uint64_t range[3];
		memcpy(range, whole.ranges.data + at, sizeof range);
		read_item(span_head(span_skip(text, (size_t)range[0]), (size_t)(range[1] - range[0] + range[2])));
	}
	read_item(text);
	char *copy = malloc(size + 1);
	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	if (from_line_unquote(span_of(copy, size), copy) > size)
		abort();
	free(copy);
	buffer_free(&whole.ranges);
	buffer_free(&pieces.ranges);
	return 0;
}
