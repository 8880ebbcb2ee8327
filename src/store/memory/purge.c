/* Removing rows, and adding users up. */
#include <stdlib.h>

#include "store/memory/memory.h"

/* All at once: nobody waits. */
bool
memory_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		  struct store_walk *walk, struct error *error)
{
	(void)error;
	walk->removed = table_remove(&memory_of(store)->tokens, uid, goes, context, &walk->seen);
	walk->begun = walk->done = true;
	return true;
}

/* The rows of a user, copied, since adding to the table may move it. */
static struct table_row *
rows_of(const struct table *table, store_uid uid, size_t *count)
{
	struct table_row *rows = memory_need(calloc(table->count + 1, sizeof *rows));

	*count = 0;
	for (size_t i = 0; i < table->capacity; i++)
		if (table->rows[i].uid == uid)
			rows[(*count)++] = table->rows[i];
	return rows;
}

void
memory_row_add(struct memory *memory, store_uid to, const struct store_row *from)
{
	struct store_row *row = &table_claim(&memory->tokens, to, from->token)->row;

	row->spam = store_hits_add(row->spam, from->spam);
	row->innocent = store_hits_add(row->innocent, from->innocent);
	row->weight = store_weight_add(row->weight, from->weight);
	row->gradient = store_gradient_add(row->gradient, from->gradient);
	row->day = row->day > from->day ? row->day : from->day;
}

bool
memory_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows, struct error *error)
{
	struct memory *memory = memory_of(store);

	(void)error;
	for (size_t i = 0; i < count; i++) {
		struct table_row *found = rows_of(&memory->tokens, from[i], &rows[i]);
		for (size_t k = 0; k < rows[i]; k++)
			memory_row_add(memory, to, &found[k].row);
		free(found);
		struct totals totals = memory_totals(memory, from[i]);
		memory_totals_add(memory, to, &totals);
	}
	return true;
}

bool
memory_optimize(struct store *store, struct error *error)
{
	(void)store;
	(void)error;
	return true;
}
