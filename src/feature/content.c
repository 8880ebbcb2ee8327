#include "feature/content.h"

#include "base/ascii.h"
#include "feature/shape.h"

/* ---- words ---------------------------------------------------------------------- */

static bool
is_word_byte(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || (unsigned char)c >= 128 ||
	       (c != '\0' && strchr("$'-_!.@%", c) != NULL);
}

static struct span
trim_word(struct span word)
{
	while (word.size > 0 && strchr(".-'@_", word.data[word.size - 1]) != NULL)
		word.size--;
	while (word.size > 0 && strchr(".-'_", word.data[0]) != NULL)
		word = span_skip(word, 1);
	return word;
}

void
feature_words(struct feature_filler *filler, const struct feature_text *text)
{
	enum { LONGEST = 40 };
	const struct feature_key key = {FEATURE_CONTENT, FEATURE_WORD, feature_seed(FEATURE_WORD, SPAN("")), SPAN("")};
	char *folded = arena_text(feature_filler_arena(filler), text->visible.size + 1);

	if (folded == NULL)
		return;
	for (size_t i = 0; i < text->visible.size; i++)
		folded[i] = ascii_lower(text->visible.data[i]);
	for (size_t i = 0; i < text->visible.size;) {
		size_t begin = i;
		while (i < text->visible.size && is_word_byte(folded[i]) && i - begin < LONGEST)
			i++;
		struct span word = trim_word(span_of(folded + begin, i - begin));
		if (word.size > 0)
			feature_add(filler, &key, word);
		i += i == begin;
	}
}

/* ---- lines ---------------------------------------------------------------------- */

void
feature_line_shapes(struct feature_filler *filler, const struct feature_text *text)
{
	enum { LOOKED_AT = 4000, OF_A_LINE = 60, LONGEST = 12 };
	const struct feature_key key = {FEATURE_CONTENT, FEATURE_LINE_SHAPE, feature_seed(FEATURE_LINE_SHAPE, SPAN("")),
					SPAN("line")};
	struct span rest = span_head(text->visible, LOOKED_AT), line;

	while (span_next_line(&rest, &line)) {
		while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
			line.size--;
		if (line.size > 0)
			feature_add(filler, &key,
				    shape_of(feature_filler_arena(filler), span_head(line, OF_A_LINE), LONGEST));
	}
}

/* ---- addresses of the web ----------------------------------------------------------- */

static struct span
behind_scheme(struct span url)
{
	size_t scheme = span_find(url, SPAN("://"));

	return scheme == SPAN_NONE ? url : span_skip(url, scheme + 3);
}

struct span
feature_url_host(struct span url)
{
	struct span rest = behind_scheme(url);
	size_t size = 0, at;

	while (size < rest.size && strchr("/?#", rest.data[size]) == NULL)
		size++;
	rest = span_head(rest, size);
	if ((at = span_find_byte(rest, '@')) != SPAN_NONE)
		rest = span_skip(rest, at + 1);
	if ((at = span_find_byte(rest, ':')) != SPAN_NONE)
		rest = span_head(rest, at);
	return rest;
}

static void
add_url(struct feature_filler *filler, const struct feature_key *key, struct span url)
{
	struct span host = feature_url_host(url), rest = behind_scheme(url);

	feature_add(filler, key, host);
	for (size_t i = 1; i < host.size; i++)
		if (host.data[i] == '.')
			feature_add(filler, key, span_skip(host, i));
	feature_add(filler, key, shape_of(feature_filler_arena(filler), url, 40));
	rest = span_skip(rest, host.size);
	for (size_t i = 0; i < rest.size;) {
		size_t begin = i;
		while (i < rest.size && (ascii_is_letter(rest.data[i]) || ascii_is_digit(rest.data[i])))
			i++;
		if (i > begin)
			feature_add(filler, key, span_of(rest.data + begin, i - begin));
		i += i == begin;
	}
}

void
feature_urls(struct feature_filler *filler, const struct feature_text *text)
{
	static const enum feature_view views[] = {FEATURE_WHERE, FEATURE_CONTENT};

	for (size_t v = 0; v < 2; v++) {
		const struct feature_key key = {views[v], FEATURE_URL, feature_seed(FEATURE_URL, SPAN("")),
						SPAN("URL")};
		for (size_t i = 0; i < text->url_count; i++)
			add_url(filler, &key, text->urls[i]);
	}
}
