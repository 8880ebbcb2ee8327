/* A file of preferences: any bytes are read, filtered by AllowOverride and turned into typed values. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "config/preference_file.h"
#include "filter/preferences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pairs {
	struct preference_pair items[PREFERENCE_ENTRIES];
	size_t count;
};

static void
collect(void *context, struct span name, struct span value)
{
	struct pairs *pairs = context;

	if (name.size == 0 || name.size + 1 + value.size > PREFERENCE_LINE || pairs->count == PREFERENCE_ENTRIES)
		abort();
	pairs->items[pairs->count++] = (struct preference_pair){name, value};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pairs pairs = {.count = 0};
	struct preferences preferences;
	struct error error;
	struct arena *arena = arena_new(1 << 16);

	preference_read(span_of((const char *)data, size), collect, &pairs);
	if (!preferences_from(pairs.items, pairs.count, arena, &preferences, &error))
		abort();
	if (preferences.spam_subject[0] == '\0' && pairs.count == 0)
		abort();
	if (preferences.sedation < SEDATION_UNSET || preferences.sedation > 10)
		abort();
	if (preferences.local_store != NULL && strchr(preferences.local_store, '/') != NULL)
		abort();
	arena_free(arena);
	return 0;
}
