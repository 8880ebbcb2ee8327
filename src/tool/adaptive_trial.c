#include "tool/adaptive_trial.h"

#include <stdlib.h>
#include <string.h>

#include "feature/feature.h"

struct known {
	uint64_t id; /* 0: free */
	struct adaptive_row row;
};

struct adaptive_trial {
	struct known *table; /* open addressing; at most half full */
	size_t capacity, used;
	struct adaptive_lessons lessons;
	const struct feature_set *set; /* of the message that was judged last */
	struct adaptive_row rows[FEATURES_MAX];
};

enum { CAPACITY = 1 << 16 };

static struct known *
table_new(size_t capacity)
{
	struct known *table = calloc(capacity, sizeof *table);

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
static struct known *
place_of(struct known *table, size_t capacity, uint64_t id)
{
	size_t i = id & (capacity - 1);

	while (table[i].id != 0 && table[i].id != id)
		i = (i + 1) & (capacity - 1);
	return &table[i];
}

static void
grow(struct adaptive_trial *trial)
{
	struct known *larger = table_new(2 * trial->capacity);

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

	trial->set = message == NULL ? NULL : feature_extract(message, arena);
	if (trial->set == NULL)
		return false;
	for (size_t i = 0; i < trial->set->count; i++) {
		const struct feature *feature = &trial->set->features[i];
		trial->rows[i] = place_of(trial->table, trial->capacity, feature->id)->row;
		trial->rows[i].view = feature->view;
	}
	*score = adaptive_judge(trial->rows, trial->set->count, &trial->lessons);
	return true;
}

void
adaptive_trial_learn(struct adaptive_trial *trial, const struct adaptive_score *score, bool is_spam)
{
	size_t count = trial->set->count;

	if (!adaptive_learn(trial->rows, count, &trial->lessons, score, is_spam, false))
		return;
	while (2 * (trial->used + count) > trial->capacity)
		grow(trial);
	for (size_t i = 0; i < count; i++) {
		struct known *place = place_of(trial->table, trial->capacity, trial->set->features[i].id);
		trial->used += place->id == 0;
		*place = (struct known){trial->set->features[i].id, trial->rows[i]};
	}
}
