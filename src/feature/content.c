#include "feature/content.h"

#include "base/ascii.h"
#include "feature/byte.h"
#include "feature/script.h"
#include "feature/shape.h"

/* ---- words ---------------------------------------------------------------------- */

static bool
is_edge(char c)
{
	return c == '.' || c == '-' || c == '\'' || c == '_';
}

static struct span
trim_word(struct span word)
{
	while (word.size > 0 && (is_edge(word.data[word.size - 1]) || word.data[word.size - 1] == '@'))
		word.size--;
	while (word.size > 0 && is_edge(word.data[0]))
		word = span_of(word.data + 1, word.size - 1);
	return word;
}

/* A stretch of word bytes some of which are beyond ASCII. */
static void
cut_stretch(const struct feature_taker *taker, struct span stretch, struct script_tricks *tricks)
{
	while (stretch.size > 0) {
		struct span head = script_head(stretch, SCRIPT_STRETCH);
		if (head.size == 0) /* no character is that long */
			head = span_head(stretch, SCRIPT_STRETCH);
		script_cut(head, true, tricks, feature_take, (void *)(uintptr_t)taker);
		stretch = span_skip(stretch, head.size);
	}
}

static void
add_tricks(struct feature_filler *filler, const struct script_tricks *tricks)
{
	const struct {
		const char *name;
		size_t count;
	} counts[] = {
		{"words with hidden characters", tricks->hidden},
		{"words of mixed scripts", tricks->mixed},
		{"words in disguise", tricks->disguised},
	};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		const struct feature_key key = feature_content_key(FEATURE_COUNT, counts[i].name);
		if (counts[i].count > 0)
			feature_add_magnitude(filler, &key, counts[i].count);
	}
}

/* Words of ASCII, in pieces if they are long. */
static void
add_pieces(const struct feature_taker *taker, struct span word)
{
	enum { LONGEST = 40 };

	for (; word.size > 0; word = span_skip(word, LONGEST)) {
		struct span piece = trim_word(span_head(word, LONGEST));
		if (piece.size > 0)
			feature_add(taker->filler, taker->key, piece);
	}
}

/* Gives the size of the longest. `folded` ends with a NUL, which is of no word. */
static size_t
cut_words(const struct feature_taker *taker, struct span text, const char *folded, struct script_tricks *tricks)
{
	size_t longest = 0;

	for (size_t i = 0; i < text.size; i++) {
		size_t begin = i;
		unsigned classes = 0, class;
		for (; (class = byte_classes[(unsigned char)folded[i]]) & BYTE_WORD; i++)
			classes |= class;
		if (classes & BYTE_BEYOND)
			cut_stretch(taker, span_of(text.data + begin, i - begin), tricks);
		else if (i > begin)
			add_pieces(taker, span_of(folded + begin, i - begin));
		longest = i - begin > longest ? i - begin : longest;
	}
	return longest;
}

void
feature_words(struct feature_filler *filler, struct feature_text *text)
{
	const struct feature_key key = feature_key(FEATURE_CONTENT, FEATURE_WORD, SPAN(""));
	const struct feature_taker taker = {filler, &key};
	struct script_tricks tricks = {0};
	char *folded = arena_text(feature_filler_arena(filler), text->visible.size + 1);

	if (folded == NULL)
		return;
	for (size_t i = 0; i < text->visible.size; i++)
		folded[i] = ascii_lower(text->visible.data[i]);
	folded[text->visible.size] = '\0';
	text->longest_word = cut_words(&taker, text->visible, folded, &tricks);
	add_tricks(filler, &tricks);
}

/* ---- lines ---------------------------------------------------------------------- */

void
feature_line_shapes(struct feature_filler *filler, const struct feature_text *text)
{
	enum { LOOKED_AT = 4000, OF_A_LINE = 60, LONGEST = 12 };
	struct feature_key key = feature_key(FEATURE_CONTENT, FEATURE_LINE_SHAPE, SPAN(""));
	char shape[LONGEST];
	struct span rest = span_head(text->visible, LOOKED_AT), line;

	key.of = SPAN("line");
	while (span_next_line(&rest, &line)) {
		while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
			line.size--;
		if (line.size > 0)
			feature_add_copy(filler, &key,
					 span_of(shape, shape_write(span_head(line, OF_A_LINE), LONGEST, shape)));
	}
}

/* ---- addresses of the web ----------------------------------------------------------- */

static void
add_url(struct feature_filler *filler, const struct feature_key *key, const struct feature_url *url)
{
	char shape[40];

	feature_add(filler, key, url->host);
	for (size_t i = 1; i < url->host.size; i++)
		if (url->host.data[i] == '.')
			feature_add(filler, key, span_skip(url->host, i));
	feature_add_copy(filler, key, span_of(shape, shape_write(url->whole, sizeof shape, shape)));
	for (size_t i = 0; i < url->path.size; i++) {
		size_t begin = i;
		while (i < url->path.size && byte_is(url->path.data[i], BYTE_LETTER | BYTE_DIGIT))
			i++;
		if (i > begin)
			feature_add(filler, key, span_of(url->path.data + begin, i - begin));
	}
}

/* Both views see the same. */
void
feature_urls(struct feature_filler *filler, const struct feature_text *text)
{
	struct feature_key where = feature_key(FEATURE_WHERE, FEATURE_URL, SPAN("")),
			   content = feature_key(FEATURE_CONTENT, FEATURE_URL, SPAN(""));
	const struct feature_set *set = feature_filler_set(filler);
	const size_t first = set->count;

	where.of = content.of = SPAN("URL");
	for (size_t i = 0; i < text->url_count; i++)
		add_url(filler, &where, &text->urls[i]);
	for (size_t i = first, end = set->count; i < end; i++)
		feature_add(filler, &content, set->features[i].text);
}
