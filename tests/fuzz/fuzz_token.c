/*
 * Any header and body text (divided by the first 0x01) through all tokenizers: every token is at most 255
 * bytes, has the identifier of its text, and the order is that of the buckets.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/crc64.h"
#include "token/tokenize.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct token_set *set, uint64_t *occurrences)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct token *token = &set->tokens[i];
		struct span text = span_from(token->text);
		if (token->frequency == 0 || text.size > 255)
			abort();
		/* a NUL may stand in it, and then the text is only the beginning */
		if (text.size == 0 && token->id != 0 && token->text[0] != '\0')
			abort();
		*occurrences += token->frequency;
	}
	for (size_t i = 1; i < set->count; i++)
		if (set->tokens[set->order[i - 1]].id % TOKEN_BUCKETS > set->tokens[set->order[i]].id % TOKEN_BUCKETS)
			abort();
	for (size_t i = 0; i < set->word_count; i++)
		if (set->words[i] >= set->count)
			abort();
	for (size_t i = 0; i < set->pair_count; i++)
		if (set->pairs[i] >= set->count)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	size_t divide = span_find_byte(text, '\x01');
	struct flat flat = {span_head(text, divide), divide == SPAN_NONE ? SPAN("") : span_skip(text, divide + 1)};
	struct header_set *ignored = header_set_new();
	uint64_t occurrences[4] = {0};

	header_set_add(ignored, SPAN("Received"));
	for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++) {
		struct arena *arena = arena_new((size_t)256 << 20);
		struct tokenize_options options = {(enum tokenizer)tokenizer, size % 2 == 0, true, true, ignored};
		struct token_set *set = tokenize(arena, &flat, &options);
		if (set == NULL)
			abort();
		check(set, &occurrences[tokenizer]);
		arena_free(arena);
	}
	/* a chain is the words, and the pairs between them */
	if (occurrences[TOKENIZER_CHAIN] < occurrences[TOKENIZER_WORD] ||
	    occurrences[TOKENIZER_CHAIN] > 2 * occurrences[TOKENIZER_WORD])
		abort();
	header_set_free(ignored);
	return 0;
}
