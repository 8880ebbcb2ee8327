/* Header values with encoded words: the result is the value, or text of our own that is no longer than it. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/encoded_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = {(const char *)data, size};
	struct arena *arena = arena_new(((size_t)1 << 20) + 4 * size);
	bool full = false;
	struct span out = encoded_word_flatten(arena, value, &full);

	if (full || out.size > size + 1)
		abort();
	if (span_find(value, SPAN("=?")) == SPAN_NONE && (out.data != value.data || out.size != value.size))
		abort();
	/* every byte of it can be read */
	volatile char sum = 0;
	for (size_t i = 0; i < out.size; i++)
		sum = (char)(sum + out.data[i]);
	arena_free(arena);
	return 0;
}
