#include "feature/header.h"

#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/script.h"
#include "feature/shape.h"
#include "mail/header_text.h"

enum { RANDOM_SHAPE = 16, ID_SHAPE = 10 };

/* ---- fields ---------------------------------------------------------------------- */

enum kind { VALUE, LEFT_OUT, SILENT, IDENTIFIER, RECEIVED };

static enum kind
kind_of(const struct mail_header *header)
{
	static const struct {
		struct span name;
		enum kind kind;
	} names[] = {
		{{"received", 8}, RECEIVED},
		{{"message-id", 10}, IDENTIFIER},
		{{"references", 10}, IDENTIFIER},
		{{"in-reply-to", 11}, IDENTIFIER},
		{{"date", 4}, SILENT},
		{{"resent-date", 11}, SILENT},
		{{"status", 6}, LEFT_OUT},
		{{"x-status", 8}, LEFT_OUT},
		{{"x-keywords", 10}, LEFT_OUT},
		{{"x-uid", 5}, LEFT_OUT},
		{{"content-length", 14}, LEFT_OUT},
		{{"lines", 5}, LEFT_OUT},
		{{"delivery-date", 13}, LEFT_OUT},
	};
	struct span name = header->name;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name.size == names[i].name.size && span_equal_nocase(name, names[i].name))
			return names[i].kind;
	/* The line that begins a message in a mailbox is none of its fields. */
	if (name.size > 5 && (span_starts_nocase(name, SPAN("x-dspam-")) || span_starts(name, SPAN("From "))))
		return LEFT_OUT;
	return VALUE;
}

bool
feature_header_counts(const struct mail_header *header)
{
	return kind_of(header) != LEFT_OUT;
}

/* Whether header_text would change no more than line ends and blanks. */
static bool
is_plain(struct span value, bool *folded)
{
	unsigned char line_end = 0, other = 0;

	for (size_t i = 0; i < value.size; i++) {
		unsigned char c = (unsigned char)value.data[i], end = (c == '\n') | (c == '\r');
		line_end |= end;
		other |= (c >= 127) | ((c < 32) & !end);
	}
	*folded = line_end != 0;
	for (struct span rest = value; other == 0;) {
		size_t at = span_find_byte(rest, '=');
		if (at == SPAN_NONE || at + 1 >= rest.size)
			return true;
		other = rest.data[at + 1] == '?';
		rest = span_skip(rest, at + 1);
	}
	return false;
}

struct span
feature_header_value(struct arena *arena, const struct mail_header *header, size_t *budget)
{
	struct span value = span_head(header->value, FEATURE_VALUE);
	size_t used = 0;
	bool folded;
	char *out;

	if (!is_plain(value, &folded) && *budget >= value.size) {
		*budget -= value.size;
		const char *text = header_text(arena, value, FEATURE_VALUE);
		return text == NULL ? SPAN("") : span_from(text);
	}
	value = span_trim(value);
	if (!folded)
		return value;
	if ((out = arena_text(arena, value.size + 1)) == NULL)
		return SPAN("");
	for (size_t i = 0; i < value.size; i++) {
		out[used] = value.data[i];
		used += value.data[i] != '\n' && value.data[i] != '\r';
	}
	return span_of(out, used);
}

/* ---- words ---------------------------------------------------------------------- */

struct word {
	struct span text;
	unsigned classes; /* of its bytes, together */
};

/* The next word of a value; false at the end. */
static bool
next_word(struct span *rest, struct word *word)
{
	const char *data = rest->data;
	size_t begin = 0, end, size = rest->size;
	unsigned classes = 0, class;

	while (begin < size && byte_is(data[begin], BYTE_SEPARATES))
		begin++;
	if (begin == size) /* and there may be no bytes at all */
		return false;
	for (end = begin; end < size && !((class = byte_classes[(unsigned char)data[end]]) & BYTE_SEPARATES); end++)
		classes |= class;
	*word = (struct word){span_of(data + begin, end - begin), classes};
	*rest = span_of(data + end, size - end);
	return true;
}

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

static void
add_shape(struct feature_filler *filler, const struct feature_key *key, struct span word, size_t maximum)
{
	char shape[RANDOM_SHAPE];

	feature_add_copy(filler, key, span_of(shape, shape_write(word, maximum, shape)));
}

/* A word beyond ASCII: in one form, and in pairs where a script has no blanks. */
static void
add_foreign(struct feature_filler *filler, const struct feature_key *key, struct span word)
{
	struct feature_taker taker = {filler, key};

	script_cut(word, false, NULL, feature_take, &taker);
}

/* Also what stands behind each dot: the domains that a name is in. */
static void
add_name(struct feature_filler *filler, const struct feature_key *key, struct span word)
{
	feature_add(filler, key, word);
	for (size_t i = 0; i < word.size; i++)
		if (word.data[i] == '.')
			feature_add(filler, key, span_skip(word, i));
}

static bool
ends_sentence(char c)
{
	return c == '.' || c == '!' || c == '?' || c == '\'';
}

/* Without the marks at its end, which are a word by themselves. */
static void
cut_marks(struct feature_filler *filler, const struct feature_key *key, struct word *word)
{
	size_t size = word->text.size;

	while (size > 0 && ends_sentence(word->text.data[size - 1]))
		size--;
	if (size == word->text.size)
		return;
	feature_add(filler, key, span_skip(word->text, size));
	word->text = span_head(word->text, size);
	word->classes = 0;
	for (size_t i = 0; i < size; i++)
		word->classes |= byte_classes[(unsigned char)word->text.data[i]];
}

