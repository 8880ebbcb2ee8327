/* Blobs that a database may hold as signatures of the adaptive classifier: a lesson or an error; and back again. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/kept_features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(struct arena *arena, const struct kept_features *kept)
{
	struct error error = {.code = ERROR_NONE};
	struct span data = kept_features_encode(arena, kept);
	struct kept_features again;

	if (data.data == NULL || !kept_features_are(data) || !kept_features_decode(arena, data, &again, &error) ||
	    again.set->count != kept->set->count || again.lesson != kept->lesson || again.counted != kept->counted ||
	    again.said != kept->said)
		abort();
	for (size_t i = 0; i < kept->set->count; i++)
		if (again.set->features[i].id != kept->set->features[i].id ||
		    (kept->lesson != CLASS_NONE && (again.changes[i].weight != kept->changes[i].weight ||
						    again.changes[i].gradient != kept->changes[i].gradient)))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span blob = {(const char *)data, size};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct error error = {.code = ERROR_NONE};
	struct kept_features kept;

	if (kept_features_are(blob)) {
		if (kept_features_decode(arena, blob, &kept, &error))
			check_again(arena, &kept);
		else if (error.code == ERROR_NONE || error.text[0] == '\0')
			abort();
	}
	arena_free(arena);
	return 0;
}
