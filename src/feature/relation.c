/* How the headers agree with each other. */
#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/header.h"
#include "feature/shape.h"
#include "feature/structure.h"
#include "mail/field.h"

struct span
feature_organisation(struct span domain)
{
	static const char *const shared[] = {"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"};
	size_t dots[3] = {0}, count = 0;

	for (size_t i = domain.size; i > 0 && count < 3; i--)
		if (domain.data[i - 1] == '.')
			dots[count++] = i;
	if (count < 2)
		return domain;
	struct span second = span_of(domain.data + dots[1], dots[0] - 1 - dots[1]);
	for (size_t i = 0; domain.size - dots[0] == 2 && i < sizeof shared / sizeof shared[0]; i++)
		if (span_equal_nocase(second, span_from(shared[i])))
			return count < 3 ? domain : span_skip(domain, dots[2]);
	return span_skip(domain, dots[1]);
}

static struct feature_key
relation(const char *name)
{
	return feature_key(FEATURE_WHERE, FEATURE_RELATION, span_from(name));
}

/* ---- domains ----------------------------------------------------------------------- */

static struct span
value_of(const struct mail_part *part, const char *name)
{
	const struct mail_header *header = mail_part_header(part, span_from(name));

	return header == NULL ? SPAN("") : span_head(header->value, FEATURE_VALUE);
}

/* Up to what cannot be in a domain. */
static struct span
domain_of(struct span value)
{
	struct span domain = mail_field_domain(value);
	size_t size = 0;

	while (size < domain.size && !byte_is(domain.data[size], BYTE_SEPARATES))
		size++;
	return span_head(domain, size);
}

static const char *
compare(struct span a, struct span b)
{
	if (a.size == 0 || b.size == 0)
		return a.size == b.size ? "neither" : "absent";
	if (span_equal_nocase(a, b))
		return "equal";
	return span_equal_nocase(feature_organisation(a), feature_organisation(b)) ? "related" : "other";
}

static void
add_domains(struct feature_filler *filler, const struct mail_part *part)
{
	static const char *const names[] = {"From", "Reply-To", "Message-ID", "Return-Path", "To", "Sender"};
	static const struct {
		unsigned a, b;
		const char *name;
	} pairs[] = {
		{0, 1, "From and Reply-To"}, {0, 2, "From and Message-ID"},        {0, 3, "From and Return-Path"},
		{0, 4, "From and To"},       {2, 3, "Message-ID and Return-Path"}, {2, 4, "Message-ID and To"},
		{0, 5, "From and Sender"},
	};
	struct span domains[6];

	for (size_t i = 0; i < 6; i++)
		domains[i] = domain_of(value_of(part, names[i]));
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		const struct feature_key key = relation(pairs[i].name);
		feature_add(filler, &key, span_from(compare(domains[pairs[i].a], domains[pairs[i].b])));
	}
	const struct feature_key key = relation("From in Received");
	struct span organisation = feature_organisation(domains[0]);
	bool found = false;
	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS && organisation.size > 0 && !found; i++)
		found = span_equal_nocase(part->headers[i].name, SPAN("received")) &&
			span_find(span_head(part->headers[i].value, FEATURE_VALUE), organisation) != SPAN_NONE;
	feature_add(filler, &key, span_from(organisation.size == 0 ? "no domain" : found ? "yes" : "no"));
}

static void
add_from(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key form = relation("form of From"), local = relation("digits in From");
	struct span value = span_trim(value_of(part, "From"));
	size_t at = span_find_byte(value, '@'), digits = 0;

	const char *said = value.size == 0                           ? "none"
			   : value.data[0] == '"'                    ? "quoted name"
			   : value.data[0] == '<'                    ? "angle only"
			   : span_find_byte(value, '<') != SPAN_NONE ? "name"
			   : span_find_byte(value, '(') != SPAN_NONE ? "comment"
								     : "bare";
	feature_add(filler, &form, span_from(said));
	for (size_t i = at == SPAN_NONE ? 0 : at; i > 0 && !byte_is(value.data[i - 1], BYTE_SEPARATES); i--)
		digits += ascii_is_digit(value.data[i - 1]);
	feature_add_number(filler, &local, digits, 5);
}

