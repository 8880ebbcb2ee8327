/* Dumps of SQL: any bytes are persons or an error with a line; names and signatures can be those of the store. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/signature.h"
#include "move/sql_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct person *person)
{
	if (person->name != NULL && !store_name_valid(span_from(person->name)))
		abort();
	for (size_t i = 0; i < person->signature_count; i++)
		if (!signature_id_valid(span_from(person->signatures[i].id)))
			abort();
	for (size_t i = 0; i < person->count; i++)
		if (person->rows[i].spam > INT32_MAX || person->rows[i].innocent > INT32_MAX)
			abort();
	if (person->totals.spam_learned < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_dump_options options = {.pgsql = size % 2 == 0, .today = 20000};
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct people people = {0};
	struct error error = {.text = ""};

	if (in == NULL)
		return 0;
	if (!sql_dump_read(in, "dump", &options, &people, &error) && strncmp(error.text, "dump, line ", 11) != 0)
		abort();
	for (size_t i = 0; i < people.count; i++)
		check(people.list[i]);
	people_free(&people);
	fclose(in);
	return 0;
}
