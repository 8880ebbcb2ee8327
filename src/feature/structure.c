/* How a message is built: its parts, and counts. */
#include "feature/structure.h"

#include <string.h>

#include "base/ascii.h"
#include "feature/content.h"
#include "feature/header.h"
#include "mail/field.h"

/* ---- parts ------------------------------------------------------------------------- */

static struct span
value_of(const struct mail_part *part, struct span name)
{
	const struct mail_header *header = mail_part_header(part, name);

	return header == NULL ? SPAN("none") : span_head(header->value, 1000);
}

/* The first word of a value such as text/plain; charset=... */
static struct span
first_word(struct span value)
{
	size_t size = 0;

	while (size < value.size && size < 60 && (unsigned char)value.data[size] > 32 && value.data[size] != ';')
		size++;
	return span_head(value, size);
}

/* A parameter, without quotes; empty if it is not there. */
static struct span
parameter(struct span value, struct span name)
{
	size_t begin = span_find_nocase(value, name);
	size_t size = 0;

	if (begin == SPAN_NONE)
		return SPAN("");
	value = span_skip(value, begin + name.size);
	while (value.size > 0 && (value.data[0] == '"' || value.data[0] == ' '))
		value = span_skip(value, 1);
	while (size < value.size && size < 60 && strchr("\"; \t\r\n", value.data[size]) == NULL)
		size++;
	return span_head(value, size);
}

static struct span
extension(struct span type, struct span disposition)
{
	struct span name = parameter(disposition, SPAN("filename="));
	size_t at;

	if (name.size == 0)
		name = parameter(type, SPAN("name="));
	for (at = name.size; at > 0 && name.data[at - 1] != '.'; at--)
		continue;
	return at == 0 ? SPAN("") : span_head(span_skip(name, at), 8);
}

static void
add_part(struct feature_filler *filler, const struct mail_part *part, unsigned depth)
{
	const struct feature_key types = feature_content_key(FEATURE_MIME, "type"),
				 codings = feature_content_key(FEATURE_MIME, "coding"),
				 files = feature_content_key(FEATURE_MIME, "file"),
				 sizes = feature_content_key(FEATURE_MIME, "size");
	struct span type = value_of(part, SPAN("Content-Type")), word = first_word(type);
	struct span coding = first_word(value_of(part, SPAN("Content-Transfer-Encoding")));
	struct span disposition = value_of(part, SPAN("Content-Disposition"));
	struct span charset = parameter(type, SPAN("charset=")), kind = extension(type, disposition);

	feature_say(filler, &types, "%u %.*s", depth, (int)word.size, word.data);
	feature_say(filler, &codings, "%.*s %.*s %.*s", (int)word.size, word.data, (int)coding.size, coding.data,
		    (int)charset.size, charset.data != NULL ? charset.data : "");
	feature_say(filler, &files, "%.*s %.*s %.*s", (int)first_word(disposition).size, disposition.data,
		    (int)word.size, word.data, (int)kind.size, kind.data != NULL ? kind.data : "");
	if (part->type != MAIL_TEXT && part->type != MAIL_MULTIPART && depth > 0)
		feature_say(filler, &sizes, "%.*s 2^%u", (int)word.size, word.data, feature_log2(part->body.size));
}

void
feature_mime(struct feature_filler *filler, const struct message *message)
{
	unsigned depth = 0;

	for (size_t i = 0; i < message->part_count && i < FEATURE_PARTS; i++) {
		const struct mail_part *part = &message->parts[i];
		if (part->header_count == 0 && i > 0)
			continue;
		add_part(filler, part, depth > 8 ? 8 : depth);
		depth += part->type == MAIL_MULTIPART || depth == 0;
	}
}

/* ---- text ---------------------------------------------------------------------------- */

struct tally {
	size_t upper, letters, digits, spaces, beyond, cries, money, longest, lines;
};

static struct tally
count_text(struct span text)
{
	struct tally tally = {0};
	size_t run = 0;

	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		tally.upper += c >= 'A' && c <= 'Z';
		tally.letters += ascii_is_letter(c);
		tally.digits += ascii_is_digit(c);
		tally.spaces += ascii_is_space(c);
		tally.beyond += (unsigned char)c >= 128;
		tally.cries += c == '!';
		tally.money += c == '$' || c == '%';
		tally.lines += c == '\n';
		run = ascii_is_space(c) ? 0 : run + 1;
		if (run > tally.longest)
			tally.longest = run;
	}
	return tally;
}

