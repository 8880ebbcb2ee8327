#include "filter/appraisal.h"

#include <stdlib.h>

/* What is read for a feature, the lessons or the sender: sorting these sorts both arrays. */
struct wanted {
	uint64_t token;
	uint32_t place;
};

static int
compare(const void *a, const void *b)
{
	const struct wanted *left = a, *right = b;

	return store_token_before(right->token, left->token) - store_token_before(left->token, right->token);
}

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the message has too many features to be judged");
}

static bool
list_wanted(struct appraisal *appraisal)
{
	size_t features = appraisal->set->count, count = 0;
	struct wanted *wanted = arena_alloc(appraisal->arena, (features + 2) * sizeof *wanted);

	appraisal->stored = arena_calloc(appraisal->arena, features + 2, sizeof *appraisal->stored);
	appraisal->place = arena_alloc(appraisal->arena, (features + 2) * sizeof *appraisal->place);
	if (wanted == NULL || appraisal->stored == NULL || appraisal->place == NULL)
		return false;
	for (size_t i = 0; i < features; i++)
		wanted[count++] = (struct wanted){appraisal->set->features[i].id, (uint32_t)i};
	wanted[count++] = (struct wanted){APPRAISAL_LESSONS, (uint32_t)features};
	if (appraisal->sender != 0)
		wanted[count++] = (struct wanted){appraisal->sender, (uint32_t)features + 1};
	qsort(wanted, count, sizeof *wanted, compare);
	appraisal->stored_count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = appraisal->stored_count;
		if (at > 0 && appraisal->stored[at - 1].token == wanted[i].token)
			continue; /* check sums of two kinds that happen to be the same */
		appraisal->stored[at].token = wanted[i].token;
		appraisal->place[at] = wanted[i].place;
		appraisal->stored_count++;
	}
	return true;
}

static struct adaptive_row *
rows_new(const struct appraisal *appraisal)
{
	const struct feature_set *set = appraisal->set;
	struct adaptive_row *rows = arena_calloc(appraisal->arena, set->count + 1, sizeof *rows);

	for (size_t i = 0; rows != NULL && i < set->count; i++) {
		rows[i].id = set->features[i].id;
		rows[i].view = set->features[i].view;
	}
	return rows;
}

/* From the order of the store to that of the features. */
static void
spread(const struct appraisal *appraisal, const struct store_row *stored, struct adaptive_row *rows,
       struct adaptive_lessons *lessons, struct hits *sender)
{
	size_t features = appraisal->set->count;

	for (size_t i = 0; i < appraisal->stored_count; i++) {
		const struct store_row *row = &stored[i];
		uint32_t place = appraisal->place[i];
		if (place == features) {
			*lessons = (struct adaptive_lessons){row->spam, row->innocent};
		} else if (place > features) {
			*sender = (struct hits){.spam = row->spam, .innocent = row->innocent};
		} else {
			rows[place].weight = row->weight;
			rows[place].gradient = row->gradient;
			rows[place].spam = row->spam;
			rows[place].innocent = row->innocent;
		}
	}
}

static bool
read_site(struct appraisal *appraisal, struct store *store, struct error *error)
{
	size_t count = appraisal->stored_count;
	struct store_row *stored = arena_calloc(appraisal->arena, count, sizeof *stored);
	struct hits sender;

	appraisal->site_rows = rows_new(appraisal);
	if (stored == NULL || appraisal->site_rows == NULL)
		return out_of_room(error);
	for (size_t i = 0; i < count; i++)
		stored[i].token = appraisal->stored[i].token;
	if (!store_read(store, appraisal->site, NULL, stored, count, error))
		return false;
	spread(appraisal, stored, appraisal->site_rows, &appraisal->site_lessons, &sender);
	appraisal->site_score = adaptive_judge(appraisal->site_rows, appraisal->set->count, &appraisal->site_lessons);
	return true;
}

bool
appraisal_read(struct appraisal *appraisal, struct store *store, store_uid uid, struct error *error)
{
	appraisal->rows = rows_new(appraisal);
	if (appraisal->rows == NULL || !list_wanted(appraisal))
		return out_of_room(error);
	if (!store_read(store, uid, &appraisal->totals, appraisal->stored, appraisal->stored_count, error))
		return false;
	spread(appraisal, appraisal->stored, appraisal->rows, &appraisal->lessons, &appraisal->sender_hits);
	if (appraisal->site != 0 && !read_site(appraisal, store, error))
		return false;
	appraisal_judge(appraisal);
	return true;
}

void
appraisal_judge(struct appraisal *appraisal)
{
	appraisal->score = adaptive_judge(appraisal->rows, appraisal->set->count, &appraisal->lessons);
	if (appraisal->site_rows != NULL)
		adaptive_add_site(&appraisal->score, &appraisal->site_score);
}

double
appraisal_share(const struct appraisal *appraisal, size_t feature)
{
	double share = adaptive_share(&appraisal->rows[feature], &appraisal->lessons, &appraisal->score);

	if (appraisal->site_rows != NULL)
		share += adaptive_site_share(&appraisal->site_rows[feature], &appraisal->site_lessons,
					     &appraisal->site_score, &appraisal->score);
	return share;
}
