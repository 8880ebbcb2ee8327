#include "filter/block_list.h"

bool
block_list_has(struct span list, struct span domain)
{
	struct span line;

	while (domain.size > 0 && span_next_line(&list, &line)) {
		line = span_trim(line);
		if (span_starts(line, SPAN("@")))
			line = span_skip(line, 1);
		if (!span_starts(line, SPAN("#")) && span_equal_nocase(line, domain))
			return true;
	}
	return false;
}
