/* Files of the hash driver: the same rows, or the same error, whatever the pieces; rows are distinct and in order. */
#include <stdint.h>
#include <stdlib.h>

#include "move/css.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
parse(struct span bytes, size_t step, struct person *person, struct error *error)
{
	struct css css;

	person_init(person);
	css_begin(&css, bytes.size, 20000);
	for (; bytes.size > 0; bytes = span_skip(bytes, step))
		if (!css_push(&css, span_head(bytes, step), error)) {
			css_free(&css);
			return false;
		}
	if (!css_end(&css, person, error))
		return false;
	size_t count = person->count;
	person_finish(person);
	if (person->count != count)
		abort();
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of((const char *)data, size);
	struct person whole, pieces;
	struct error first, second;
	bool good = parse(bytes, size + 1, &whole, &first);

	if (parse(bytes, 1 + size % 31, &pieces, &second) != good || whole.count != pieces.count ||
	    person_checksum(&whole) != person_checksum(&pieces))
		abort();
	if (!good && (whole.count > 0 || strcmp(first.text, second.text) != 0))
		abort();
	if (whole.count > size / 24)
		abort();
	for (size_t i = 0; i < whole.count; i++)
		if (whole.rows[i].token == 0 || whole.rows[i].spam > 0x0FFFFFFF || whole.rows[i].innocent > 0x0FFFFFFF)
			abort();
	person_free(&whole);
	person_free(&pieces);
	return 0;
}
