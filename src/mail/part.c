#include "mail/part.h"

#include "mail/transfer.h"

bool
mail_part_is_read(const struct message *message, size_t index)
{
	const struct mail_part *part = &message->parts[index];

	if (part->header_count == 0)
		return false;
	return part->type == MAIL_TEXT || part->type == MAIL_MESSAGE || (part->type == MAIL_MULTIPART && index == 0);
}

bool
mail_part_is_coded(const struct mail_part *part)
{
	return (part->encoding == MAIL_BASE64 || part->encoding == MAIL_QUOTED_PRINTABLE) &&
	       part->disposition != MAIL_ATTACHMENT;
}

struct span
mail_part_decode(struct message *message, struct mail_part *part, bool *full)
{
	if (!mail_part_is_coded(part))
		return part->body;
	if (part->is_decoded)
		return part->decoded;
	struct span coded = span_head(part->body, MAIL_PART_DECODE_MAX);
	char *out = arena_text(message->arena, coded.size + 1);
	if (out == NULL) {
		*full = true;
		return (struct span){NULL, 0};
	}
	part->decoded = span_of(out, transfer_decode_text(coded, part->encoding == MAIL_BASE64, out));
	part->is_decoded = true;
	return part->decoded;
}