/* ---- date, subject, recipients ------------------------------------------------------- */

static void
add_zone(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key key = relation("time zone");
	struct span value = span_trim(value_of(part, "Date"));
	size_t begin = 0;

	for (size_t i = 0; i + 5 <= value.size; i++)
		if ((value.data[i] == '+' || value.data[i] == '-') && ascii_is_digit(value.data[i + 1]) && i > 8)
			begin = i;
	if (value.size == 0)
		feature_add(filler, &key, SPAN("no date"));
	else
		feature_add(filler, &key, begin > 0 ? span_head(span_skip(value, begin), 12) : SPAN("none"));
}

static void
add_thread(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key key = relation("thread");
	struct span subject = value_of(part, "Subject");

	struct phrase phrase;

	phrase.size = 0;
	if (span_starts_nocase(subject, SPAN("re:")))
		phrase_add(&phrase, SPAN("Re "));
	if (mail_part_header(part, SPAN("In-Reply-To")) != NULL)
		phrase_add(&phrase, SPAN("In-Reply-To "));
	if (mail_part_header(part, SPAN("References")) != NULL)
		phrase_add(&phrase, SPAN("References"));
	feature_add_copy(filler, &key, phrase_span(&phrase));
}

static void
add_subject(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key form = relation("form of Subject"), marks = relation("marks in Subject"),
				 length = relation("length of Subject"), coding = relation("coding of Subject");
	struct span value = span_trim(value_of(part, "Subject"));
	size_t upper = 0, letters = 0, digits = 0, beyond = 0;
	char seen[4] = "";
	size_t mark_count = 0;
	struct phrase phrase;

	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];
		upper += c >= 'A' && c <= 'Z';
		letters += ascii_is_letter(c);
		digits += ascii_is_digit(c);
		beyond += (unsigned char)c >= 128;
	}
	for (size_t i = 0; i < 3; i++)
		if (span_find_byte(value, "!?$"[i]) != SPAN_NONE)
			seen[mark_count++] = "!?$"[i];
	phrase.size = 0;
	phrase_add(&phrase, SPAN("upper "));
	phrase_add_number(&phrase, letters > 0 ? 5 * upper / letters : 0);
	phrase_add(&phrase, SPAN(", digits "));
	phrase_add_number(&phrase, digits > 4 ? 5 : digits);
	phrase_add(&phrase, beyond > 0 ? SPAN(", 8-bit") : SPAN(""));
	feature_add_copy(filler, &form, phrase_span(&phrase));
	feature_add_copy(filler, &marks, span_of(seen, mark_count));
	feature_add_magnitude(filler, &length, value.size);
	size_t begin = span_find(value, SPAN("=?"));
	if (begin == SPAN_NONE)
		return;
	struct span word = span_skip(value, begin + 2);
	size_t end = span_find_byte(word, '?');
	if (end == SPAN_NONE || end + 1 >= word.size)
		return;
	phrase.size = 0;
	phrase_add(&phrase, span_head(word, end < 30 ? end : 30));
	phrase_add(&phrase, ascii_lower(word.data[end + 1]) == 'b' ? SPAN(" B") : SPAN(" Q"));
	feature_add_copy(filler, &coding, phrase_span(&phrase));
}

static size_t
count_byte(struct span text, char byte)
{
	size_t count = 0;

	for (size_t i = 0; i < text.size; i++)
		count += text.data[i] == byte;
	return count;
}

