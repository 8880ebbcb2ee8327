#include "filter/appraisal.h"

#include "base/id_sort.h"

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the message has too many features to be judged");
}

/* All that is read: the features, and what is beyond them. */
static size_t
fill_wanted(const struct appraisal *appraisal, struct id_place *wanted)
{
	size_t features = appraisal->feature_count, count = 0;

	for (size_t i = 0; i < features; i++)
		wanted[count++] = (struct id_place){appraisal->set->features[i].id, (uint32_t)i};
	wanted[count++] = (struct id_place){APPRAISAL_LESSONS, (uint32_t)(features + APPRAISAL_AT_LESSONS)};
	if (appraisal->sender != 0)
		wanted[count++] = (struct id_place){appraisal->sender, (uint32_t)(features + APPRAISAL_AT_SENDER)};
	if (!appraisal->advised)
		return count;
	wanted[count++] = (struct id_place){APPRAISAL_SINCE, (uint32_t)(features + APPRAISAL_AT_SINCE)};
	for (unsigned kind = 0; kind < ADVICE_KINDS; kind++)
		wanted[count++] =
			(struct id_place){advice_feature(kind).id, (uint32_t)(features + APPRAISAL_AT_ADVICE + kind)};
	return count;
}

static bool
list_wanted(struct appraisal *appraisal)
{
	size_t room = appraisal->set->count + APPRAISAL_AT_ADVICE + ADVICE_KINDS;
	struct id_place *wanted = arena_alloc(appraisal->arena, room * sizeof *wanted);
	struct id_place *sorted = arena_alloc(appraisal->arena, room * sizeof *sorted);

	appraisal->feature_count = appraisal->set->count;
	appraisal->stored = arena_alloc(appraisal->arena, room * sizeof *appraisal->stored);
	appraisal->place = arena_alloc(appraisal->arena, room * sizeof *appraisal->place);
	if (wanted == NULL || sorted == NULL || appraisal->stored == NULL || appraisal->place == NULL)
		return false;
	size_t count = fill_wanted(appraisal, wanted);
	id_sort(wanted, sorted, count);
	appraisal->stored_count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = appraisal->stored_count;
		if (at > 0 && appraisal->stored[at - 1].token == sorted[i].id)
			continue; /* check sums of two kinds that happen to be the same, or an advice that was kept */
		appraisal->stored[at] = (struct store_row){.token = sorted[i].id};
		appraisal->place[at] = sorted[i].index;
		appraisal->stored_count++;
	}
	return true;
}

static struct adaptive_row
row_new(const struct feature *feature, bool advises)
{
	return (struct adaptive_row){
		.id = feature->id,
		.view = feature->view,
		.start = advises ? advice_feature_start(feature) : 0,
	};
}

/* With room for an advice. */
static struct adaptive_row *
rows_new(const struct appraisal *appraisal, bool is_site)
{
	const struct feature_set *set = appraisal->set;
	struct adaptive_row *rows = arena_alloc(appraisal->arena, (set->count + 1) * sizeof *rows);

	for (size_t i = 0; rows != NULL && i < set->count; i++)
		rows[i] = row_new(&set->features[i], appraisal->advised && !is_site);
	return rows;
}

/* Where rows go, of the user or of the site. */
struct side {
	struct adaptive_row *rows, *advice;
	struct adaptive_lessons *lessons;
	struct hits *sender, *since;
};

static void
take_row(struct adaptive_row *row, const struct store_row *stored)
{
	row->weight = stored->weight;
	row->gradient = stored->gradient;
	row->spam = stored->spam;
	row->innocent = stored->innocent;
}

