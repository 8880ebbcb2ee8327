#include "filter/mark.h"

#include "filter/mark_text.h"
#include "filter/wrap.h"

struct marker {
	const struct message *message;
	const struct marks *marks;
	struct edit_list edits;
	bool crlf; /* the message ends its lines with CR LF */
};

static size_t
offset_of(const struct marker *marker, const char *place)
{
	return (size_t)(place - marker->message->raw.data);
}

/* `text` with the line ends of the message, in the arena. */
static struct span
fit(struct marker *marker, struct span text)
{
	struct span fitted = marker->crlf ? mark_text_crlf(marker->message->arena, text) : text;

	if (fitted.data == NULL && text.size > 0)
		marker->edits.failed = true;
	return fitted;
}

/* ---- headers ----------------------------------------------------------------- */

static bool
is_dropped(const struct marker *marker, const struct mail_header *header)
{
	return marker->marks->drop_old && span_starts_nocase(header->raw, SPAN("X-DSPAM-"));
}

static void
drop_old_headers(struct marker *marker)
{
	const struct mail_part *part = &marker->message->parts[0];

	for (size_t i = 0; i < part->header_count; i++) {
		struct span raw = part->headers[i].raw;
		if (is_dropped(marker, &part->headers[i]))
			edit_add(&marker->edits, offset_of(marker, raw.data), raw.size, (struct span){NULL, 0});
	}
}

/* A Subject gets its tag before the first encoded word, so that both stay readable; otherwise in front. */
static void
tag_subject(struct marker *marker, const struct mail_header *header)
{
	const char *tag = marker->marks->subject_tag;
	size_t encoded = span_find(header->value, SPAN("=?"));
	struct span value = header->value;

	if (span_starts(span_trim(value), span_from(tag)))
		return;
	size_t at = encoded != SPAN_NONE ? encoded : 0;
	char *insert = arena_printf(marker->message->arena, "%s ", tag);
	if (insert == NULL) {
		marker->edits.failed = true;
		return;
	}
	const char *place = value.size > 0 ? value.data + at : header->name.data + header->name.size + 1;
	edit_add(&marker->edits, offset_of(marker, place), 0, span_from(insert));
}

static bool
tag_subjects(struct marker *marker)
{
	const struct mail_part *part = &marker->message->parts[0];
	bool found = false;

	for (size_t i = 0; i < part->header_count; i++) {
		const struct mail_header *header = &part->headers[i];
		/* a line without a colon is no field */
		if (!span_equal_nocase(header->name, SPAN("Subject")) || header->raw.size <= header->name.size ||
		    header->raw.data[header->name.size] != ':')
			continue;
		tag_subject(marker, header);
		found = true;
	}
	return found;
}

/* Whether the last of the header lines that stay has no line end, as the message ends there. */
static bool
lacks_line_end(const struct marker *marker)
{
	const struct mail_part *part = &marker->message->parts[0];

	if (part->head.size == 0 || part->head.data[part->head.size - 1] == '\n')
		return false;
	return part->header_count == 0 || !is_dropped(marker, &part->headers[part->header_count - 1]);
}

/* What goes behind the last header: ours, and `more`. */
static void
add_headers(struct marker *marker, struct span more)
{
	const struct mail_part *part = &marker->message->parts[0];
	struct arena *arena = marker->message->arena;
	size_t end = part->head.data != NULL ? offset_of(marker, part->head.data) + part->head.size : 0;
	struct span headers = marker->marks->headers;

	if (marker->marks->subject_tag != NULL && !tag_subjects(marker)) {
		char *with_subject = arena_printf(arena, "%.*sSubject: %s\n", (int)headers.size, headers.data,
						  marker->marks->subject_tag);
		if (with_subject == NULL) {
			marker->edits.failed = true;
			return;
		}
		headers = span_from(with_subject);
	}
	if (lacks_line_end(marker))
		edit_add(&marker->edits, end, 0, fit(marker, SPAN("\n")));
	edit_add(&marker->edits, end, 0, fit(marker, headers));
	edit_add(&marker->edits, end, 0, fit(marker, more));
}

/* ---- texts ------------------------------------------------------------------- */

