/* clamd's reply: the same in one piece and byte by byte, bounded, and harmless to print. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/clamd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span reply = {(const char *)data, size};
	struct clamd_reply whole = {.size = 0}, bytes = {.size = 0};

	clamd_reply_push(&whole, reply);
	clamd_reply_end(&whole);
	for (size_t i = 0; i < size; i++)
		clamd_reply_push(&bytes, span_of(reply.data + i, 1));
	clamd_reply_end(&bytes);
	if (!whole.complete || whole.verdict != bytes.verdict || strcmp(whole.text, bytes.text) != 0)
		abort();
	if (strlen(whole.text) > CLAMD_NAME_MAX)
		abort();
	for (const char *c = whole.text; *c != '\0'; c++)
		if (*c < 32 || *c > 126)
			abort();
	if (whole.verdict == CLAMD_CLEAN && span_find(reply, SPAN("stream: OK")) == SPAN_NONE)
		abort();
	return 0;
}
