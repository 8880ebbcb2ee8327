#include "tool/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

/* ---- what is said --------------------------------------------------------------- */

struct made {
	size_t count;
	bool tokens; /* so nobody has used it yet */
};

static void
say_made(void *context, const char *table)
{
	struct made *made = context;

	printf("made %s\n", table);
	made->count++;
	made->tokens |= strcmp(table, "dspam_token_data") == 0;
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
	struct made made = {.count = 0};

	if (!store_create(&call->program->settings->store, say_made, &made, error) || !look_at(call->program, error))
		return false;
	puts(made.count > 0 ? "The store is ready." : "The store is ready; nothing had to be added.");
	if (made.count > 0 && !made.tokens)
		puts("Reload the daemons that are running (SIGHUP): from then on they keep rows in memory.");
	return true;
}
