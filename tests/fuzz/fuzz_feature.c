/* Any bytes are a message with features: distinct, bounded, the same each time. */
#include <stdint.h>
#include <stdlib.h>

#include "feature/feature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct message *message = message_parse(arena, span_of((const char *)data, size));
	struct feature_set *set = message == NULL ? NULL : feature_extract(message, arena);

	if (set != NULL) {
		struct feature_set *again = feature_extract(message, arena);
		if (set->count > FEATURES_MAX || again == NULL || again->count != set->count)
			abort();
		for (size_t i = 0; i < set->count; i++)
			if (set->features[i].id != again->features[i].id || set->features[i].view >= FEATURE_VIEWS)
				abort();
	}
	arena_free(arena);
	return 0;
}