/* A part of a whole, in steps that are fine where it is small. */
static unsigned
share(size_t part, size_t whole)
{
	size_t percent = whole == 0 ? 0 : 100 * part / whole;

	return percent < 10 ? (unsigned)percent / 2 : 5 + (unsigned)percent / 10;
}

static void
say_count(struct feature_filler *filler, const char *name, unsigned number)
{
	const struct feature_key key = feature_content_key(FEATURE_COUNT, name);

	feature_say(filler, &key, "%u", number);
}

static void
add_text(struct feature_filler *filler, const struct feature_text *text)
{
	const struct tally tally = count_text(text->visible);

	say_count(filler, "capitals", share(tally.upper, tally.letters));
	say_count(filler, "digits", share(tally.digits, text->visible.size));
	say_count(filler, "blanks", share(tally.spaces, text->visible.size));
	say_count(filler, "8-bit", share(tally.beyond, text->visible.size));
	say_count(filler, "log2 of !", feature_log2(tally.cries));
	say_count(filler, "log2 of $%", feature_log2(tally.money));
	say_count(filler, "log2 of the longest word", feature_log2(tally.longest));
	say_count(filler, "log2 of a line", feature_log2(text->visible.size / (tally.lines + 1)));
	say_count(filler, "log2 of the text", feature_log2(text->visible.size));
}

/* ---- addresses of the web -------------------------------------------------------------- */

static void
add_urls(struct feature_filler *filler, const struct mail_part *part, const struct feature_text *text)
{
	const struct feature_key said = feature_content_key(FEATURE_RELATION, "URL"),
				 top = feature_content_key(FEATURE_RELATION, "first URL");
	const struct mail_header *from = mail_part_header(part, SPAN("From"));
	struct span sender = from == NULL ? SPAN("") : feature_organisation(mail_field_domain(from->value));
	struct span first = {0};
	size_t others = 0;

	for (size_t i = 0; i < text->url_count; i++) {
		struct span host = feature_url_host(text->urls[i]), organisation = feature_organisation(host);
		if (feature_is_address(host))
			feature_add(filler, &said, SPAN("host is an address"));
		if (span_find(text->urls[i], SPAN("://")) != SPAN_NONE &&
		    span_find_byte(span_skip(text->urls[i], 8), ':') != SPAN_NONE)
			feature_add(filler, &said, SPAN("port"));
		if (sender.size > 0 && span_equal_nocase(organisation, sender))
			feature_add(filler, &said, SPAN("of the sender"));
		if (first.size == 0) {
			size_t at = host.size;
			while (at > 0 && host.data[at - 1] != '.')
				at--;
			first = organisation;
			feature_add(filler, &top, span_skip(host, at));
		}
		others += !span_equal_nocase(organisation, first);
	}
	if (text->url_count > 0 && others == 0)
		feature_say(filler, &said, "one domain, 2^%u", feature_log2(text->url_count));
	say_count(filler, "log2 of URLs elsewhere", feature_log2(others));
}

void
feature_counts(struct feature_filler *filler, const struct mail_part *part, const struct feature_text *text)
{
	add_text(filler, text);
	add_urls(filler, part, text);
	say_count(filler, "log2 of headers", feature_log2(part->header_count));
	say_count(filler, "log2 of URLs", feature_log2(text->url_count));
	say_count(filler, "log2 of body", feature_log2(text->decoded));
	say_count(filler, "log2 of HTML", feature_log2(text->html));
	say_count(filler, "log2 of tags", feature_log2(text->tags));
	say_count(filler, "hidden HTML", feature_log2(text->hidden));
	say_count(filler, "parts", (unsigned)(text->parts > 9 ? 9 : text->parts));
	say_count(filler, "HTML parts", (unsigned)(text->html_parts > 3 ? 3 : text->html_parts));
	say_count(filler, "plain parts", (unsigned)(text->plain_parts > 3 ? 3 : text->plain_parts));
	say_count(filler, "attachments", (unsigned)(text->attachments > 3 ? 3 : text->attachments));
	say_count(filler, "images", (unsigned)(text->images > 3 ? 3 : text->images));
	say_count(filler, "base64 parts", (unsigned)(text->base64_parts > 3 ? 3 : text->base64_parts));
	say_count(filler, "quoted-printable parts", (unsigned)(text->quoted_parts > 3 ? 3 : text->quoted_parts));
}
