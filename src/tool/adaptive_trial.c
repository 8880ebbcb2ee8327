#include "tool/adaptive_trial.h"

#include <stdlib.h>
#include <string.h>

#include "feature/feature.h"

struct adaptive_trial {
	struct adaptive_row *table; /* open addressing, id 0 is free; at most half full */
	size_t capacity, used;
	struct adaptive_lessons lessons;
	size_t count; /* of the message that was judged last */
	struct adaptive_row rows[FEATURES_MAX];
	struct adaptive_change changes[FEATURES_MAX];
};

enum { CAPACITY = 1 << 16 };

static struct adaptive_row *
table_new(size_t capacity)
{
	struct adaptive_row *table = calloc(capacity, sizeof *table);

	if (table == NULL)
		abort();
	return table;
}

struct adaptive_trial *
adaptive_trial_new(void)
{
	struct adaptive_trial *trial = calloc(1, sizeof *trial);

	if (trial == NULL)
		abort();
	trial->capacity = CAPACITY;
	trial->table = table_new(CAPACITY);
	return trial;
}

void
adaptive_trial_free(struct adaptive_trial *trial)
{
	if (trial == NULL)
		return;
	free(trial->table);
	free(trial);
}

/* Where it is, or will be. */
static struct adaptive_row *
place_of(struct adaptive_row *table, size_t capacity, uint64_t id)
{
	size_t i = id & (capacity - 1);

	while (table[i].id != 0 && table[i].id != id)
		i = (i + 1) & (capacity - 1);
	return &table[i];
}

static void
grow(struct adaptive_trial *trial)
{
	struct adaptive_row *larger = table_new(2 * trial->capacity);

	for (size_t i = 0; i < trial->capacity; i++)
		if (trial->table[i].id != 0)
			*place_of(larger, 2 * trial->capacity, trial->table[i].id) = trial->table[i];
	free(trial->table);
	trial->table = larger;
	trial->capacity *= 2;
}

bool
adaptive_trial_judge(struct adaptive_trial *trial, struct arena *arena, struct span bytes, struct adaptive_score *score)
{
	struct message *message = message_parse(arena, bytes);
	const struct feature_set *set = message == NULL ? NULL : feature_extract(message, arena);

	if (set == NULL)
		return false;
	trial->count = set->count;
	for (size_t i = 0; i < set->count; i++) {
		trial->rows[i] = *place_of(trial->table, trial->capacity, set->features[i].id);
		trial->rows[i].id = set->features[i].id;
		trial->rows[i].view = set->features[i].view;
	}
	*score = adaptive_judge(trial->rows, trial->count, &trial->lessons);
	return true;
}

void
adaptive_trial_learn(struct adaptive_trial *trial, const struct adaptive_score *score, bool is_spam)
{
	struct adaptive_lessons_change lesson;

	if (!adaptive_learn(trial->rows, trial->count, &trial->lessons, score, is_spam, trial->changes, &lesson))
		return;
	adaptive_lessons_add(&trial->lessons, &lesson);
	while (2 * (trial->used + trial->count) > trial->capacity)
		grow(trial);
	for (size_t i = 0; i < trial->count; i++) {
		struct adaptive_row *place = place_of(trial->table, trial->capacity, trial->rows[i].id);
		trial->used += place->id == 0;
		adaptive_row_add(&trial->rows[i], &trial->changes[i]);
		*place = trial->rows[i];
	}
}
