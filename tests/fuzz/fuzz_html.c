/* HTML: what remains is no longer than what came in, and the same when it is stripped in place. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* exactly as much room as there is input */
	char *out = malloc(size > 0 ? size : 1), *place = malloc(size > 0 ? size : 1);
	size_t used = html_strip(span_of((const char *)data, size), out);

	if (used > size)
		abort();
	if (size > 0)
		memcpy(place, data, size);
	if (html_strip(span_of(place, size), place) != used || memcmp(out, place, used) != 0)
		abort();
	free(out);
	free(place);
	return 0;
}
