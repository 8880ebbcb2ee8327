#include "filter/analysis.h"

#include "base/id_sort.h"

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the message has too many tokens to be judged");
}

/* What is read, of tokens and then of patterns. */
static struct id_place *
list_wanted(const struct analysis *analysis)
{
	size_t tokens = analysis->set->count;
	struct id_place *wanted = arena_alloc(analysis->arena, (tokens + analysis->noise.count + 1) * sizeof *wanted);

	if (wanted == NULL)
		return NULL;
	for (size_t i = 0; i < tokens; i++)
		wanted[i] = (struct id_place){analysis->set->tokens[i].id, (uint32_t)i};
	for (size_t i = 0; i < analysis->noise.count; i++)
		wanted[tokens + i] = (struct id_place){analysis->noise.patterns[i].id, (uint32_t)(tokens + i)};
	return wanted;
}

/* Sort `count` wanted tokens into rows for the store. */
static bool
list_rows(struct analysis *analysis, struct id_place *wanted, size_t count, struct error *error)
{
	struct id_place *sorted = arena_alloc(analysis->arena, (count + 1) * sizeof *sorted);
	struct store_row *rows = arena_calloc(analysis->arena, count + 1, sizeof *rows);
	uint32_t *row_token = arena_alloc(analysis->arena, (count + 1) * sizeof *row_token);
	size_t used = 0;

	if (sorted == NULL || rows == NULL || row_token == NULL)
		return out_of_room(error);
	id_sort(wanted, sorted, count);
	for (size_t i = 0; i < count; i++) {
		if (used > 0 && rows[used - 1].token == sorted[i].id)
			continue; /* a pattern whose identifier is also a token's */
		rows[used].token = sorted[i].id;
		row_token[used++] = sorted[i].index;
	}
	analysis->rows = rows;
	analysis->row_token = row_token;
	analysis->row_count = used;
	return true;
}

static uint32_t
add_hits(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static void
spread_hits(struct analysis *analysis)
{
	size_t tokens = analysis->set->count;

	for (size_t i = 0; i < analysis->row_count; i++) {
		const struct store_row *row = &analysis->rows[i];
		struct hits hits = {.spam = row->spam, .innocent = row->innocent};
		uint32_t index = analysis->row_token[i];
		if (index < tokens)
			analysis->hits[index] = hits;
		else
			analysis->noise_hits[index - tokens] = hits;
	}
}

/*
 * Read totals (unless NULL) and rows, and add those of the merged group. Differences are all that is ever
 * written, to the user alone, so that nothing has to be taken off again.
 */
static bool
read_rows(struct analysis *analysis, struct store *store, store_uid uid, struct totals *totals, size_t count,
	  struct error *error)
{
	struct totals more;

	if (!store_read(store, uid, totals, analysis->rows, count, error))
		return false;
	if (analysis->merged == 0)
		return true;
	struct store_row *rows = arena_calloc(analysis->arena, count + 1, sizeof *rows);
	if (rows == NULL)
		return out_of_room(error);
	for (size_t i = 0; i < count; i++)
		rows[i].token = analysis->rows[i].token;
	if (!store_read(store, analysis->merged, totals != NULL ? &more : NULL, rows, count, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		analysis->rows[i].spam = add_hits(analysis->rows[i].spam, rows[i].spam);
		analysis->rows[i].innocent = add_hits(analysis->rows[i].innocent, rows[i].innocent);
	}
	if (totals != NULL)
		totals_add(totals, &more);
	return true;
}

/* The patterns follow from the values of the tokens, so that their hits need a second read. */
static bool
read_patterns(struct analysis *analysis, struct store *store, store_uid uid, struct error *error)
{
	struct evidence evidence = {.set = analysis->set, .hits = analysis->hits};
	struct value_rule rule = value_rule(&analysis->totals, &analysis->method);
	const double *values = evidence_values(&evidence, &rule);

	if (values == NULL || !noise_list(&analysis->noise, analysis->set, values))
		return out_of_room(error);
	analysis->noise_hits = arena_calloc(analysis->arena, analysis->noise.count + 1, sizeof *analysis->noise_hits);
	struct id_place *wanted = list_wanted(analysis);
	if (wanted == NULL || analysis->noise_hits == NULL)
		return out_of_room(error);
	analysis->patterns_kept = noise_is_kept(&analysis->totals);
	if (!list_rows(analysis, wanted, analysis->set->count + analysis->noise.count, error) ||
	    !read_rows(analysis, store, uid, NULL, analysis->row_count, error))
		return false;
	spread_hits(analysis);
	return true;
}

bool
analysis_read(struct analysis *analysis, struct store *store, store_uid uid, struct token_set *set, bool hits,
	      struct error *error)
{
	analysis->set = set;
	analysis->hits = arena_calloc(analysis->arena, set->count + 1, sizeof *analysis->hits);
	struct id_place *wanted = list_wanted(analysis);
	if (analysis->hits == NULL || wanted == NULL)
		return out_of_room(error);
	if (!list_rows(analysis, wanted, set->count, error) ||
	    !read_rows(analysis, store, uid, &analysis->totals, hits ? analysis->row_count : 0, error))
		return false;
	spread_hits(analysis);
	if (hits && analysis->method.noise && set->word_count > 0 && noise_is_kept(&analysis->totals))
		return read_patterns(analysis, store, uid, error);
	return true;
}

bool
analysis_judge(struct analysis *analysis, struct error *error)
{
	struct evidence evidence = {.set = analysis->set, .hits = analysis->hits};

	if (analysis->noise.count > 0 && noise_is_applied(&analysis->totals)) {
		struct value_rule rule = value_rule(&analysis->totals, &analysis->method);
		const double *values = evidence_values(&evidence, &rule);
		if (values == NULL)
			return out_of_room(error);
		evidence.frequency = noise_apply(&analysis->noise, analysis->noise_hits, values, &rule);
		if (evidence.frequency == NULL)
			return out_of_room(error);
	}
	return verdict_reach(&evidence, &analysis->totals, &analysis->method, &analysis->verdict, error);
}
