#include "token/lines.h"

#define WINDOW 5

/*
 * The token of words[0] and those of the following words whose bit is set in `mask`
 * (bit 0: words[1]): joined by +, a word left out inside is #. A word that would push the
 * key over its limit is left out silently.
 */
static uint32_t
add_pattern(struct token_set *set, const struct key *prefix, const struct span *words, unsigned mask)
{
	struct key key;
	size_t gaps = 0;

	key_copy(&key, prefix);
	key_append(&key, words[0]);
	for (unsigned rest = mask, i = 1; rest != 0; rest >>= 1, i++) {
		if ((rest & 1) == 0) {
			gaps++;
			continue;
		}
		if (key.size + 2 * gaps + 1 + words[i].size > TOKEN_SIZE_MAX)
			continue;
		for (; gaps > 0; gaps--)
			key_append(&key, SPAN("+#"));
		key_append(&key, SPAN("+"));
		key_append(&key, words[i]);
	}
	return key_add(&key, set);
}

/* All tokens that begin with the first word of a window of `count` words. */
static void
add_window(struct token_set *set, const struct key *prefix, const struct span *words, unsigned count, bool all,
	   bool text_order)
{
	unsigned patterns = 1U << (count - 1);

	for (unsigned mask = all ? 0 : 1; mask < patterns; mask = all ? mask + 1 : mask << 1) {
		uint32_t index = add_pattern(set, prefix, words, mask);
		if (text_order)
			text_order_add(set, false, index);
	}
}

void
sparse_tokenize(struct token_set *set, struct span text, const struct key *prefix, bool is_header, bool all,
		bool text_order)
{
	const struct delimiters *delimiters = is_header ? &delimiters_sparse_header : &delimiters_sparse_body;
	struct span words[WINDOW], piece;
	unsigned count = 0;

	while (!set->truncated && words_next(&text, delimiters, &piece)) {
		if (piece.size > WORD_SIZE_MAX)
			continue;
		words[count++] = piece;
		if (count < WINDOW)
			continue;
		add_window(set, prefix, words, count, all, text_order);
		memmove(words, words + 1, (WINDOW - 1) * sizeof *words);
		count--;
	}
	for (const struct span *rest = words; count > 0; rest++, count--)
		add_window(set, prefix, rest, count, all, text_order);
}
