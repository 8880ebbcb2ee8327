#include "token/header_set.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/ascii.h"

struct header_set {
	struct span *slots; /* open addressing; an empty slot has no data; names are our copies */
	size_t size;        /* a power of two, at least twice the count */
	size_t count;
};

struct header_set *
header_set_new(void)
{
	struct header_set *set = calloc(1, sizeof *set);

	if (set == NULL)
		abort();
	return set;
}

void
header_set_free(struct header_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->size; i++)
		free((void *)(uintptr_t)set->slots[i].data);
	free(set->slots);
	free(set);
}

/* The slot that holds `name`, or the empty one where it belongs. */
static struct span *
slot_of(const struct header_set *set, struct span name)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < name.size; i++)
		hash = (hash ^ (unsigned char)ascii_lower(name.data[i])) * 16777619U;
	for (size_t i = hash & (set->size - 1);; i = (i + 1) & (set->size - 1))
		if (set->slots[i].data == NULL || span_equal_nocase(set->slots[i], name))
			return &set->slots[i];
}

static void
grow(struct header_set *set)
{
	struct header_set larger = {.size = set->size == 0 ? 16 : set->size * 2, .count = set->count};

	larger.slots = calloc(larger.size, sizeof *larger.slots);
	if (larger.slots == NULL)
		abort();
	for (size_t i = 0; i < set->size; i++)
		if (set->slots[i].data != NULL)
			*slot_of(&larger, set->slots[i]) = set->slots[i];
	free(set->slots);
	*set = larger;
}

void
header_set_add(struct header_set *set, struct span name)
{
	if (header_set_has(set, name))
		return;
	if (set->count * 2 >= set->size)
		grow(set);
	char *copy = malloc(name.size + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, name.data, name.size);
	*slot_of(set, name) = (struct span){copy, name.size};
	set->count++;
}

bool
header_set_has(const struct header_set *set, struct span name)
{
	return set->count > 0 && slot_of(set, name)->data != NULL;
}
