/* Blobs that a database may hold as signatures, with each tokenizer: tokens or an error; and back again. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(struct span data, enum tokenizer tokenizer)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct tokenize_options options = {.tokenizer = tokenizer, .url_context = true, .whitelist = true};
	struct error error = {.code = ERROR_NONE};
	struct token_set *set = signature_decode(arena, data, &options, &error);

	if (set == NULL && (error.code == ERROR_NONE || error.text[0] == '\0'))
		abort();
	if (set != NULL && tokenizer != TOKENIZER_SBPH) {
		struct span again = signature_encode(arena, tokenizer, NULL, set, NULL, 0);
		struct token_set *twice = signature_decode(arena, again, &options, &error);
		if (again.data == NULL || twice == NULL || twice->count != set->count)
			abort();
		for (size_t i = 0; i < set->count; i++)
			if (twice->tokens[i].id != set->tokens[set->order[i]].id ||
			    twice->tokens[i].frequency != set->tokens[set->order[i]].frequency)
				abort();
	}
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span blob = {(const char *)data, size};
	struct arena *arena = arena_new((size_t)64 << 20);

	for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++)
		decode(blob, (enum tokenizer)tokenizer);
	/* the same bytes as a message that carries a signature */
	struct message *message = message_parse(arena, blob);
	for (int headers_first = 0; message != NULL && headers_first <= 1; headers_first++) {
		struct span ids[SIGNATURE_CANDIDATES];
		size_t count = signature_find(message, headers_first != 0, ids);
		for (size_t i = 0; i < count; i++)
			if (!signature_id_valid(ids[i]))
				abort();
	}
	arena_free(arena);
	return 0;
}
