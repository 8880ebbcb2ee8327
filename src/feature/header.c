#include "feature/header.h"

#include "base/ascii.h"
#include "feature/shape.h"
#include "mail/header_text.h"

enum { RANDOM_SHAPE = 16, ID_SHAPE = 10 };

bool
feature_header_counts(const struct mail_header *header)
{
	static const char *const left_out[] = {"status",         "x-status", "x-keywords",   "x-uid",
					       "content-length", "lines",    "delivery-date"};

	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (span_equal_nocase(header->name, span_from(left_out[i])))
			return false;
	return !span_starts_nocase(header->name, SPAN("x-dspam-"));
}

bool
feature_separates(char c)
{
	return (unsigned char)c <= 32 || strchr("()<>[],;\"=@:", c) != NULL;
}

bool
feature_next_word(struct span *rest, struct span *word)
{
	size_t begin = 0, end;

	while (begin < rest->size && feature_separates(rest->data[begin]))
		begin++;
	if (begin == rest->size) /* and there may be no bytes at all */
		return false;
	for (end = begin; end < rest->size && !feature_separates(rest->data[end]);)
		end++;
	*word = span_of(rest->data + begin, end - begin);
	*rest = span_skip(*rest, end);
	return true;
}

bool
feature_is_address(struct span word)
{
	size_t numbers = 0, digits = 0;

	for (size_t i = 0; i <= word.size; i++) {
		if (i < word.size && ascii_is_digit(word.data[i])) {
			if (++digits > 3)
				return false;
		} else if (digits > 0 && (i == word.size || word.data[i] == '.')) {
			numbers++;
			digits = 0;
		} else {
			return false;
		}
	}
	return numbers == 4;
}

/* ---- words ---------------------------------------------------------------------- */

/* The first `count` numbers of an address. */
static struct span
network(struct span address, size_t count)
{
	size_t i = 0;

	for (; i < address.size; i++)
		if (address.data[i] == '.' && --count == 0)
			break;
	return span_head(address, i);
}

static bool
has_letter(struct span word)
{
	for (size_t i = 0; i < word.size; i++)
		if (ascii_is_letter(word.data[i]))
			return true;
	return false;
}

/* Also what stands behind each dot: the domains that a name is in. */
static void
add_suffixes(struct feature_filler *filler, const struct feature_key *key, struct span word)
{
	if (!has_letter(word))
		return;
	for (size_t i = 0; i < word.size; i++)
		if (word.data[i] == '.')
			feature_add(filler, key, span_skip(word, i));
}

static void
add_word(struct feature_filler *filler, const struct feature_key *key, struct span word)
{
	size_t size = word.size;

	while (size > 0 && strchr(".!?'", word.data[size - 1]) != NULL)
		size--;
	if (size < word.size)
		feature_add(filler, key, span_skip(word, size));
	word = span_head(word, size);
	if (word.size == 0)
		return;
	if (feature_is_address(word)) {
		feature_add(filler, key, word);
		feature_add(filler, key, network(word, 2));
		feature_add(filler, key, network(word, 3));
	} else if (shape_is_random(word)) {
		feature_add(filler, key, shape_of(feature_filler_arena(filler), word, RANDOM_SHAPE));
	} else {
		feature_add(filler, key, word);
		add_suffixes(filler, key, word);
	}
}

/* A whole address, around each @. */
static void
add_addresses(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	for (size_t i = 0; i < value.size; i++) {
		size_t begin = i, end = i + 1;
		if (value.data[i] != '@')
			continue;
		while (begin > 0 && !feature_separates(value.data[begin - 1]))
			begin--;
		while (end < value.size && !feature_separates(value.data[end]))
			end++;
		feature_add(filler, key, span_of(value.data + begin, end - begin));
	}
}

/* Of an identifier only where it was made: what stands behind the @. */
static void
add_origins(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	for (size_t at = span_find_byte(value, '@'); at != SPAN_NONE; at = span_find_byte(value, '@')) {
		struct span rest = span_skip(value, at + 1), word;
		value = rest;
		if (feature_next_word(&rest, &word) && word.data == value.data)
			add_word(filler, key, word);
	}
}

static void
add_received(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	struct span word;
	bool after_id = false;
	size_t end = span_find_byte(value, ';');

	value = span_head(value, end == SPAN_NONE ? value.size : end);
	while (feature_next_word(&value, &word)) {
		if (after_id)
			feature_add(filler, key, shape_of(feature_filler_arena(filler), word, ID_SHAPE));
		else
			add_word(filler, key, word);
		after_id = span_equal_nocase(word, SPAN("id"));
	}
}

static void
add_value(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	struct span word;

	add_addresses(filler, key, value);
	while (feature_next_word(&value, &word))
		add_word(filler, key, word);
}

static bool
is_any(struct span name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (span_equal_nocase(name, span_from(*names)))
			return true;
	return false;
}

