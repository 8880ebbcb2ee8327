/* How a message is built: its parts, and counts. */
#include "feature/structure.h"

#include <string.h>

#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/content.h"
#include "feature/header.h"
#include "feature/shape.h"
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

static struct span
extension(struct span type, struct span disposition)
{
	struct span name = feature_parameter(disposition, SPAN("filename="));
	size_t at;

	if (name.size == 0)
		name = feature_parameter(type, SPAN("name="));
	for (at = name.size; at > 0 && name.data[at - 1] != '.'; at--)
		continue;
	return at == 0 ? SPAN("") : span_head(span_skip(name, at), 8);
}

/* Words with a blank between each. */
static void
say(struct feature_filler *filler, const char *name, const struct span *words, size_t count)
{
	const struct feature_key key = feature_content_key(FEATURE_MIME, name);
	struct phrase phrase;

	phrase.size = 0;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			phrase_add(&phrase, SPAN(" "));
		phrase_add(&phrase, words[i]);
	}
	feature_add_copy(filler, &key, phrase_span(&phrase));
}

static void
add_part(struct feature_filler *filler, const struct mail_part *part, unsigned depth)
{
	struct span type = value_of(part, SPAN("Content-Type")), word = first_word(type);
	struct span coding = first_word(value_of(part, SPAN("Content-Transfer-Encoding")));
	struct span disposition = value_of(part, SPAN("Content-Disposition"));
	struct span charset = feature_parameter(type, SPAN("charset=")), kind = extension(type, disposition);
	const char digit = (char)('0' + depth);

	say(filler, "type", (const struct span[]){span_of(&digit, 1), word}, 2);
	say(filler, "coding", (const struct span[]){word, coding, charset}, 3);
	say(filler, "file", (const struct span[]){first_word(disposition), word, kind}, 3);
	if (part->type == MAIL_TEXT || part->type == MAIL_MULTIPART || depth == 0)
		return;
	const struct feature_key key = feature_content_key(FEATURE_MIME, "size");
	struct phrase phrase;
	phrase.size = 0;
	phrase_add(&phrase, word);
	phrase_add(&phrase, SPAN(" "));
	phrase_add_magnitude(&phrase, part->body.size);
	feature_add_copy(filler, &key, phrase_span(&phrase));
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

enum { BLOCK = 128 };

/* The bytes from `first` to `last` in a block or less, counted without branches: a processor does many at once. */
static inline size_t
count_block(const char *block, size_t size, unsigned char first, unsigned char last)
{
	unsigned char within = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char from = (unsigned char)((unsigned char)block[i] - first);
		within = (unsigned char)(within + (from <= last - first));
	}
	return within;
}

static size_t
count_range(struct span text, unsigned char first, unsigned char last)
{
	size_t count = 0;

	for (; text.size >= BLOCK; text = span_of(text.data + BLOCK, text.size - BLOCK))
		count += count_block(text.data, BLOCK, first, last);
	return count + count_block(text.data, text.size, first, last);
}

static struct tally
count_text(const struct feature_text *text)
{
	struct span visible = text->visible;
	struct tally tally = {
		.upper = count_range(visible, 'A', 'Z'),
		.digits = count_range(visible, '0', '9'),
		.spaces = count_range(visible, '\t', '\r') + count_range(visible, ' ', ' '),
		.beyond = count_range(visible, 128, 255),
		.cries = count_range(visible, '!', '!'),
		.money = count_range(visible, '$', '%'),
		.lines = count_range(visible, '\n', '\n'),
		.longest = text->longest_word,
	};

	tally.letters = tally.upper + count_range(visible, 'a', 'z');
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
add_number(struct feature_filler *filler, const char *name, size_t number, size_t maximum)
{
	const struct feature_key key = feature_content_key(FEATURE_COUNT, name);

	feature_add_number(filler, &key, number, maximum);
}

static void
add_magnitude(struct feature_filler *filler, const char *name, size_t number)
{
	const struct feature_key key = feature_content_key(FEATURE_COUNT, name);

	feature_add_magnitude(filler, &key, number);
}

enum { SHARE_MAX = 15 };

static void
add_share(struct feature_filler *filler, const char *name, size_t part, size_t whole)
{
	add_number(filler, name, share(part, whole), SHARE_MAX);
}

static void
add_text(struct feature_filler *filler, const struct feature_text *text)
{
	const struct tally tally = count_text(text);

	add_share(filler, "capitals", tally.upper, tally.letters);
	add_share(filler, "digits", tally.digits, text->visible.size);
	add_share(filler, "blanks", tally.spaces, text->visible.size);
	add_share(filler, "8-bit", tally.beyond, text->visible.size);
	add_magnitude(filler, "!", tally.cries);
	add_magnitude(filler, "$%", tally.money);
	add_magnitude(filler, "the longest word", tally.longest);
	add_magnitude(filler, "a line", text->visible.size / (tally.lines + 1));
	add_magnitude(filler, "the text", text->visible.size);
}

/* ---- addresses of the web -------------------------------------------------------------- */

static void
add_urls(struct feature_filler *filler, const struct mail_part *part, const struct feature_text *text)
{
	const struct feature_key said = feature_key(FEATURE_WHERE, FEATURE_RELATION, SPAN("URL")),
				 top = feature_key(FEATURE_WHERE, FEATURE_RELATION, SPAN("first URL"));
	const struct mail_header *from = mail_part_header(part, SPAN("From"));
	struct span sender = from == NULL ? SPAN("") : feature_organisation(mail_field_domain(from->value));
	struct span first = {0};
	size_t others = 0;

	for (size_t i = 0; i < text->url_count; i++) {
		struct span host = text->urls[i].host, organisation = feature_organisation(host);
		if (shape_kind_of(host) == SHAPE_ADDRESS)
			feature_add(filler, &said, SPAN("host is an address"));
		if (text->urls[i].has_port)
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
	if (text->url_count > 0 && others == 0) {
		struct phrase phrase;
		phrase.size = 0;
		phrase_add(&phrase, SPAN("one domain, "));
		phrase_add_magnitude(&phrase, text->url_count);
		feature_add_copy(filler, &said, phrase_span(&phrase));
	}
	add_magnitude(filler, "URLs elsewhere", others);
}

void
feature_counts(struct feature_filler *filler, const struct mail_part *part, const struct feature_text *text)
{
	add_text(filler, text);
	add_urls(filler, part, text);
	add_magnitude(filler, "headers", part->header_count);
	add_magnitude(filler, "URLs", text->url_count);
	add_magnitude(filler, "body", text->decoded);
	add_magnitude(filler, "HTML", text->html);
	add_magnitude(filler, "tags", text->tags);
	add_magnitude(filler, "hidden HTML", text->hidden);
	add_number(filler, "parts", text->parts, 9);
	add_number(filler, "HTML parts", text->html_parts, 3);
	add_number(filler, "plain parts", text->plain_parts, 3);
	add_number(filler, "attachments", text->attachments, 3);
	add_number(filler, "images", text->images, 3);
	add_number(filler, "base64 parts", text->base64_parts, 3);
	add_number(filler, "quoted-printable parts", text->quoted_parts, 3);
}
