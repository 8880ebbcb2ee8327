#include "filter/wrap.h"

#include <stdio.h>

#define OPENING_MAX 200 /* a boundary line with the longest signature */

/* Take the Content-* fields out of the head; returns them, or data NULL when the arena is full. */
static struct span
take_content_fields(const struct message *message, struct edit_list *edits)
{
	const struct mail_part *part = &message->parts[0];
	char *out = arena_text(message->arena, part->head.size + 1);
	size_t used = 0;

	if (out == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < part->header_count; i++) {
		struct span raw = part->headers[i].raw;
		if (!span_starts_nocase(raw, SPAN("Content-")))
			continue;
		edit_add(edits, (size_t)(raw.data - message->raw.data), raw.size, (struct span){NULL, 0});
		memcpy(out + used, raw.data, raw.size);
		used += raw.size;
	}
	return (struct span){out, used};
}

bool
wrap_message(const struct message *message, const char *signature, struct edit_list *edits, struct wrapping *wrapping)
{
	struct arena *arena = message->arena;
	bool has_version = mail_part_header(&message->parts[0], SPAN("MIME-Version")) != NULL;
	struct span moved = take_content_fields(message, edits);
	char *headers = arena_printf(arena, "%sContent-Type: multipart/mixed; boundary=\"DSPAM_MULTIPART_EX-%s\"\n",
				     has_version ? "" : "MIME-Version: 1.0\n", signature);
	char *opening = arena_text(arena, moved.size + OPENING_MAX);
	char *closing = arena_printf(arena,
				     "\n--DSPAM_MULTIPART_EX-%s\nContent-Type: text/plain\nX-DSPAM-Signature: %s\n\n"
				     "!DSPAM:%s!\n--DSPAM_MULTIPART_EX-%s--\n",
				     signature, signature, signature, signature);

	if (moved.data == NULL || headers == NULL || opening == NULL || closing == NULL)
		return false;
	size_t used = (size_t)snprintf(opening, OPENING_MAX, "--DSPAM_MULTIPART_EX-%s\n", signature);
	if (moved.size > 0)
		memcpy(opening + used, moved.data, moved.size);
	opening[used + moved.size] = '\n';
	wrapping->headers = span_from(headers);
	wrapping->opening = span_of(opening, used + moved.size + 1);
	wrapping->closing = span_from(closing);
	return true;
}
