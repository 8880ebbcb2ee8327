/* The users of a store, listed before anything is done with them: a callback must not use the store. */
#ifndef DSPAM_TOOL_USER_LIST_H
#define DSPAM_TOOL_USER_LIST_H

#include "store/store.h"

struct user_list {
	char **names;
	store_uid *uids;
	size_t count, capacity;
};

/* All of them, in the order of their numbers, into an empty list. */
bool user_list_read(struct user_list *list, struct store *store, struct error *error);

void user_list_add(struct user_list *list, store_uid uid, const char *name);
void user_list_free(struct user_list *list);

#endif
