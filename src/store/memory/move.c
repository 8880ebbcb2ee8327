/* Users who come, users who go, and how large they are. */
#include "store/memory/memory.h"

static bool
is_as_expected(struct memory *memory, const struct store_import *import)
{
	const char *id = import->signature_count > 0 ? import->signatures[0].id : NULL;

	if (import->fresh)
		return !memory_signature_exists(memory, import->uid, id);
	return import->replaces.data == NULL || memory_signature_is_data(memory, import->uid, id, import->replaces);
}

bool
memory_import(struct store *store, const struct store_import *import, struct error *error)
{
	struct memory *memory = memory_of(store);

	if (!is_as_expected(memory, import))
		return store_signature_changed(&(struct store_lesson){.signature = import->signatures}, error);
	for (size_t i = 0; i < import->count; i++)
		memory_row_add(memory, import->uid, &import->rows[i]);
	for (size_t i = 0; i < import->signature_count; i++)
		memory_signature_add(memory, import->uid, &import->signatures[i]);
	memory_totals_add(memory, import->uid, &import->totals);
	return true;
}

static bool
every_row(const void *context, const struct store_row *row)
{
	(void)context;
	(void)row;
	return true;
}

bool
memory_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error)
{
	struct memory *memory = memory_of(store);
	size_t seen = 0;

	(void)error;
	table_remove(&memory->tokens, uid, every_row, NULL, &seen);
	memory_signatures_remove(memory, uid);
	memory_totals_remove(memory, uid);
	if (what == STORE_REMOVE_USER) {
		memory_preferences_remove(memory, uid);
		memory_user_remove(memory, uid);
	}
	return true;
}

bool
memory_size(struct store *store, store_uid uid, struct store_size *size, struct error *error)
{
	struct memory *memory = memory_of(store);

	(void)error;
	for (size_t i = 0; i < memory->tokens.capacity; i++)
		size->rows += memory->tokens.rows[i].uid == uid;
	size->bytes = size->rows * sizeof *memory->tokens.rows;
	memory_signatures_size(memory, uid, size);
	return true;
}
