#include <search.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "store/memory/memory.h"

struct preference {
	store_uid uid;
	char *name;
	char *value;
};

static void
preference_free(void *node)
{
	struct preference *preference = node;

	free(preference->name);
	free(preference->value);
	free(preference);
}

void
memory_preferences_free(struct memory *memory)
{
	tdestroy(memory->preferences, preference_free);
}

static int
compare_nocase(const char *a, const char *b)
{
	while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b))
		a++, b++;
	return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}

static int
compare_preferences(const void *a, const void *b)
{
	const struct preference *left = a, *right = b;
	int order = memory_compare_numbers(left->uid, right->uid);

	return order != 0 ? order : compare_nocase(left->name, right->name);
}

struct preference_walk {
	store_uid uid;
	store_preference_callback *each;
	void *context;
	bool stopped;
};

static void
visit_preference(const void *node, VISIT visit, void *context)
{
	const struct preference *preference = *(struct preference *const *)node;
	struct preference_walk *walk = context;

	if ((visit != postorder && visit != leaf) || preference->uid != walk->uid || walk->stopped)
		return;
	walk->stopped = !walk->each(walk->context, preference->name, preference->value);
}

bool
memory_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
		       struct error *error)
{
	struct preference_walk walk = {uid, each, context, false};

	(void)error;
	twalk_r(memory_of(store)->preferences, visit_preference, &walk);
	return true;
}

bool
memory_preference_set(struct store *store, store_uid uid, const char *name, const char *value, struct error *error)
{
	struct memory *memory = memory_of(store);
	struct preference key = {uid, memory_copy(name, strlen(name)), NULL};
	struct preference **found = tfind(&key, &memory->preferences, compare_preferences);

	(void)error;
	if (found != NULL) {
		struct preference *old = *found;
		tdelete(old, &memory->preferences, compare_preferences);
		preference_free(old);
	}
	if (value != NULL) {
		struct preference *preference = memory_need(malloc(sizeof *preference));
		*preference =
			(struct preference){uid, memory_copy(name, strlen(name)), memory_copy(value, strlen(value))};
		memory_need(tsearch(preference, &memory->preferences, compare_preferences));
	}
	free(key.name);
	return true;
}

struct preference_pick {
	store_uid uid;
	const struct preference *found;
};

static void
pick_preference(const void *node, VISIT visit, void *context)
{
	const struct preference *preference = *(struct preference *const *)node;
	struct preference_pick *pick = context;

	if ((visit == postorder || visit == leaf) && preference->uid == pick->uid)
		pick->found = preference;
}

/* One after the other: a tree that is walked must not change. */
void
memory_preferences_remove(struct memory *memory, store_uid uid)
{
	struct preference_pick pick;
	struct error error;

	do {
		pick = (struct preference_pick){uid, NULL};
		twalk_r(memory->preferences, pick_preference, &pick);
		if (pick.found != NULL)
			memory_preference_set(&memory->store, uid, pick.found->name, NULL, &error);
	} while (pick.found != NULL);
}