/* Gives the kind of what was added, without the marks at the end. */
static enum shape_kind
add_word(struct feature_filler *filler, const struct feature_key *key, struct word word)
{
	cut_marks(filler, key, &word);
	enum shape_kind kind = shape_kind_by(word.text, word.classes);
	if (kind == SHAPE_ADDRESS) {
		feature_add(filler, key, word.text);
		feature_add(filler, key, network(word.text, 2));
		feature_add(filler, key, network(word.text, 3));
	} else if (kind == SHAPE_RANDOM) {
		add_shape(filler, key, word.text, RANDOM_SHAPE);
	} else if (kind == SHAPE_NAME) {
		add_name(filler, key, word.text);
	} else if (word.classes & BYTE_BEYOND) {
		add_foreign(filler, key, word.text);
	} else if (word.text.size > 0) {
		feature_add(filler, key, word.text);
	}
	return kind;
}

/* A whole address, around each @. */
static void
add_addresses(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	for (size_t at = span_find_byte(value, '@'); at != SPAN_NONE;) {
		size_t begin = at, end = at + 1;
		while (begin > 0 && !byte_is(value.data[begin - 1], BYTE_SEPARATES))
			begin--;
		while (end < value.size && !byte_is(value.data[end], BYTE_SEPARATES))
			end++;
		feature_add(filler, key, span_of(value.data + begin, end - begin));
		size_t next = span_find_byte(span_skip(value, at + 1), '@');
		at = next == SPAN_NONE ? SPAN_NONE : at + 1 + next;
	}
}

static void
add_value(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	struct word word;

	add_addresses(filler, key, value);
	while (next_word(&value, &word))
		add_word(filler, key, word);
}

/* Of an identifier only where it was made: what stands behind the @. */
static void
add_origins(struct feature_filler *filler, const struct feature_key *key, struct span value)
{
	for (size_t at = span_find_byte(value, '@'); at != SPAN_NONE; at = span_find_byte(value, '@')) {
		struct span rest = span_skip(value, at + 1);
		struct word word;
		value = rest;
		if (next_word(&rest, &word) && word.text.data == value.data)
			add_word(filler, key, word);
	}
}

/* ---- the way --------------------------------------------------------------------- */

/* What a word of the way says in a pair. */
static struct span
way_word(struct arena *arena, struct span word, enum shape_kind kind)
{
	char *shape;

	if (kind == SHAPE_ADDRESS)
		return network(word, 2);
	if (kind != SHAPE_RANDOM)
		return word;
	shape = arena_text(arena, RANDOM_SHAPE);
	return shape == NULL ? SPAN("") : span_of(shape, shape_write(word, RANDOM_SHAPE, shape));
}

/* Words up to the date, each by itself and with the one before it. */
static void
add_way(struct feature_filler *filler, const struct feature_key *words, const struct feature_key *pairs,
	struct span value)
{
	enum { PAIRS = 60 };
	struct arena *arena = feature_filler_arena(filler);
	struct span last = SPAN("^");
	struct word word;
	size_t end = span_find_byte(value, ';');
	bool after_id = false;

	value = span_head(value, end == SPAN_NONE ? value.size : end);
	for (size_t count = 0; next_word(&value, &word); count++) {
		struct span said = SPAN("(id)");
		if (after_id)
			add_shape(filler, words, word.text, ID_SHAPE);
		else
			said = way_word(arena, word.text, add_word(filler, words, word));
		if (count < PAIRS)
			feature_add_pair(filler, pairs, last, said);
		last = said;
		after_id = word.text.size == 2 && span_equal_nocase(word.text, SPAN("id"));
	}
	feature_add_pair(filler, pairs, last, SPAN("$"));
}

void
feature_header_words(struct feature_filler *filler, const struct mail_part *part)
{
	struct arena *arena = feature_filler_arena(filler);
	size_t budget = FEATURE_ENCODED;
	bool received = false;

	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		const struct mail_header *header = &part->headers[i];
		enum kind kind = kind_of(header);
		if (kind == LEFT_OUT || kind == SILENT)
			continue;
		/* The first one is of our own server. */
		struct span name = kind == RECEIVED && !received ? SPAN("received (ours)") : header->name;
		const struct feature_key words = feature_key(FEATURE_WHERE, FEATURE_HEADER_WORD, name);
		if (kind == RECEIVED) {
			const struct feature_key pairs = feature_key(FEATURE_WHERE, FEATURE_RECEIVED_PAIR, name);
			add_way(filler, &words, &pairs, span_head(header->value, FEATURE_VALUE));
			received = true;
		} else {
			(kind == IDENTIFIER ? add_origins : add_value)(filler, &words,
								       feature_header_value(arena, header, &budget));
		}
	}
}

/* ---- names ---------------------------------------------------------------------- */

void
feature_header_names(struct feature_filler *filler, const struct mail_part *part)
{
	struct feature_key one = feature_key(FEATURE_WHERE, FEATURE_HEADER_NAME, SPAN("one"));
	struct feature_key two = feature_key(FEATURE_WHERE, FEATURE_HEADER_NAME, SPAN("two"));
	struct span last = SPAN("^");

	one.of = SPAN("header");
	two.of = SPAN("headers");
	for (size_t i = 0; i < part->header_count && i < FEATURE_HEADERS; i++) {
		struct span name = part->headers[i].name;
		if (kind_of(&part->headers[i]) == LEFT_OUT)
			continue;
		feature_add(filler, &one, name);
		feature_add_pair(filler, &two, last, name);
		last = name;
	}
	feature_add_pair(filler, &two, last, SPAN("$"));
}
