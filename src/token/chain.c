#include "token/lines.h"

/* now!!! is now! - the last of several exclamation marks goes while another stands before it. */
static struct span
trim_exclamation(struct span piece)
{
	while (piece.size >= 2 && piece.data[piece.size - 2] == '!')
		piece.size--;
	return piece;
}

void
chain_tokenize(struct token_set *set, struct span text, const struct key *prefix, bool is_header, bool pairs,
	       bool text_order)
{
	const struct delimiters *delimiters = is_header ? &delimiters_header : &delimiters_body;
	struct key previous, word;
	bool has_previous = false;
	struct span piece;

	while (!set->truncated && words_next(&text, delimiters, &piece)) {
		if (piece.size > WORD_SIZE_MAX)
			continue;
		piece = trim_exclamation(piece);
		key_copy(&word, prefix);
		key_append(&word, piece);
		uint32_t index = key_add(&word, set);
		if (text_order && !is_header)
			text_order_add(set, false, index);
		if (!pairs)
			continue;
		if (has_previous) {
			key_append(&previous, SPAN("+"));
			key_append(&previous, piece);
			index = key_add(&previous, set);
			if (text_order && !is_header)
				text_order_add(set, true, index);
		}
		key_copy(&previous, &word);
		has_previous = true;
	}
}
