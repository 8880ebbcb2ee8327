/* A block list: of any file, exactly the domains that stand on lines of their own. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/block_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span list = {(const char *)data, size}, rest = list, line;

	block_list_has(list, SPAN("example.org"));
	if (block_list_has(list, SPAN("")) || block_list_has(list, SPAN("#")) || block_list_has(list, SPAN("a\nb")))
		abort();
	for (int lines = 0; lines < 20 && span_next_line(&rest, &line); lines++) {
		struct span domain = span_trim(line);
		if (span_find_byte(domain, '@') != SPAN_NONE || span_starts(domain, SPAN("#")))
			continue;
		if (block_list_has(list, domain) != (domain.size > 0))
			abort();
	}
	return 0;
}