/* What is not below 0 in a sane database. */
static uint32_t
count_of(int64_t number)
{
	return number < 0 ? 0 : number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static struct adaptive_lessons
lessons_of(const struct store_row *row)
{
	return (struct adaptive_lessons){
		.spam = row->spam,
		.innocent = row->innocent,
		.spam_surprises = count_of(row->weight),
		.innocent_surprises = count_of(row->gradient),
	};
}

/* From the order of the store to that of the features. */
static void
spread(const struct appraisal *appraisal, const struct store_row *stored, const struct side *side)
{
	size_t features = appraisal->feature_count;

	for (size_t i = 0; i < appraisal->stored_count; i++) {
		const struct store_row *row = &stored[i];
		size_t place = appraisal->place[i];
		if (place < features)
			take_row(&side->rows[place], row);
		else if (place == features + APPRAISAL_AT_LESSONS)
			*side->lessons = lessons_of(row);
		else if (place == features + APPRAISAL_AT_SENDER)
			*side->sender = (struct hits){.spam = row->spam, .innocent = row->innocent};
		else if (place == features + APPRAISAL_AT_SINCE)
			*side->since = (struct hits){.spam = row->spam, .innocent = row->innocent};
		else
			take_row(&side->advice[place - features - APPRAISAL_AT_ADVICE], row);
	}
}

static bool
read_site(struct appraisal *appraisal, struct store *store, struct error *error)
{
	size_t count = appraisal->stored_count;
	struct store_row *stored = arena_calloc(appraisal->arena, count, sizeof *stored);
	struct hits sender;

	appraisal->site_rows = rows_new(appraisal, true);
	if (stored == NULL || appraisal->site_rows == NULL)
		return out_of_room(error);
	for (size_t i = 0; i < count; i++)
		stored[i].token = appraisal->stored[i].token;
	if (!store_read(store, appraisal->site, appraisal->advised ? &appraisal->site_totals : NULL, stored, count,
			error))
		return false;
	spread(appraisal, stored,
	       &(struct side){appraisal->site_rows, appraisal->site_advice, &appraisal->site_lessons, &sender,
			      &appraisal->site_since});
	return true;
}

bool
appraisal_read(struct appraisal *appraisal, struct store *store, store_uid uid, struct error *error)
{
	appraisal->rows = rows_new(appraisal, false);
	if (appraisal->rows == NULL || !list_wanted(appraisal))
		return out_of_room(error);
	if (!store_read(store, uid, &appraisal->totals, appraisal->stored, appraisal->stored_count, error))
		return false;
	spread(appraisal, appraisal->stored,
	       &(struct side){appraisal->rows, appraisal->advice, &appraisal->lessons, &appraisal->sender_hits,
			      &appraisal->since});
	return appraisal->site == 0 || read_site(appraisal, store, error);
}

/* ---- advice ------------------------------------------------------------------------ */

static int64_t
before(int64_t total, uint32_t since)
{
	return total > since ? total - since : 0;
}

struct totals
appraisal_classic_totals(const struct appraisal *appraisal, bool with_site)
{
	struct totals totals = appraisal->totals, site = appraisal->site_totals;

	if (!appraisal->advised)
		return (struct totals){0};
	totals.spam_learned = before(totals.spam_learned, appraisal->since.spam);
	totals.innocent_learned = before(totals.innocent_learned, appraisal->since.innocent);
	site.spam_learned = before(site.spam_learned, appraisal->site_since.spam);
	site.innocent_learned = before(site.innocent_learned, appraisal->site_since.innocent);
	if (with_site)
		totals_add(&totals, &site);
	return totals;
}

/* What is remembered of an advice, as a row of it. */
static struct adaptive_row
advice_row(const struct feature *feature, const struct adaptive_row *remembered, bool advises)
{
	struct adaptive_row row = *remembered, blank = row_new(feature, advises);

	row.id = blank.id;
	row.view = blank.view;
	row.start = blank.start;
	return row;
}

bool
appraisal_advise(struct appraisal *appraisal, unsigned kind, struct error *error)
{
	const struct feature_set *set = appraisal->set;
	struct feature_set *more = arena_alloc(appraisal->arena, sizeof *more);
	struct feature *features = arena_alloc(appraisal->arena, (set->count + 1) * sizeof *features);
	const struct feature advice = advice_feature(kind);

	if (more == NULL || features == NULL)
		return out_of_room(error);
	memcpy(features, set->features, set->count * sizeof *features);
	features[set->count] = advice;
	*more = (struct feature_set){.features = features, .count = set->count + 1};
	appraisal->rows[set->count] = advice_row(&advice, &appraisal->advice[kind], true);
	if (appraisal->site_rows != NULL)
		appraisal->site_rows[set->count] = advice_row(&advice, &appraisal->site_advice[kind], false);
	appraisal->advice_kind = kind;
	appraisal->set = more;
	return true;
}

/* ---- the score --------------------------------------------------------------------- */

void
appraisal_judge(struct appraisal *appraisal)
{
	appraisal->score = adaptive_judge(appraisal->rows, appraisal->set->count, &appraisal->lessons);
	if (appraisal->site_rows == NULL)
		return;
	appraisal->site_score = adaptive_judge(appraisal->site_rows, appraisal->set->count, &appraisal->site_lessons);
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
