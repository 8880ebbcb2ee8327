#include "adaptive_trial.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "feature/feature.h"

enum { CAPACITY = 1 << 16, NOWHERE = UINT32_MAX, ROWS_MAX = 1 << 30 };

struct adaptive_trial {
	/*
	 * Open addressing, at most half full: the upper half of an identifier, and 1 + the place of its row; 0: free.
	 * Rows stand in the order in which they were learned, so that those of one message are neighbours.
	 */
	uint64_t *slots;
	size_t capacity;
	struct adaptive_row *known;
	size_t used, room;
	struct adaptive_lessons lessons;
	/* Of the message that was judged last. */
	size_t count;
	struct adaptive_row rows[FEATURES_MAX];
	uint32_t places[FEATURES_MAX]; /* of its rows among those that are known, or NOWHERE */
	struct adaptive_change changes[FEATURES_MAX];
};

/* In large pages where the system has them: rows are read here and there in all of it. */
static void *
allocate(size_t count, size_t size)
{
	enum { PAGE = 2 << 20 };
	size_t pages = (count * size + PAGE - 1) / PAGE;
	void *memory = aligned_alloc(PAGE, pages * PAGE);

	if (memory == NULL)
		abort();
	madvise(memory, pages * PAGE, MADV_HUGEPAGE);
	return memset(memory, 0, pages * PAGE);
}

struct adaptive_trial *
adaptive_trial_new(void)
{
	struct adaptive_trial *trial = allocate(1, sizeof *trial);

	trial->capacity = CAPACITY;
	trial->slots = allocate(CAPACITY, sizeof *trial->slots);
	trial->room = CAPACITY / 2;
	trial->known = allocate(trial->room, sizeof *trial->known);
	return trial;
}

void
adaptive_trial_free(struct adaptive_trial *trial)
{
	if (trial == NULL)
		return;
	free(trial->slots);
	free(trial->known);
	free(trial);
}

/* ---- rows ------------------------------------------------------------------------ */

static uint64_t
slot_value(uint64_t id, size_t place)
{
	return (id & UINT64_C(0xFFFFFFFF00000000)) | (place + 1);
}

/* The first place from slot *at on whose row may have that identifier, or NOWHERE; *at is then behind its slot. */
static uint32_t
next_place(const struct adaptive_trial *trial, uint64_t id, size_t *at)
{
	size_t mask = trial->capacity - 1;
	uint64_t slot;

	while ((slot = trial->slots[*at]) != 0) {
		*at = (*at + 1) & mask;
		if ((slot ^ id) >> 32 == 0)
			return (uint32_t)slot - 1;
	}
	return NOWHERE;
}

static void
enter(uint64_t *slots, size_t capacity, uint64_t id, size_t place)
{
	size_t i = id & (capacity - 1);

	while (slots[i] != 0)
		i = (i + 1) & (capacity - 1);
	slots[i] = slot_value(id, place);
}

static void
grow(struct adaptive_trial *trial)
{
	uint64_t *larger = allocate(2 * trial->capacity, sizeof *larger);
	struct adaptive_row *known = allocate(trial->capacity, sizeof *known);

	memcpy(known, trial->known, trial->used * sizeof *known);
	for (size_t i = 0; i < trial->used; i++)
		enter(larger, 2 * trial->capacity, known[i].id, i);
	free(trial->slots);
	free(trial->known);
	trial->slots = larger;
	trial->known = known;
	trial->room = trial->capacity;
	trial->capacity *= 2;
}

/* Read the rows of a message. Memory is far away, so all of it is asked for before any is needed. */
static void
read_rows(struct adaptive_trial *trial, const struct feature_set *set)
{
	size_t mask = trial->capacity - 1, at[FEATURES_MAX];

	trial->count = set->count;
	for (size_t i = 0; i < set->count; i++) {
		at[i] = set->features[i].id & mask;
		__builtin_prefetch(&trial->slots[at[i]]);
	}
	for (size_t i = 0; i < set->count; i++) {
		trial->places[i] = next_place(trial, set->features[i].id, &at[i]);
		if (trial->places[i] != NOWHERE)
			__builtin_prefetch(&trial->known[trial->places[i]]);
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct feature *feature = &set->features[i];
		struct adaptive_row *row = &trial->rows[i];
		while (trial->places[i] != NOWHERE && trial->known[trial->places[i]].id != feature->id)
			trial->places[i] = next_place(trial, feature->id, &at[i]);
		*row = trial->places[i] == NOWHERE ? (struct adaptive_row){.id = feature->id}
						   : trial->known[trial->places[i]];
		row->view = feature->view;
	}
}

/* ---- the work -------------------------------------------------------------------- */

bool
adaptive_trial_judge(struct adaptive_trial *trial, struct arena *arena, struct span bytes, struct adaptive_score *score)
{
	struct message *message = message_parse(arena, bytes);
	const struct feature_set *set = message == NULL ? NULL : feature_extract(message, arena);

	if (set == NULL)
		return false;
	read_rows(trial, set);
	*score = adaptive_judge(trial->rows, trial->count, &trial->lessons);
	return true;
}

void
adaptive_trial_learn(struct adaptive_trial *trial, const struct adaptive_score *score, bool is_spam)
{
	struct adaptive_lessons_change lesson;

	if (trial->used >= ROWS_MAX ||
	    !adaptive_learn(trial->rows, trial->count, &trial->lessons, score, is_spam, trial->changes, &lesson))
		return;
	adaptive_lessons_add(&trial->lessons, &lesson);
	while (trial->used + trial->count > trial->room)
		grow(trial);
	for (size_t i = 0; i < trial->count; i++) {
		if (trial->places[i] == NOWHERE) {
			trial->places[i] = (uint32_t)trial->used++;
			trial->known[trial->places[i]] = trial->rows[i];
			enter(trial->slots, trial->capacity, trial->rows[i].id, trial->places[i]);
		}
		adaptive_row_add(&trial->known[trial->places[i]], &trial->changes[i]);
	}
}
