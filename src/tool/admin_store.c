#include "tool/admin.h"

#include <stdio.h>

#include "base/log.h"

/* ---- what is said --------------------------------------------------------------- */

static void
say_made(void *context, const char *table)
{
	size_t *count = context;

	printf("made %s\n", table);
	++*count;
}

/* What a database of the original has, and which columns it calls for, is seen when it is opened. */
static bool
look_at(const struct program *program, struct error *error)
{
	struct store *store;

	if (!store_open(&program->settings->store, &store, error))
		return false;
	if (store_warning(store) != NULL)
		log_warning("%s", store_warning(store));
	store_close(store);
	return true;
}

/* ---- the command ----------------------------------------------------------------- */

bool
admin_create_store(struct admin_call *call, struct error *error)
{
	size_t count = 0;

	if (!store_create(&call->program->settings->store, say_made, &count, error) || !look_at(call->program, error))
		return false;
	puts(count > 0 ? "The store is ready." : "The store is ready; nothing had to be added.");
	return true;
}
