#include "mail/embedded.h"

#include "base/ascii.h"

bool
embedded_find(struct span text, struct span *id, struct span *mark)
{
	size_t at = span_find(text, SPAN("!DSPAM:"));

	if (at == SPAN_NONE)
		return false;
	struct span rest = span_skip(text, at + strlen("!DSPAM:"));
	size_t size = 0;
	while (size < rest.size && size < EMBEDDED_SIGNATURE_SIZE &&
	       (ascii_is_letter(rest.data[size]) || ascii_is_digit(rest.data[size]) || rest.data[size] == ' ' ||
		rest.data[size] == ','))
		size++;
	*id = span_trim(span_head(rest, size));
	size_t whole = strlen("!DSPAM:") + size + (size < rest.size);
	*mark = span_head(span_skip(text, at), whole);
	return true;
}