static struct span
decoded(struct feature_filler *filler, const struct mail_header *header)
{
	const char *text = header_text(feature_filler_arena(filler), header->value, FEATURE_VALUE);

	return text == NULL ? SPAN("") : span_from(text);
}

void
feature_header_words(struct feature_filler *filler, const struct mail_part *part)
{
	static const char *const silent[] = {"date", "resent-date", NULL};
	static const char *const identifiers[] = {"message-id", "references", "in-reply-to", NULL};
	bool received = false;

	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		const struct mail_header *header = &part->headers[i];
		bool is_received = span_equal_nocase(header->name, SPAN("received"));
		/* The first one is of our own server. */
		struct span name = is_received && !received ? SPAN("received (ours)") : header->name;
		struct feature_key key = {FEATURE_WHERE, FEATURE_HEADER_WORD, feature_seed(FEATURE_HEADER_WORD, name),
					  name};
		if (!feature_header_counts(header) || is_any(header->name, silent))
			continue;
		struct span value = decoded(filler, header);
		if (is_any(header->name, identifiers))
			add_origins(filler, &key, value);
		else
			(is_received ? add_received : add_value)(filler, &key, value);
		received |= is_received;
	}
}

/* ---- names ---------------------------------------------------------------------- */

void
feature_header_names(struct feature_filler *filler, const struct mail_part *part)
{
	const struct feature_key one = {FEATURE_WHERE, FEATURE_HEADER_NAME,
					feature_seed(FEATURE_HEADER_NAME, SPAN("one")), SPAN("header")};
	const struct feature_key two = {FEATURE_WHERE, FEATURE_HEADER_NAME,
					feature_seed(FEATURE_HEADER_NAME, SPAN("two")), SPAN("headers")};
	struct span last = SPAN("^");

	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		struct span name = part->headers[i].name;
		if (!feature_header_counts(&part->headers[i]))
			continue;
		feature_add(filler, &one, name);
		feature_add_pair(filler, &two, last, name);
		last = name;
	}
	feature_add_pair(filler, &two, last, SPAN("$"));
}

/* ---- the way, as pairs ----------------------------------------------------------- */

static struct span
way_word(struct feature_filler *filler, struct span word, bool after_id)
{
	if (after_id)
		return SPAN("(id)");
	if (feature_is_address(word))
		return network(word, 2);
	if (shape_is_random(word))
		return shape_of(feature_filler_arena(filler), word, RANDOM_SHAPE);
	return word;
}

static void
add_way(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	enum { WORDS = 60 };
	struct span word, last = SPAN("^");
	size_t end = span_find_byte(value, ';'), count = 0;
	bool after_id = false;

	value = span_head(value, end == SPAN_NONE ? value.size : end);
	for (; count < WORDS && feature_next_word(&value, &word); count++) {
		struct span said = way_word(filler, word, after_id);
		feature_add_pair(filler, key, last, said);
		after_id = span_equal_nocase(word, SPAN("id"));
		last = said;
	}
	feature_add_pair(filler, key, last, SPAN("$"));
}

void
feature_received_pairs(struct feature_filler *filler, const struct mail_part *part)
{
	bool received = false;

	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		if (!span_equal_nocase(part->headers[i].name, SPAN("received")))
			continue;
		struct span name = received ? SPAN("received") : SPAN("received (ours)");
		const struct feature_key key = {FEATURE_WHERE, FEATURE_RECEIVED_PAIR,
						feature_seed(FEATURE_RECEIVED_PAIR, name), name};
		add_way(filler, &key, span_head(part->headers[i].value, FEATURE_VALUE));
		received = true;
	}
}

/* ---- windows --------------------------------------------------------------------- */

static void
add_windows(struct feature_filler *filler, const struct mail_part *part, struct span name)
{
	enum { WINDOW = 4, LONGEST = 200 };
	const struct feature_key key = {FEATURE_WHO, FEATURE_WINDOW, feature_seed(FEATURE_WINDOW, name), name};
	const struct mail_header *header = mail_part_header(part, name);
	char *text = arena_text(feature_filler_arena(filler), LONGEST + 3);

	if (header == NULL || text == NULL)
		return;
	struct span value = span_head(decoded(filler, header), LONGEST);
	text[0] = ' ';
	for (size_t i = 0; i < value.size; i++)
		text[1 + i] = ascii_is_digit(value.data[i]) ? '9' : ascii_lower(value.data[i]);
	text[1 + value.size] = ' ';
	for (size_t i = 0; i + WINDOW <= value.size + 2; i++)
		feature_add(filler, &key, span_of(text + i, WINDOW));
}

void
feature_windows(struct feature_filler *filler, const struct mail_part *part)
{
	add_windows(filler, part, SPAN("Subject"));
	add_windows(filler, part, SPAN("From"));
}
