#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/crc64.h"

json_t *
vectors_load(const char *name)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/%s", STATISTICS, name);
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);
	if (!root)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

const char *
vectors_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (!text)
		fail_msg("a row has no %s", key);
	return text;
}

void
sheet_open(struct sheet *sheet, size_t capacity)
{
	*sheet = (struct sheet){.arena = arena_new(64u << 20)};
	sheet->set.arena = sheet->arena;
	sheet->set.capacity = capacity;
	sheet->set.tokens = arena_calloc(sheet->arena, capacity, sizeof(*sheet->set.tokens));
	sheet->set.order = arena_calloc(sheet->arena, capacity, sizeof(*sheet->set.order));
	sheet->hits = arena_calloc(sheet->arena, capacity, sizeof(*sheet->hits));
	sheet->evidence = (struct evidence){.set = &sheet->set, .hits = sheet->hits};
}

void
sheet_close(struct sheet *sheet)
{
	arena_free(sheet->arena);
}

uint32_t
sheet_add(struct sheet *sheet, const char *text, struct hits hits, uint32_t frequency)
{
	struct token_set *set = &sheet->set;
	uint32_t at = (uint32_t)set->count++;
	assert_true(set->count <= set->capacity);
	set->tokens[at] = (struct token){
		.id = crc64(0, span_from(text)),
		.text = arena_copy(sheet->arena, span_from(text)),
		.frequency = frequency,
	};
	set->order[at] = at;
	sheet->hits[at] = hits;
	return at;
}
