/* Blobs that a database may hold as ballots: votes or an error; and back again. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/ballot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(struct arena *arena, const struct ballot *ballot)
{
	struct error error = {.code = ERROR_NONE};
	struct span data = ballot_encode(arena, ballot);
	struct ballot again;

	if (data.data == NULL || !ballot_is(data) || !ballot_decode(arena, data, &again, &error) ||
	    again.vote_count != ballot->vote_count || again.kept.set->count != ballot->kept.set->count ||
	    again.kept.lesson != ballot->kept.lesson)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span blob = {(const char *)data, size};
	struct arena *arena = arena_new((size_t)64 << 20);
	struct error error = {.code = ERROR_NONE};
	struct ballot ballot;
	bool changed;

	if (ballot_is(blob)) {
		if (!ballot_decode(arena, blob, &ballot, &error)) {
			if (error.code == ERROR_NONE || error.text[0] == '\0')
				abort();
		} else {
			check_again(arena, &ballot);
			const struct vote vote = {1, CLASS_SPAM};
			if (ballot_cast(&ballot, arena, ballot.kept.set, &vote, &changed) && changed)
				check_again(arena, &ballot);
		}
	}
	arena_free(arena);
	return 0;
}
