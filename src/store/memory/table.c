#include "store/memory/table.h"

#include <stdlib.h>

enum { CAPACITY_AT_START = 1024 };

static struct table_row *
rows_new(size_t capacity)
{
	struct table_row *rows = malloc(capacity * sizeof *rows);

	if (rows == NULL)
		abort();
	for (size_t i = 0; i < capacity; i++)
		rows[i].uid = TABLE_FREE;
	return rows;
}

void
table_init(struct table *table)
{
	*table = (struct table){rows_new(CAPACITY_AT_START), CAPACITY_AT_START, 0};
}

void
table_free(struct table *table)
{
	free(table->rows);
	*table = (struct table){0};
}

/* Tokens are check sums and so spread already, but not against somebody who chooses them: multiply and fold. */
static uint64_t
hash(store_uid uid, uint64_t token)
{
	uint64_t mixed = (token ^ ((uint64_t)uid << 32 | uid)) * UINT64_C(0x9E3779B97F4A7C15);

	return mixed ^ mixed >> 32;
}

/* The place of the row, or the free place where it belongs; there always is one. */
static struct table_row *
seek(const struct table *table, store_uid uid, uint64_t token)
{
	size_t mask = table->capacity - 1;
	size_t place = hash(uid, token) & mask;

	while (table->rows[place].uid != TABLE_FREE &&
	       (table->rows[place].row.token != token || table->rows[place].uid != uid))
		place = (place + 1) & mask;
	return &table->rows[place];
}

const struct table_row *
table_find(const struct table *table, store_uid uid, uint64_t token)
{
	const struct table_row *row = seek(table, uid, token);

	return row->uid == TABLE_FREE ? NULL : row;
}

static void
grow(struct table *table)
{
	struct table larger = {rows_new(table->capacity * 2), table->capacity * 2, table->count};

	for (size_t i = 0; i < table->capacity; i++)
		if (table->rows[i].uid != TABLE_FREE)
			*seek(&larger, table->rows[i].uid, table->rows[i].row.token) = table->rows[i];
	free(table->rows);
	*table = larger;
}

/* All that stay move to a new array: a row taken out of its place would hide those that were put behind it. */
size_t
table_remove(struct table *table, store_uid uid, store_row_test *goes, const void *context, size_t *seen)
{
	struct table rest = {rows_new(table->capacity), table->capacity, 0};
	size_t before = table->count;

	for (size_t i = 0; i < table->capacity; i++) {
		const struct table_row *row = &table->rows[i];
		if (row->uid == TABLE_FREE)
			continue;
		*seen += row->uid == uid;
		if (row->uid == uid && goes(context, &row->row))
			continue;
		*seek(&rest, row->uid, row->row.token) = *row;
		rest.count++;
	}
	free(table->rows);
	*table = rest;
	return before - rest.count;
}

struct table_row *
table_claim(struct table *table, store_uid uid, uint64_t token)
{
	struct table_row *row = seek(table, uid, token);

	if (row->uid != TABLE_FREE)
		return row;
	if (table->count + 1 > table->capacity / 4 * 3) {
		grow(table);
		row = seek(table, uid, token);
	}
	table->count++;
	*row = (struct table_row){.row = {.token = token}, .uid = uid};
	return row;
}
