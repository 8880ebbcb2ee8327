/* Header values for logs: one line of UTF-8, within its bound, whatever came. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/header_text.h"

#define MAXIMUM 255

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	const char *text = header_text(arena, span_of((const char *)data, size), MAXIMUM);

	if (text == NULL || strlen(text) > MAXIMUM)
		abort();
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			abort();
	/* it is UTF-8, so that reading it again changes nothing but words that decoding has made */
	const char *again = header_text(arena, span_from(text), MAXIMUM);
	if (strstr(text, "=?") == NULL && strcmp(text, again) != 0)
		abort();
	arena_free(arena);
	return 0;
}
