#include "tool/admin_store.h"

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

/* ---- the commands ----------------------------------------------------------------- */

static bool
make(struct program *program, struct error *error)
{
	size_t count = 0;

	if (!program_load_trusted(program, error) ||
	    !store_create(&program->settings->store, say_made, &count, error) || !look_at(program, error))
		return false;
	puts(count > 0 ? "The store is ready." : "The store is ready; nothing had to be added.");
	return true;
}

bool
admin_store(struct program *program, const char *word, int count, bool *done, struct error *error)
{
	if (strcmp(word, "create-store") != 0 && strcmp(word, "migrate") != 0)
		return false;
	if (count > 1)
		program_usage(program, "%s takes no arguments", word);
	if (program->json)
		program_usage(program, "%s knows no --json", word);
	*done = make(program, error);
	return true;
}
