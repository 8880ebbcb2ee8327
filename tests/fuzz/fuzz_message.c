/*
 * A whole message: taken apart, flattened, tokenized with all tokenizers, and marked in every place.
 * Every span lies in the message; without what was put in, a marked message is what it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filter/mark.h"
#include "mail/part.h"
#include "token/tokenize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct span piece, struct span whole)
{
	if (piece.size > 0 && (piece.data < whole.data || piece.data + piece.size > whole.data + whole.size))
		abort();
}

static void
check_parts(const struct message *message)
{
	if (message->part_count == 0 || message->part_count > MESSAGE_PARTS_MAX)
		abort();
	for (size_t i = 0; i < message->part_count; i++) {
		const struct mail_part *part = &message->parts[i];
		check_inside(part->head, message->raw);
		check_inside(part->body, message->raw);
		for (size_t k = 0; k < part->header_count; k++) {
			check_inside(part->headers[k].raw, part->head);
			check_inside(part->headers[k].name, part->headers[k].raw);
			check_inside(part->headers[k].value, part->headers[k].raw);
		}
	}
}

static void
tokenize_all(struct message *message)
{
	for (int options = 0; options < 4; options++) {
		struct flatten_options how = {.decoded_in_place = options & 1, .cut_signatures = options & 2};
		struct flat flat;
		if (!flatten(message, &how, &flat) || flat.header.size == 0 || flat.body.size == 0)
			abort();
		struct tokenize_options with = {(enum tokenizer)options, true, true, true, NULL};
		if (tokenize(message->arena, &flat, &with) == NULL)
			abort();
	}
}

/* Pieces that lie in the message come in its order and do not overlap; without removals they are all of it. */
static void
check_pieces(const struct message *message, const struct span *pieces, size_t count, bool complete)
{
	const char *at = message->raw.data, *end = at + message->raw.size;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (message->raw.size == 0 || pieces[i].data < message->raw.data || pieces[i].data >= end)
			continue;
		if (pieces[i].data < at)
			abort();
		at = pieces[i].data + pieces[i].size;
		kept += pieces[i].size;
		if (at > end)
			abort();
	}
	if (complete && kept != message->raw.size)
		abort();
}

/* Headers and bodies in base64 are written anew, old headers are taken out, MIME fields move. */
static bool
nothing_is_replaced(const struct message *message, const struct marks *marks)
{
	if (marks->drop_old || marks->attach)
		return false;
	for (size_t i = 0; i < message->part_count; i++)
		if (message->parts[i].encoding == MAIL_BASE64 || message->parts[i].subtype == MAIL_SIGNED)
			return false;
	return true;
}

static void
mark_all(const struct message *message)
{
	for (int which = 0; which < 16; which++) {
		struct marks marks = {
			.headers = SPAN("X-DSPAM-Result: Spam\nX-DSPAM-Signature: 0123456789abcdef\n"),
			.drop_old = which & 1,
			.subject_tag = which & 2 ? "[SPAM]" : NULL,
			.tag = which & 2 ? SPAN("tag = line\n") : (struct span){NULL, 0},
			.signature = which & 4 ? "0123456789abcdef" : NULL,
			.attach = which & 8,
		};
		struct span *pieces;
		size_t count;
		if (!mark_message(message, &marks, &pieces, &count) || count == 0)
			abort();
		check_pieces(message, pieces, count, nothing_is_replaced(message, &marks));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span raw = {(const char *)data, size};
	struct arena *arena = arena_new((size_t)512 << 20);
	struct message *message = message_parse(arena, raw);

	if (message == NULL)
		abort();
	check_parts(message);
	mark_all(message);
	tokenize_all(message);
	check_parts(message);
	arena_free(arena);
	return 0;
}
