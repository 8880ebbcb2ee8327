#include "tool/user_list.h"

#include <stdlib.h>

void
user_list_add(struct user_list *list, store_uid uid, const char *name)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
		list->names = reallocarray(list->names, list->capacity, sizeof *list->names);
		list->uids = reallocarray(list->uids, list->capacity, sizeof *list->uids);
		if (list->names == NULL || list->uids == NULL)
			abort();
	}
	list->uids[list->count] = uid;
	list->names[list->count] = strdup(name);
	if (list->names[list->count++] == NULL)
		abort();
}

static bool
collect(void *context, store_uid uid, const char *name)
{
	user_list_add(context, uid, name);
	return true;
}

bool
user_list_read(struct user_list *list, struct store *store, struct error *error)
{
	return store_each_user(store, collect, list, error);
}

void
user_list_free(struct user_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	free(list->uids);
	*list = (struct user_list){0};
}
