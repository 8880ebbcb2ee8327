#include "scan/source.h"

#include "base/ascii.h"
#include "mail/field.h"

/*
 * What mail servers write:
 *
 *	from HELO (name [192.0.2.1])            Postfix, Sendmail, and many others
 *	from HELO (name [IPv6:2001:db8::1])
 *	from [192.0.2.1] (helo=HELO)            Exim without a name
 *	from name ([192.0.2.1] helo=HELO)       Exim with one; it may stand [192.0.2.1]:1234
 *	from name (HELO HELO) (192.0.2.1)       qmail
 *	from HELO (192.0.2.1) by                Exchange
 *
 * HELO is the client's own word and may look like an address: it must not be taken for one.
 */

/* A literal's content: "192.0.2.1", "IPv6:2001:db8::1". */
static bool
parse_literal(struct span text, struct ip *ip)
{
	text = span_trim(text);
	if (span_starts_nocase(text, SPAN("IPv6:")))
		text = span_skip(text, strlen("IPv6:"));
	return ip_parse(text, ip);
}

/* The first [...] in `text` that is an address and that no = stands before. */
static bool
find_literal(struct span text, struct ip *ip)
{
	size_t at;

	for (struct span rest = text; (at = span_find_byte(rest, '[')) != SPAN_NONE;) {
		bool given = at > 0 && rest.data[at - 1] == '=';
		rest = span_skip(rest, at + 1);
		size_t end = span_find_byte(rest, ']');
		if (end == SPAN_NONE)
			return false;
		if (!given && parse_literal(span_head(rest, end), ip))
			return true;
		rest = span_skip(rest, end + 1);
	}
	return false;
}

/* Cut `text` up to the next comment off `rest`, and the comment, without its brackets; false at the end. */
static bool
next_comment(struct span *rest, struct span *text, struct span *comment)
{
	size_t begin = span_find_byte(*rest, '('), at = begin, depth = 0;

	*text = span_head(*rest, begin);
	*comment = (struct span){NULL, 0};
	if (begin == SPAN_NONE) {
		*rest = (struct span){NULL, 0};
		return false;
	}
	for (; at < rest->size; at++) {
		depth += rest->data[at] == '(';
		depth -= rest->data[at] == ')';
		if (depth == 0)
			break;
	}
	*comment = span_skip(span_head(*rest, at), begin + 1);
	*rest = span_skip(*rest, at + 1);
	return true;
}

static bool
is_greeting(struct span comment)
{
	return span_starts_nocase(comment, SPAN("HELO ")) || span_starts_nocase(comment, SPAN("EHLO "));
}

/* Offset behind the word `word`, or SPAN_NONE. */
static size_t
behind_word(struct span text, struct span word)
{
	for (size_t at = 0; at + word.size <= text.size; at++)
		if (span_equal_nocase(span_head(span_skip(text, at), word.size), word) &&
		    (at == 0 || ascii_is_space(text.data[at - 1])) &&
		    (at + word.size == text.size || ascii_is_space(text.data[at + word.size])))
			return at + word.size;
	return SPAN_NONE;
}

/* Offset of the word "by" outside of comments, or SPAN_NONE; not the first word, which is the client's. */
static size_t
find_by(struct span text)
{
	size_t depth = 0, at = 0;

	while (at < text.size && ascii_is_space(text.data[at]))
		at++;
	for (; at < text.size; at++) {
		depth += text.data[at] == '(';
		depth -= depth > 0 && text.data[at] == ')';
		if (depth == 0 && ascii_is_space(text.data[at]) &&
		    behind_word(span_head(span_skip(text, at + 1), 3), SPAN("by")) == strlen("by"))
			return at;
	}
	return SPAN_NONE;
}

/* What is said of the client: between "from" and "by". */
static bool
client_clause(struct span value, struct span *clause)
{
	size_t from = behind_word(value, SPAN("from"));

	if (from == SPAN_NONE)
		return false;
	*clause = span_skip(value, from);
	*clause = span_head(*clause, find_by(*clause));
	return true;
}

bool
source_of_field(struct span value, struct ip *ip)
{
	struct span clause, text, comment;
	struct ip plain;
	bool has_plain = false;

	if (!client_clause(value, &clause))
		return false;
	for (struct span rest = clause; next_comment(&rest, &text, &comment);) {
		if (is_greeting(comment))
			continue;
		if (find_literal(comment, ip))
			return true;
		if (parse_literal(comment, &plain)) {
			*ip = plain;
			has_plain = true; /* of several the last counts, which is qmail's way */
		}
	}
	if (has_plain)
		return true;
	for (struct span rest = clause; rest.size > 0;) {
		next_comment(&rest, &text, &comment);
		if (find_literal(text, ip))
			return true;
	}
	return false;
}

bool
source_of_message(struct span message, source_is_own *is_own, const void *context, struct ip *ip)
{
	struct span field, value;
	size_t fields = 0;

	while (fields < SOURCE_FIELDS && mail_field_next(&message, &field)) {
		if (!mail_field_is(field, SPAN("Received:"), &value))
			continue;
		fields++;
		if (source_of_field(value, ip) && !ip_is_local(ip) && !is_own(context, ip))
			return true;
	}
	return false;
}