void
feature_relations(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key to = relation("number of To"), cc = relation("number of Cc");

	add_domains(filler, part);
	add_from(filler, part);
	add_zone(filler, part);
	add_thread(filler, part);
	add_subject(filler, part);
	feature_add_magnitude(filler, &to, count_byte(value_of(part, "To"), '@'));
	feature_add_magnitude(filler, &cc, count_byte(value_of(part, "Cc"), '@'));
}

/* ---- the way ---------------------------------------------------------------------------- */

struct hop {
	struct span helo, name;
	bool forged, unknown; /* says our side */
};

/* Up to one of some bytes that separate words. */
static struct span
until(struct span text, const char *ends)
{
	size_t size = 0;

	while (size < text.size && !(byte_is(text.data[size], BYTE_SEPARATES) && strchr(ends, text.data[size]) != NULL))
		size++;
	return span_head(text, size);
}

/* from HELO (NAME [ADDRESS]) */
static struct hop
read_hop(struct span value)
{
	struct hop hop = {.helo = {0}};
	size_t begin = span_find_nocase(value, SPAN("from "));

	if (begin == SPAN_NONE || begin > 20)
		return hop;
	value = span_skip(value, begin + 5);
	hop.helo = until(value, " \t\r\n(;");
	value = span_trim(span_skip(value, hop.helo.size));
	if (value.size == 0 || value.data[0] != '(')
		return hop;
	struct span inside = until(span_skip(value, 1), ")");
	size_t open = span_find_byte(inside, '[');
	hop.forged = span_find(inside, SPAN("may be forged")) != SPAN_NONE;
	hop.unknown = span_find(inside, SPAN("unknown")) != SPAN_NONE;
	hop.name = until(span_head(inside, open == SPAN_NONE ? inside.size : open), " \t\r\n[");
	if (span_starts_nocase(hop.name, SPAN("helo")) || span_starts_nocase(hop.name, SPAN("ehlo")))
		hop.name = SPAN("");
	return hop;
}

static size_t
count_digits(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.size; i++)
		count += ascii_is_digit(text.data[i]);
	return count;
}

static void
add_hop(struct feature_filler *filler, const struct hop *hop, size_t index)
{
	static const char *const names[] = {"hop 0", "hop 1", "hop 2", "hop 3 and on"};
	const struct feature_key key = relation(names[index < 3 ? index : 3]);
	bool unknown = hop->name.size == 0 || span_starts_nocase(hop->name, SPAN("unknown"));

	const char *helo = hop->helo.size == 0 ? "HELO is missing"
			   : hop->helo.data[0] == '[' || shape_kind_of(hop->helo) == SHAPE_ADDRESS
				   ? "HELO is an address"
			   : span_find_byte(hop->helo, '.') == SPAN_NONE ? "HELO is without dot"
									 : "HELO is a name";
	feature_add(filler, &key, span_from(helo));
	struct phrase phrase;
	phrase.size = 0;
	phrase_add(&phrase, SPAN("name "));
	phrase_add(&phrase, span_from(unknown ? "unknown" : compare(hop->helo, hop->name)));
	feature_add_copy(filler, &key, phrase_span(&phrase));
	if (!unknown && count_digits(hop->name) > 3)
		feature_add(filler, &key, SPAN("name looks generated"));
}

void
feature_hops(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key count_key = relation("number of hops"), said = relation("said in Received");
	size_t count = 0;
	bool forged = false, unknown = false;

	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		struct span value = span_head(part->headers[i].value, FEATURE_VALUE);
		if (!span_equal_nocase(part->headers[i].name, SPAN("received")))
			continue;
		const struct hop hop = read_hop(value);
		add_hop(filler, &hop, count++);
		forged |= hop.forged;
		unknown |= hop.unknown;
	}
	feature_add_number(filler, &count_key, count, 13);
	feature_add(filler, &said,
		    forged    ? unknown ? SPAN("may be forged, unknown") : SPAN("may be forged")
		       : unknown ? SPAN("unknown")
			      : SPAN("neither"));
}
