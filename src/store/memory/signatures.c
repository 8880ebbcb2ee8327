#include <search.h>
#include <stdlib.h>

#include "store/memory/memory.h"

enum { SIGNATURES_AT_ONCE = 32 };

struct signature {
	store_uid uid;
	char *id;
	char *data;
	size_t size;
	int32_t day;
};

static void
signature_free(void *node)
{
	struct signature *signature = node;

	free(signature->id);
	free(signature->data);
	free(signature);
}

void
memory_signatures_free(struct memory *memory)
{
	tdestroy(memory->signatures, signature_free);
}

static int
compare_signatures(const void *a, const void *b)
{
	const struct signature *left = a, *right = b;
	int order = memory_compare_numbers(left->uid, right->uid);

	return order != 0 ? order : strcmp(left->id, right->id);
}

static void
remove_signature(struct memory *memory, store_uid uid, const char *id)
{
	struct signature key = {.uid = uid, .id = memory_copy(id, strlen(id))};
	struct signature **found = tfind(&key, &memory->signatures, compare_signatures);

	if (found != NULL) {
		struct signature *signature = *found;
		tdelete(signature, &memory->signatures, compare_signatures);
		signature_free(signature);
	}
	free(key.id);
}

void
memory_signature_add(struct memory *memory, store_uid uid, const struct store_signature *kept)
{
	struct signature *signature = memory_need(malloc(sizeof *signature));

	remove_signature(memory, uid, kept->id);
	*signature = (struct signature){uid, memory_copy(kept->id, strlen(kept->id)),
					memory_copy(kept->data.data, kept->data.size), kept->data.size, kept->day};
	memory_need(tsearch(signature, &memory->signatures, compare_signatures));
}

struct signature_walk {
	store_uid uid;
	int32_t day;
	char *old; /* an id, found */
};

static void
find_old(const void *node, VISIT visit, void *context)
{
	const struct signature *signature = *(struct signature *const *)node;
	struct signature_walk *walk = context;

	if ((visit == postorder || visit == leaf) && walk->old == NULL && signature->uid == walk->uid &&
	    signature->day < walk->day)
		walk->old = signature->id;
}

/* One after the other: a tree that is walked must not change. */
bool
memory_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error)
{
	enum { AT_ONCE = 100 };
	struct memory *memory = memory_of(store);

	(void)error;
	while (*removed < AT_ONCE) {
		struct signature_walk walk = {uid, day, NULL};
		twalk_r(memory->signatures, find_old, &walk);
		if (walk.old == NULL)
			return true;
		remove_signature(memory, uid, walk.old);
		++*removed;
	}
	return true;
}

static struct signature *
find_signature(struct memory *memory, store_uid uid, const char *id)
{
	struct signature key = {.uid = uid, .id = memory_copy(id, strlen(id))};
	struct signature **found = tfind(&key, &memory->signatures, compare_signatures);

	free(key.id);
	return found == NULL ? NULL : *found;
}

bool
memory_signature_exists(struct memory *memory, store_uid uid, const char *id)
{
	return find_signature(memory, uid, id) != NULL;
}

bool
memory_signature_is_data(struct memory *memory, store_uid uid, const char *id, struct span data)
{
	const struct signature *found = find_signature(memory, uid, id);

	return found != NULL && span_equal(data, span_of(found->data, found->size));
}

bool
memory_signature_is(struct memory *memory, const struct store_lesson *lesson)
{
	return memory_signature_is_data(memory, lesson->uid, lesson->signature->id, lesson->replaces);
}

/* ---- all of one user --------------------------------------------------------- */

struct signature_listing {
	store_uid uid;
	const char *after;
	const struct signature *found[SIGNATURES_AT_ONCE];
	size_t count;
};

static void
list_signature(const void *node, VISIT visit, void *context)
{
	const struct signature *signature = *(struct signature *const *)node;
	struct signature_listing *listing = context;

	if ((visit == postorder || visit == leaf) && signature->uid == listing->uid &&
	    listing->count < SIGNATURES_AT_ONCE && strcmp(signature->id, listing->after) > 0)
		listing->found[listing->count++] = signature;
}

bool
memory_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
		      void *context, size_t *count, struct error *error)
{
	struct signature_listing listing = {.uid = uid, .after = after};

	(void)error;
	twalk_r(memory_of(store)->signatures, list_signature, &listing);
	while (*count < listing.count) {
		const struct signature *found = listing.found[(*count)++];
		if (!each(context, &(struct store_signature){found->id, span_of(found->data, found->size), found->day}))
			break;
	}
	return true;
}

struct signature_sum {
	store_uid uid;
	struct store_size *size;
};

static void
sum_signature(const void *node, VISIT visit, void *context)
{
	const struct signature *signature = *(struct signature *const *)node;
	const struct signature_sum *sum = context;

	if ((visit != postorder && visit != leaf) || signature->uid != sum->uid)
		return;
	sum->size->signatures++;
	sum->size->bytes += sizeof *signature + signature->size;
}

void
memory_signatures_size(struct memory *memory, store_uid uid, struct store_size *size)
{
	struct signature_sum sum = {uid, size};

	twalk_r(memory->signatures, sum_signature, &sum);
}

void
memory_signatures_remove(struct memory *memory, store_uid uid)
{
	struct signature_listing listing;

	do {
		listing = (struct signature_listing){.uid = uid, .after = ""};
		twalk_r(memory->signatures, list_signature, &listing);
		for (size_t i = 0; i < listing.count; i++)
			remove_signature(memory, uid, listing.found[i]->id);
	} while (listing.count > 0);
}

bool
memory_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
		     struct store_signature *signature, bool *found, struct error *error)
{
	struct signature key = {.uid = uid, .id = memory_copy(id, strlen(id))};
	struct signature **node = tfind(&key, &memory_of(store)->signatures, compare_signatures);

	free(key.id);
	if (node == NULL)
		return true;
	*signature = (struct store_signature){
		arena_copy(arena, span_from((*node)->id)),
		{arena_copy(arena, span_of((*node)->data, (*node)->size)), (*node)->size},
		(*node)->day,
	};
	if (signature->id == NULL || signature->data.data == NULL)
		return error_set(error, ERROR_DATA, "signature %s: %zu bytes are more than the limit of one message",
				 id, (*node)->size);
	*found = true;
	return true;
}

bool
memory_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error)
{
	(void)error;
	remove_signature(memory_of(store), uid, id);
	return true;
}
