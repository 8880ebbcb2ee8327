#include "filter/mark_text.h"

#include "mail/embedded.h"
#include "mail/transfer.h"

#define QUOTED_LINE_MAX 72 /* RFC 2045 6.7 allows 76; a soft break needs room */

/* Where the text of a part ends for a reader. */
static size_t
visible_end(const struct mail_part *part, struct span text)
{
	size_t at = SPAN_NONE;

	if (part->subtype == MAIL_HTML) {
		at = span_find_nocase(text, SPAN("</body"));
		if (at == SPAN_NONE)
			at = span_find_nocase(text, SPAN("</html"));
	}
	return at != SPAN_NONE ? at : text.size;
}

static bool
needs_quoting(char c)
{
	return c == '=' || (c < ' ' && c != '\n' && c != '\t') || c == 127;
}

static struct span
quote(struct arena *arena, struct span text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_text(arena, text.size * 6);
	size_t used = 0, column = 0;

	if (out == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		if (c != '\n' && column >= QUOTED_LINE_MAX) {
			out[used++] = '=';
			out[used++] = '\n';
			column = 0;
		}
		if (needs_quoting(c) || (unsigned char)c > 127) {
			out[used++] = '=';
			out[used++] = digits[(unsigned char)c >> 4];
			out[used++] = digits[(unsigned char)c & 15];
			column += 3;
		} else {
			out[used++] = c;
			column = c == '\n' ? 0 : column + 1;
		}
	}
	return (struct span){out, used};
}

bool
mark_text_find(struct span text, struct span *mark)
{
	struct span id;

	if (!embedded_find(text, &id, mark))
		return false;
	if (mark->data[mark->size - 1] != '!')
		mark->size--; /* what ended it belongs to the text */
	return true;
}

/* Take all marks out of `text`, in place. */
static size_t
drop_marks_in(char *text, size_t size)
{
	struct span rest = {text, size}, mark;
	size_t used = 0;

	while (mark_text_find(rest, &mark)) {
		size_t before = (size_t)(mark.data - rest.data);
		memmove(text + used, rest.data, before);
		used += before;
		rest = span_skip(rest, before + mark.size);
	}
	if (rest.size > 0)
		memmove(text + used, rest.data, rest.size);
	return used + rest.size;
}

/* Decode, change, encode: there is no way to change base64 in place. */
static bool
reencode(struct arena *arena, const struct mail_part *part, struct span addition, bool drop_marks,
	 struct mark_text_edit *edit)
{
	char *text = arena_text(arena, part->body.size + addition.size + 2);
	struct span mark;

	if (text == NULL)
		return false;
	struct span decoded = {text, transfer_decode_base64(part->body, text)};
	bool has_mark = drop_marks && mark_text_find(decoded, &mark);
	if (has_mark)
		decoded.size = drop_marks_in(text, decoded.size);
	else if (addition.size == 0)
		return true;
	size_t at = visible_end(part, decoded);
	memmove(text + at + addition.size, text + at, decoded.size - at);
	if (addition.size > 0)
		memcpy(text + at, addition.data, addition.size);
	decoded.size += addition.size;
	char *out = arena_text(arena, transfer_base64_size(decoded.size) + 1);
	if (out == NULL)
		return false;
	size_t size = transfer_encode_base64(decoded, out);
	out[size++] = '\n'; /* the empty line before a boundary stays */
	*edit = (struct mark_text_edit){part->body.data, part->body.size, {out, size}};
	return true;
}

bool
mark_text(struct arena *arena, const struct mail_part *part, struct span addition, bool drop_marks,
	  struct mark_text_edit *edit)
{
	*edit = (struct mark_text_edit){.place = part->body.data};
	if (part->body.data == NULL)
		return true; /* headers alone: there is no text to add to */
	if (part->encoding == MAIL_BASE64)
		return part->body.size > MARK_BASE64_MAX || reencode(arena, part, addition, drop_marks, edit);
	if (addition.size == 0)
		return true;
	edit->place = part->body.data + visible_end(part, part->body);
	if (part->encoding != MAIL_QUOTED_PRINTABLE) {
		edit->insert = addition;
		return true;
	}
	edit->insert = quote(arena, addition);
	return edit->insert.data != NULL;
}

struct span
mark_text_crlf(struct arena *arena, struct span text)
{
	char *out = arena_text(arena, text.size * 2 + 1);
	size_t used = 0;

	if (out == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\n' && (i == 0 || text.data[i - 1] != '\r'))
			out[used++] = '\r';
		out[used++] = text.data[i];
	}
	return (struct span){out, used};
}
