/* Tokens as text of dspam_dump and of bogofilter: any bytes are rows or an error with a line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "move/token_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *
open_bytes(const uint8_t *data, size_t size)
{
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");

	if (in == NULL)
		abort();
	return in;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_dump_share share;
	struct person person;
	struct error error;

	if (size == 0)
		return 0;
	struct span text = span_of((const char *)data, size);
	token_dump_is(text);
	token_dump_is_bogofilter(text);
	token_dump_is_spamassassin(text);
	FILE *in = open_bytes(data, size);
	person_init(&person);
	if (!token_dump_read(in, "dump", &person, &error) && strncmp(error.text, "dump, line ", 11) != 0)
		abort();
	person_free(&person);
	fclose(in);
	in = open_bytes(data, size);
	if (token_dump_bogofilter(in, "dump", size % 2 == 0 ? TOKENIZER_CHAIN : TOKENIZER_SBPH, &person, &share,
				  &error) &&
	    (share.used > share.words || share.used != person.count))
		abort();
	person_free(&person);
	fclose(in);
	return 0;
}
