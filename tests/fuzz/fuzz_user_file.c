/* A person as text: what can be read is written as it was, but for the order of its lines; the rest is an error. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crc64.h"
#include "move/user_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
read_text(const char *text, size_t size, struct person *person)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
	struct error error;

	if (in == NULL)
		abort();
	person_init(person);
	bool done = user_file_read(in, "file", person, &error);
	fclose(in);
	person_finish(person);
	return done;
}

static char *
write_text(const struct person *person, size_t *size)
{
	struct error error;
	char *text;
	size_t ballots;
	FILE *out = open_memstream(&text, size);

	if (out == NULL || !user_file_write(person, out, &ballots, &error) || fclose(out) != 0)
		abort();
	return text;
}

/* The lines with a head and an end that are right. */
static char *
complete(const uint8_t *data, size_t size, size_t *all)
{
	static const char head[] = "dspam-user 1\nname anna\n";
	char *text = malloc(sizeof head + size + 64);
	unsigned long lines = 0;

	if (text == NULL)
		abort();
	memcpy(text, head, sizeof head - 1);
	memcpy(text + sizeof head - 1, data, size);
	*all = sizeof head - 1 + size;
	if (text[*all - 1] != '\n')
		text[(*all)++] = '\n';
	for (size_t i = 0; i < *all; i++)
		lines += text[i] == '\n';
	*all += (size_t)snprintf(text + *all, 64, "end %lu %016" PRIx64 "\n", lines,
				 crc64(~UINT64_C(0), span_of(text, *all)));
	return text;
}

static void
check(const char *text, size_t size)
{
	struct person first, second;
	size_t once, twice;

	if (read_text(text, size, &first)) {
		char *written = write_text(&first, &once);
		if (!read_text(written, once, &second) || person_checksum(&first) != person_checksum(&second))
			abort();
		char *again = write_text(&second, &twice);
		if (once != twice || memcmp(written, again, once) != 0)
			abort();
		person_free(&second);
		free(written);
		free(again);
	}
	person_free(&first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t all;

	if (size == 0)
		return 0;
	check((const char *)data, size);
	char *text = complete(data, size, &all);
	check(text, all);
	free(text);
	return 0;
}
