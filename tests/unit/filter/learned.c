#include "learned.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/appraisal.h"
#include "filter/ballot.h"

/* ---- the place --------------------------------------------------------------------- */

static void
write_lines(struct learned_place *place, char lines[static 2048], const char *more)
{
	static const char *const names[2][5] = {
		{"PgSQLServer", "PgSQLPort", "PgSQLUser", "PgSQLPass", "PgSQLDb"},
		{"MySQLServer", "MySQLPort", "MySQLUser", "MySQLPass", "MySQLDb"},
	};
	const struct fixture *fixture = &place->fixture;
	bool is_mysql = place->on_disk && strcmp(fixture->driver, "mysql") == 0;
	size_t used = (size_t)snprintf(lines, 2048, "%s%sFeature whitelist\nStorageDriver %s\n", more,
				       strstr(more, "Algorithm ") != NULL ? "" : "Algorithm adaptive\n",
				       place->on_disk ? fixture->driver : "memory");

	if (place->on_disk && strcmp(fixture->driver, "sqlite") == 0)
		used += (size_t)snprintf(lines + used, 2048 - used, "SQLiteFile %s\n", fixture->file);
	for (size_t i = 0; place->on_disk && fixture->lines[0] != NULL && i < 5; i++)
		used += (size_t)snprintf(lines + used, 2048 - used, "%s %s\n", names[is_mysql][i],
					 i < 4 ? fixture->lines[i] : fixture->database);
	assert_true(used < 2048);
}

void
learned_open(struct learned_place *place, const char *driver, const char *groups, const char *lines)
{
	char all[2048];

	*place = (struct learned_place){.on_disk = strcmp(driver, "memory") != 0};
	if (place->on_disk)
		fixture_begin(&place->fixture, driver);
	write_lines(place, all, lines);
	if (groups != NULL)
		stage_open_groups(&place->stage, groups, all);
	else
		stage_open(&place->stage, all);
}

void
learned_reopen(struct learned_place *place, const char *lines)
{
	char all[2048];

	assert_true(place->on_disk);
	write_lines(place, all, lines);
	stage_close(&place->stage);
	stage_open(&place->stage, all);
}

void
learned_close(struct learned_place *place)
{
	stage_close(&place->stage);
	if (place->on_disk)
		fixture_end(&place->fixture);
}

/* ---- sums -------------------------------------------------------------------------- */

void
learned_free(struct learned *learned)
{
	free(learned->rows);
	*learned = (struct learned){0};
}

/* Counts are signed until learned_finish. */
void
learned_add(struct learned *learned, uint64_t token, int64_t spam, int64_t innocent, int64_t weight, int64_t gradient)
{
	if (learned->count == learned->capacity) {
		learned->capacity = learned->capacity * 2 + 1024;
		learned->rows = reallocarray(learned->rows, learned->capacity, sizeof *learned->rows);
		assert_non_null(learned->rows);
	}
	learned->rows[learned->count++] = (struct store_row){.token = token,
							     .spam = (uint32_t)spam,
							     .innocent = (uint32_t)innocent,
							     .weight = (int32_t)weight,
							     .gradient = gradient};
}

void
learned_add_lesson(struct learned *learned, const struct store_lesson *lesson)
{
	for (size_t i = 0; i < lesson->count; i++)
		learned_add(learned, lesson->changes[i].token, lesson->changes[i].spam, lesson->changes[i].innocent,
			    lesson->changes[i].weight, lesson->changes[i].gradient);
}