static void
add_to_text(struct marker *marker, const struct mail_part *part, struct span addition)
{
	struct mark_text_edit edit;

	if (!mark_text(marker->message->arena, part, addition, marker->marks->drop_marks, &edit)) {
		marker->edits.failed = true;
		return;
	}
	if (edit.insert.size > 0)
		edit_add(&marker->edits, offset_of(marker, edit.place), edit.remove, fit(marker, edit.insert));
}

/* Marks that came with the message; base64 is seen to where it is encoded anew. */
static void
drop_marks(struct marker *marker, const struct mail_part *part)
{
	struct span rest = part->body, mark;

	if (!marker->marks->drop_marks || part->encoding == MAIL_BASE64)
		return;
	while (mark_text_find(rest, &mark)) {
		edit_add(&marker->edits, offset_of(marker, mark.data), mark.size, (struct span){NULL, 0});
		rest = span_skip(rest, (size_t)(mark.data - rest.data) + mark.size);
	}
}

static void
change_texts(struct marker *marker, struct span addition)
{
	const struct message *message = marker->message;

	for (size_t i = 0; i < message->part_count; i++) {
		const struct mail_part *part = &message->parts[i];
		bool single = message->part_count == 1;
		if (part->type == MAIL_TEXT && part->disposition != MAIL_ATTACHMENT &&
		    (single || (part->header_count > 0 && part->body.size > 0))) {
			drop_marks(marker, part);
			add_to_text(marker, part, addition);
		}
	}
}

static bool
is_signed(const struct message *message)
{
	for (size_t i = 0; i < message->part_count; i++)
		if (message->parts[i].subtype == MAIL_SIGNED)
			return true;
	return false;
}

/* What is put into the texts: the tag lines, then the signature, if it is to stand there. */
static struct span
text_addition(struct marker *marker, const char *signature)
{
	struct span tag = marker->marks->tag;
	struct arena *arena = marker->message->arena;
	char *text = NULL;

	if (tag.size == 0 && signature == NULL)
		return (struct span){NULL, 0};
	if (signature == NULL)
		text = arena_printf(arena, "\n%.*s", (int)tag.size, tag.data);
	else if (tag.size == 0)
		text = arena_printf(arena, "\n!DSPAM:%s!\n\n", signature);
	else
		text = arena_printf(arena, "\n%.*s\n!DSPAM:%s!\n\n", (int)tag.size, tag.data, signature);
	marker->edits.failed = marker->edits.failed || text == NULL;
	return text != NULL ? span_from(text) : (struct span){NULL, 0};
}

/* Any change inside multipart/signed would break its seal. */
static void
mark_texts(struct marker *marker, const char *signature)
{
	struct span addition = text_addition(marker, signature);

	if ((addition.size > 0 || marker->marks->drop_marks) && !is_signed(marker->message))
		change_texts(marker, addition);
}

/* Without an empty line behind its headers a message has no body to stand in a part. */
static bool
is_attached(const struct message *message, const struct marks *marks)
{
	return marks->signature != NULL && (marks->attach || is_signed(message)) && message->parts[0].body.data != NULL;
}

static void
attach_signature(struct marker *marker)
{
	const struct message *message = marker->message;
	struct wrapping wrapping;

	if (!wrap_message(message, marker->marks->signature, &marker->edits, &wrapping)) {
		marker->edits.failed = true;
		return;
	}
	add_headers(marker, wrapping.headers);
	edit_add(&marker->edits, offset_of(marker, message->parts[0].body.data), 0, fit(marker, wrapping.opening));
	mark_texts(marker, NULL);
	edit_add(&marker->edits, message->raw.size, 0, fit(marker, wrapping.closing));
}

bool
mark_message(const struct message *message, const struct marks *marks, struct span **pieces, size_t *count)
{
	size_t first_end = span_find_byte(message->raw, '\n');
	struct marker marker = {
		.message = message,
		.marks = marks,
		.edits = {.arena = message->arena},
		.crlf = first_end != SPAN_NONE && first_end > 0 && message->raw.data[first_end - 1] == '\r',
	};

	drop_old_headers(&marker);
	if (is_attached(message, marks)) {
		attach_signature(&marker);
	} else {
		add_headers(&marker, (struct span){NULL, 0});
		mark_texts(&marker, marks->signature);
	}
	return edit_apply(&marker.edits, message->raw, pieces, count);
}
