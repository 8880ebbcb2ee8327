/* Unwrapping: what comes out is the message, a part of it, or a copy that is no longer; and all of it can be read. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/spamassassin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span raw = {(const char *)data, size};
	struct arena *arena = arena_new(((size_t)4 << 20) + 64 * size);
	struct span out = spamassassin_unwrap(arena, raw);

	if (out.size > size + 1) /* base64 gets an LF at its end */
		abort();
	if (span_find_nocase(raw, SPAN("X-Spam-")) == SPAN_NONE && (out.data != raw.data || out.size != raw.size))
		abort();
	volatile char sum = 0;
	for (size_t i = 0; i < out.size; i++)
		sum = (char)(sum + out.data[i]);
	arena_free(arena);
	return 0;
}
