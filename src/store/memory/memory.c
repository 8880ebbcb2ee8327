/*
 * A store that lives as long as its connection: for trying settings (dspam_eval) and,
 * being simple, the reference that tests compare the other drivers with.
 */
#include <search.h>
#include <stdlib.h>

#include "store/memory/memory.h"

struct account {
	store_uid uid;
	struct totals totals;
};

void *
memory_need(void *pointer)
{
	if (pointer == NULL)
		abort();
	return pointer;
}

void *
memory_copy(const void *data, size_t size)
{
	char *copied = memory_need(malloc(size + 1));

	if (size > 0)
		memcpy(copied, data, size);
	copied[size] = '\0';
	return copied;
}

/* ---- open and close -------------------------------------------------------- */

static bool
memory_open(const struct store_options *options, struct store **store, struct error *error)
{
	struct memory *memory = memory_need(calloc(1, sizeof *memory));

	(void)options;
	(void)error;
	table_init(&memory->tokens);
	memory->store.has_weights = true;
	*store = &memory->store;
	return true;
}

static void
user_free(void *node)
{
	struct memory_user *user = node;

	free(user->name);
	free(user);
}

static void
memory_close(struct store *store)
{
	struct memory *memory = memory_of(store);

	tdestroy(memory->accounts, free);
	tdestroy(memory->names, user_free);
	memory_signatures_free(memory);
	memory_preferences_free(memory);
	free(memory->users);
	table_free(&memory->tokens);
	free(memory);
}

/* ---- users ----------------------------------------------------------------- */

static int
compare_users(const void *a, const void *b)
{
	return strcmp(((const struct memory_user *)a)->name, ((const struct memory_user *)b)->name);
}

static bool
memory_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error)
{
	struct memory *memory = memory_of(store);
	struct memory_user key = {0, memory_copy(name.data, name.size)};
	struct memory_user **found = tfind(&key, &memory->names, compare_users);

	(void)error;
	if (found == NULL && create) {
		struct memory_user *user = memory_need(malloc(sizeof *user));
		*user = (struct memory_user){(store_uid)(memory->user_count + 1), memory_copy(name.data, name.size)};
		memory->users =
			memory_need(reallocarray(memory->users, memory->user_count + 1, sizeof(struct memory_user *)));
		memory->users[memory->user_count++] = user;
		found = memory_need(tsearch(user, &memory->names, compare_users));
	}
	*uid = found == NULL ? 0 : (*found)->uid;
	free(key.name);
	return true;
}

static bool
memory_each_user(struct store *store, store_user_callback *each, void *context, struct error *error)
{
	struct memory *memory = memory_of(store);

	(void)error;
	for (size_t i = 0; i < memory->user_count; i++)
		if (memory->users[i] != NULL && !each(context, memory->users[i]->uid, memory->users[i]->name))
			break;
	return true;
}

void
memory_user_remove(struct memory *memory, store_uid uid)
{
	struct memory_user *user = uid > 0 && uid <= memory->user_count ? memory->users[uid - 1] : NULL;

	if (user == NULL)
		return;
	memory->users[uid - 1] = NULL;
	tdelete(user, &memory->names, compare_users);
	user_free(user);
}

/* ---- tokens and totals ------------------------------------------------------ */

static int
compare_accounts(const void *a, const void *b)
{
	return memory_compare_numbers(((const struct account *)a)->uid, ((const struct account *)b)->uid);
}

struct totals
memory_totals(struct memory *memory, store_uid uid)
{
	struct account key = {.uid = uid};
	struct account **found = tfind(&key, &memory->accounts, compare_accounts);

	return found == NULL ? (struct totals){0} : (*found)->totals;
}

static bool
memory_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
	    struct error *error)
{
	struct memory *memory = memory_of(store);

	(void)error;
	if (totals != NULL)
		*totals = memory_totals(memory, uid);
	for (size_t i = 0; i < count; i++) {
		const struct table_row *row = table_find(&memory->tokens, uid, rows[i].token);
		rows[i] = row == NULL ? (struct store_row){.token = rows[i].token} : row->row;
	}
	return true;
}

static bool
memory_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error)
{
	const struct table *table = &memory_of(store)->tokens;

	(void)error;
	for (size_t i = 0; i < table->capacity; i++) {
		const struct table_row *row = &table->rows[i];
		if (row->uid == uid && !each(context, &row->row))
			break;
	}
	return true;
}

/* ---- lessons ---------------------------------------------------------------- */

void
memory_totals_add(struct memory *memory, store_uid uid, const struct totals *change)
{
	struct account *account = memory_need(calloc(1, sizeof *account));
	struct account **found;

	account->uid = uid;
	found = memory_need(tsearch(account, &memory->accounts, compare_accounts));
	if (*found != account)
		free(account);
	store_totals_add(&(*found)->totals, change);
}

void
memory_totals_remove(struct memory *memory, store_uid uid)
{
	struct account key = {.uid = uid};
	struct account **found = tfind(&key, &memory->accounts, compare_accounts);

	if (found != NULL) {
		struct account *account = *found;
		tdelete(account, &memory->accounts, compare_accounts);
		free(account);
	}
}

static bool
memory_learn(struct store *store, const struct store_lesson *lesson, struct error *error)
{
	struct memory *memory = memory_of(store);

	if (lesson->replaces.data != NULL && !memory_signature_is(memory, lesson))
		return store_signature_changed(lesson, error);
	for (size_t i = 0; i < lesson->count; i++) {
		const struct store_change *change = &lesson->changes[i];
		struct store_row *row = &table_claim(&memory->tokens, lesson->uid, change->token)->row;
		row->spam = store_hits_add(row->spam, change->spam);
		row->innocent = store_hits_add(row->innocent, change->innocent);
		row->day = lesson->day;
		row->weight = store_weight_add(row->weight, change->weight);
		row->gradient = store_gradient_add(row->gradient, change->gradient);
	}
	memory_totals_add(memory, lesson->uid, &lesson->totals);
	if (lesson->signature != NULL)
		memory_signature_add(memory, lesson->uid, lesson->signature);
	return true;
}

const struct store_driver store_driver_memory = {
	.name = "memory",
	.open = memory_open,
	.close = memory_close,
	.user = memory_user,
	.each_user = memory_each_user,
	.read = memory_read,
	.each_row = memory_each_row,
	.learn = memory_learn,
	.purge_rows = memory_purge_rows,
	.purge_signatures = memory_purge_signatures,
	.merge = memory_merge,
	.import = memory_import,
	.remove = memory_remove,
	.size = memory_size,
	.optimize = memory_optimize,
	.signature_get = memory_signature_get,
	.signature_delete = memory_signature_delete,
	.each_signature = memory_each_signature,
	.each_preference = memory_each_preference,
	.preference_set = memory_preference_set,
};