static int
compare(const void *a, const void *b)
{
	uint64_t left = ((const struct store_row *)a)->token, right = ((const struct store_row *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

static bool
is_nothing(const struct store_row *row)
{
	return row->spam == 0 && row->innocent == 0 && row->weight == 0 && row->gradient == 0;
}

void
learned_finish(struct learned *learned)
{
	size_t used = 0, kept = 0;

	if (learned->count > 0)
		qsort(learned->rows, learned->count, sizeof *learned->rows, compare);
	for (size_t i = 0; i < learned->count; i++) {
		const struct store_row *row = &learned->rows[i];
		if (used > 0 && learned->rows[used - 1].token == row->token) {
			struct store_row *sum = &learned->rows[used - 1];
			sum->spam += row->spam;
			sum->innocent += row->innocent;
			sum->weight += row->weight;
			sum->gradient += row->gradient;
		} else {
			learned->rows[used++] = *row;
		}
	}
	for (size_t i = 0; i < used; i++)
		if (!is_nothing(&learned->rows[i]))
			learned->rows[kept++] = learned->rows[i];
	learned->count = kept;
}

/* ---- signatures -------------------------------------------------------------------- */

struct collection {
	struct learned *learned;
	char last[200];
};

/* The model of the site has ballots. */
static bool
decode(struct arena *arena, struct span data, struct kept_features *kept, struct error *error)
{
	struct ballot ballot;

	if (!ballot_is(data))
		return kept_features_decode(arena, data, kept, error);
	bool right = ballot_decode(arena, data, &ballot, error);
	*kept = ballot.kept;
	return right;
}

static bool
collect(void *context, const struct store_signature *signature)
{
	struct collection *collection = context;
	struct arena *arena = arena_new((size_t)16 << 20);
	struct kept_features kept;
	struct error error;

	snprintf(collection->last, sizeof collection->last, "%s", signature->id);
	must(decode(arena, signature->data, &kept, &error), &error);
	if (kept.sender != 0 && kept.verdict != CLASS_NONE)
		learned_add(collection->learned, kept.sender, kept.verdict == CLASS_SPAM,
			    kept.verdict == CLASS_INNOCENT, 0, 0);
	if (kept.lesson != CLASS_NONE)
		learned_add(collection->learned, APPRAISAL_LESSONS, kept.counted && kept.lesson == CLASS_SPAM,
			    kept.counted && kept.lesson == CLASS_INNOCENT, kept.surprises && kept.lesson == CLASS_SPAM,
			    kept.surprises && kept.lesson == CLASS_INNOCENT);
	for (size_t i = 0; kept.lesson != CLASS_NONE && i < kept.set->count; i++)
		learned_add(collection->learned, kept.set->features[i].id, kept.changes[i].spam,
			    kept.changes[i].innocent, kept.changes[i].weight, kept.changes[i].gradient);
	arena_free(arena);
	return true;
}

void
learned_add_signatures(struct learned *learned, struct stage *stage, const char *user)
{
	struct collection collection = {.learned = learned};
	size_t count;

	do {
		char after[sizeof collection.last];
		memcpy(after, collection.last, sizeof after);
		must(store_each_signature(filter_store(stage->filter), stage_uid(stage, user), after, collect,
					  &collection, &count, &stage->error),
		     &stage->error);
	} while (count > 0);
}

/* ---- the store --------------------------------------------------------------------- */

static bool
take_row(void *context, const struct store_row *row)
{
	learned_add(context, row->token, row->spam, row->innocent, row->weight, row->gradient);
	return true;
}

struct learned
learned_of(struct stage *stage, const char *user)
{
	struct learned learned = {0};

	must(store_each_row(filter_store(stage->filter), stage_uid(stage, user), take_row, &learned, &stage->error),
	     &stage->error);
	learned_finish(&learned);
	return learned;
}

const char *
learned_difference(const struct learned *a, const struct learned *b)
{
	static char text[256];
	static const struct store_row none;

	for (size_t i = 0; i < a->count || i < b->count; i++) {
		const struct store_row *left = i < a->count ? &a->rows[i] : &none;
		const struct store_row *right = i < b->count ? &b->rows[i] : &none;
		if (left->token == right->token && left->spam == right->spam && left->innocent == right->innocent &&
		    left->weight == right->weight && left->gradient == right->gradient)
			continue;
		snprintf(text, sizeof text,
			 "row %zu of %zu and %zu: %016" PRIx64 " %u %u %" PRId32 " %" PRId64 " and %016" PRIx64
			 " %u %u %" PRId32 " %" PRId64,
			 i, a->count, b->count, left->token, left->spam, left->innocent, left->weight, left->gradient,
			 right->token, right->spam, right->innocent, right->weight, right->gradient);
		return text;
	}
	return NULL;
}

void
learned_check(struct stage *stage, const char *user, const struct learned *more)
{
	struct learned has = learned_of(stage, user), should = {0};

	for (size_t i = 0; more != NULL && i < more->count; i++)
		take_row(&should, &more->rows[i]);
	learned_add_signatures(&should, stage, user);
	learned_finish(&should);
	const char *difference = learned_difference(&has, &should);
	learned_free(&has);
	learned_free(&should);
	if (difference != NULL)
		fail_msg("%s: the store and the signatures differ: %s", user, difference);
}

struct store_row
learned_lessons(struct stage *stage, const char *user)
{
	struct store_row row = {.token = APPRAISAL_LESSONS};

	must(store_read(filter_store(stage->filter), stage_uid(stage, user), NULL, &row, 1, &stage->error),
	     &stage->error);
	return row;
}
