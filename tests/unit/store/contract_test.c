/* What store.h promises, asked of every driver. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const drivers[] = {"memory", "sqlite", "pgsql", "mysql"};

#define DAY 20000

/* ---- users ------------------------------------------------------------------ */

static void
test_users(struct store *store)
{
	struct error error;
	store_uid uid = 7;

	must(store_user(store, SPAN("anna"), false, &uid, &error), &error);
	assert_int_equal(uid, 0);
	uid = fixture_user(store, "anna");
	assert_int_equal(fixture_user(store, "anna"), uid);
	assert_int_not_equal(fixture_user(store, "Anna"), uid);
	assert_int_not_equal(fixture_user(store, "anna@example.org"), uid);
	assert_int_not_equal(fixture_user(store, "o'hara\" -- \xC3\xA4 \xFF;"), uid);
	must(store_user(store, SPAN("anna"), false, &uid, &error), &error);
	assert_int_equal(uid, fixture_user(store, "anna"));
}

static void
test_user_names(struct store *store)
{
	static const char *const wrong[] = {"", ".", "..", "a/b", "../x", "a\nb", "\x7F"};
	char name[130];
	struct error error;
	store_uid uid;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(store_name_valid(span_from(wrong[i])));
		assert_false(store_user(store, span_from(wrong[i]), true, &uid, &error));
		assert_int_equal(error.code, ERROR_USER);
	}
	memset(name, 'x', sizeof name);
	assert_true(store_user(store, span_of(name, 128), true, &uid, &error));
	assert_false(store_user(store, span_of(name, 129), true, &uid, &error));
	assert_false(store_user(store, span_of("a\0b", 3), true, &uid, &error));
	assert_true(store_name_valid(SPAN("...")));
}

struct seen {
	store_uid last;
	size_t count;
	size_t limit;
	char name[16];
};

static bool
see_user(void *context, store_uid uid, const char *name)
{
	struct seen *seen = context;

	assert_true(uid > seen->last);
	seen->last = uid;
	snprintf(seen->name, sizeof seen->name, "%s", name);
	return ++seen->count < seen->limit;
}

static void
test_each_user(struct store *store)
{
	struct seen all = {.limit = 100}, some = {.limit = 2};
	struct error error;

	fixture_user(store, "c");
	fixture_user(store, "a");
	fixture_user(store, "b");
	must(store_each_user(store, see_user, &all, &error), &error);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.name, "b");
	must(store_each_user(store, see_user, &some, &error), &error);
	assert_int_equal(some.count, 2);
	assert_string_equal(some.name, "a");
}

/* ---- lessons ---------------------------------------------------------------- */

static void
learn(struct store *store, store_uid uid, int32_t day, const struct store_change *changes, size_t count)
{
	struct error error;

	must(store_learn(store, &(struct store_lesson){.uid = uid, .day = day, .changes = changes, .count = count},
			 &error),
	     &error);
}

static struct store_row
row_of(struct store *store, store_uid uid, uint64_t token)
{
	struct store_row row = {token, 9, 9, 9, 0, 0};
	struct error error;

	must(store_read(store, uid, NULL, &row, 1, &error), &error);
	assert_true(row.token == token);
	return row;
}

static void
assert_row(struct store *store, store_uid uid, uint64_t token, uint32_t spam, uint32_t innocent, int32_t day)
{
	struct store_row row = row_of(store, uid, token);

	assert_int_equal(row.spam, spam);
	assert_int_equal(row.innocent, innocent);
	assert_int_equal(row.day, day);
}

static void
test_rows(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const uint64_t low = UINT64_C(1) << 63, high = INT64_MAX;
	const struct store_change first[] = {
		{low, 1, 0, 0, 0}, {UINT64_MAX, 2, 1, 0, 0}, {0, 0, 0, 0, 0}, {1, 0, 5, 0, 0}, {high, 3, 3, 0, 0}};
	const struct store_change second[] = {{low, -1, 2, 0, 0}, {1, 1, -4, 0, 0}};
	struct store_row rows[] = {{.token = low}, {.token = low + 1}, {.token = UINT64_MAX},
				   {.token = 0},   {.token = 1},       {.token = high}};
	struct error error;

	learn(store, uid, DAY, first, 5);
	learn(store, uid, DAY + 1, second, 2);
	must(store_read(store, uid, NULL, rows, 6, &error), &error);
	assert_true(rows[0].spam == 0 && rows[0].innocent == 2 && rows[0].day == DAY + 1);
	assert_true(rows[1].spam == 0 && rows[1].innocent == 0 && rows[1].day == 0);
	assert_true(rows[2].spam == 2 && rows[2].innocent == 1 && rows[2].day == DAY);
	assert_true(rows[3].spam == 0 && rows[3].innocent == 0 && rows[3].day == DAY);
	assert_true(rows[4].spam == 1 && rows[4].innocent == 1 && rows[4].day == DAY + 1);
	assert_true(rows[5].spam == 3 && rows[5].innocent == 3 && rows[5].day == DAY);
	assert_row(store, other, low, 0, 0, 0);
}

static void
test_never_below_zero(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change down[] = {{1, -3, 2, 0, 0}, {2, 4, -1, 0, 0}, {3, -1, -1, 0, 0}};
	const struct store_change up[] = {{1, 1, 0, 0, 0}, {2, -9, 1, 0, 0}, {3, 1, 1, 0, 0}};
	const struct totals minus = {-1, 5, -2, 0, 3, -4, 1, -1}, plus = {2, -6, 2, 1, -3, 4, 1, 1};
	struct store_lesson lesson = {.uid = uid, .day = DAY, .changes = down, .count = 3, .totals = minus};
	struct totals totals;
	struct error error;

	must(store_learn(store, &lesson, &error), &error);
	assert_row(store, uid, 1, 0, 2, DAY);
	assert_row(store, uid, 2, 4, 0, DAY);
	assert_row(store, uid, 3, 0, 0, DAY);
	lesson.changes = up;
	lesson.totals = plus;
	must(store_learn(store, &lesson, &error), &error);
	assert_row(store, uid, 1, 1, 2, DAY);
	assert_row(store, uid, 2, 0, 1, DAY);
	assert_row(store, uid, 3, 1, 1, DAY);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 0, 2, 1, 0, 4, 2, 1}), sizeof totals);
}

static void
test_totals(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	struct totals totals = {.spam_learned = 9};
	struct error error;

	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){0}), sizeof totals);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 1, 1, 1, 1, 1, 1, 1}}, &error),
	     &error);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 3, 4, 5, 6, 7, 8, 9}), sizeof totals);
}

static bool
count_row(void *context, const struct store_row *row)
{
	struct seen *seen = context;

	assert_int_equal(row->spam, 1);
	return ++seen->count < seen->limit;
}

static void
test_each_row(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	struct seen all = {.limit = 9999}, some = {.limit = 10}, none = {.limit = 9999};
	struct store_change changes[3000];
	struct error error;

	for (size_t i = 0; i < 3000; i++)
		changes[i] = (struct store_change){.token = i * 3, .spam = 1, .innocent = 0};
	learn(store, uid, DAY, changes, 3000);
	must(store_each_row(store, uid, count_row, &all, &error), &error);
	must(store_each_row(store, uid, count_row, &some, &error), &error);
	must(store_each_row(store, other, count_row, &none, &error), &error);
	assert_int_equal(all.count, 3000);
	assert_int_equal(some.count, 10);
	assert_int_equal(none.count, 0);
	/* A walk that was stopped must not stand in the way. */
	learn(store, uid, DAY, changes, 1);
}

/* ---- signatures -------------------------------------------------------------- */

static void
put_signature(struct store *store, store_uid uid, const char *id, struct span data, int32_t day)
{
	const struct store_signature signature = {id, data, day};
	struct error error;

	must(store_learn(store, &(struct store_lesson){.uid = uid, .day = day, .signature = &signature}, &error),
	     &error);
}

static void
assert_signature(struct store *store, store_uid uid, const char *id, struct span data, int32_t day)
{
	struct arena *arena = arena_new(4 << 20);
	struct store_signature signature;
	struct error error;
	bool found;

	must(store_signature_get(store, uid, id, arena, &signature, &found, &error), &error);
	assert_true(found);
	assert_string_equal(signature.id, id);
	assert_true(span_equal(signature.data, data));
	assert_int_equal(signature.day, day);
	arena_free(arena);
}

static void
assert_no_signature(struct store *store, store_uid uid, const char *id)
{
	struct arena *arena = arena_new(1 << 20);
	struct store_signature signature;
	struct error error;
	bool found = true;

	must(store_signature_get(store, uid, id, arena, &signature, &found, &error), &error);
	assert_false(found);
	arena_free(arena);
}

/* What was learned from a signature is learned only if the signature is what it was. */
static void
test_replaced_signature(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change change = {.token = 7, .spam = 1};
	const struct store_signature changed = {"a1", SPAN("after"), DAY};
	struct store_lesson lesson = {.uid = uid,
				      .day = DAY,
				      .changes = &change,
				      .count = 1,
				      .totals = {.spam_learned = 1},
				      .signature = &changed};
	struct store_row row = {.token = 7};
	struct totals totals;
	struct error error;

	lesson.replaces = SPAN("before");
	assert_false(store_learn(store, &lesson, &error)); /* there is none */
	assert_true(error.temporary);
	put_signature(store, uid, "a1", SPAN("before"), DAY);
	must(store_learn(store, &lesson, &error), &error);
	assert_signature(store, uid, "a1", SPAN("after"), DAY);
	assert_false(store_learn(store, &lesson, &error)); /* it is another one now */
	assert_true(error.temporary);
	must(store_read(store, uid, &totals, &row, 1, &error), &error);
	assert_int_equal(totals.spam_learned, 1);
	assert_int_equal(row.spam, 1);
}

static void
test_signatures(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	struct error error;
	char *large = malloc(1 << 20);
	char id[129];

	for (size_t i = 0; i < 1 << 20; i++)
		large[i] = (char)(i * 7);
	memset(id, 'z', 128);
	id[128] = '\0';
	put_signature(store, uid, "5f1c2d", SPAN("a\0b'\"\xFF"), DAY);
	put_signature(store, uid, "1,5f1c2d", SPAN(""), DAY + 1);
	put_signature(store, uid, id, span_of(large, 1 << 20), DAY);
	assert_signature(store, uid, "5f1c2d", SPAN("a\0b'\"\xFF"), DAY);
	assert_signature(store, uid, "1,5f1c2d", SPAN(""), DAY + 1);
	assert_signature(store, uid, id, span_of(large, 1 << 20), DAY);
	assert_no_signature(store, other, "5f1c2d");
	assert_no_signature(store, uid, "5F1C2D");
	put_signature(store, uid, "5f1c2d", SPAN("new"), DAY + 2);
	assert_signature(store, uid, "5f1c2d", SPAN("new"), DAY + 2);
	must(store_signature_delete(store, uid, "5f1c2d", &error), &error);
	must(store_signature_delete(store, uid, "5f1c2d", &error), &error);
	assert_no_signature(store, uid, "5f1c2d");
	assert_signature(store, uid, "1,5f1c2d", SPAN(""), DAY + 1);
	free(large);
}

static void
test_signature_limits(struct store *store)
{
	static const char *const wrong[] = {"", "a b", "a'b", "a/b", "\xC3\xA4", "a\n"};
	store_uid uid = fixture_user(store, "anna");
	struct arena *arena = arena_new(1000);
	struct store_signature signature;
	char data[2000] = {0}, id[130];
	struct error error;
	bool found;

	memset(id, 'x', 129);
	id[129] = '\0';
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(store_signature_delete(store, uid, wrong[i], &error));
	assert_false(store_signature_get(store, uid, id, arena, &signature, &found, &error));
	assert_int_equal(error.code, ERROR_DATA);
	put_signature(store, uid, "big", span_of(data, sizeof data), DAY);
	assert_false(store_signature_get(store, uid, "big", arena, &signature, &found, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_signature(store, uid, "big", span_of(data, sizeof data), DAY);
	arena_free(arena);
}

/* A lesson that is refused changes nothing. */
static void
test_refused_lesson(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change change = {5, 1, 1, 0, 0};
	const struct store_signature wrong = {"not an id", SPAN(""), DAY};
	struct store_lesson lesson = {.uid = uid, .changes = &change, .count = 1, .signature = &wrong};
	struct error error;

	assert_false(store_learn(store, &lesson, &error));
	assert_row(store, uid, 5, 0, 0, 0);
}

/* ---- preferences -------------------------------------------------------------- */

struct expected {
	const char *name;
	const char *value;
	size_t count;
};

static bool
see_preference(void *context, const char *name, const char *value)
{
	struct expected *expected = context;

	if (strcmp(name, expected->name) == 0) {
		assert_string_equal(value, expected->value);
		expected->count++;
	}
	return true;
}

static void
assert_preference(struct store *store, store_uid uid, const char *name, const char *value, size_t count)
{
	struct expected expected = {name, value, 0};
	struct error error;

	must(store_each_preference(store, uid, see_preference, &expected, &error), &error);
	assert_int_equal(expected.count, count);
}

static void
set(struct store *store, store_uid uid, const char *name, const char *value)
{
	struct error error;

	must(store_preference_set(store, uid, name, value, &error), &error);
}

static void
test_preferences(struct store *store)
{
	static const char *const hostile[] = {"",
					      "'; DROP TABLE dspam_preferences; --",
					      "\"%s%n\" \\",
					      "\xC3\xA4\xE2\x82\xAC \xF0\x9F\x90\x88",
					      "8-bit \xFF\xFE\x80",
					      "a\nb\tc"};
	store_uid uid = fixture_user(store, "anna");

	set(store, uid, "trainingMode", "TEFT");
	set(store, 0, "trainingMode", "TOE");
	assert_preference(store, uid, "trainingMode", "TEFT", 1);
	assert_preference(store, 0, "trainingMode", "TOE", 1);
	set(store, uid, "TRAININGMODE", "TUM");
	assert_preference(store, uid, "trainingMode", "", 0);
	assert_preference(store, uid, "TRAININGMODE", "TUM", 1);
	set(store, uid, "trainingmode", NULL);
	assert_preference(store, uid, "TRAININGMODE", "", 0);
	set(store, uid, "trainingMode", NULL);
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		set(store, uid, "spamSubject", hostile[i]);
		assert_preference(store, uid, "spamSubject", hostile[i], 1);
	}
	set(store, uid, "o'name \xC3\xA4 \xFF", "x");
	assert_preference(store, uid, "o'name \xC3\xA4 \xFF", "x", 1);
	assert_preference(store, 0, "trainingMode", "TOE", 1);
}

static void
test_preference_limits(struct store *store)
{
	char value[4098], name[130];
	struct error error;

	memset(value, 'v', sizeof value);
	value[4097] = '\0';
	memset(name, 'n', sizeof name);
	name[129] = '\0';
	assert_false(store_preference_set(store, 0, "name", value, &error));
	value[4096] = '\0';
	set(store, 0, "name", value);
	assert_preference(store, 0, "name", value, 1);
	assert_false(store_preference_set(store, 0, name, "v", &error));
	assert_false(store_preference_set(store, 0, "", "v", &error));
	assert_false(store_preference_set(store, 0, "a\nb", "v", &error));
	name[128] = '\0';
	set(store, 0, name, "v");
	assert_preference(store, 0, name, "v", 1);
}

/* ---- purging and merging ----------------------------------------------------------- */

static bool
is_rare(const void *context, const struct store_row *row)
{
	return row->spam + row->innocent <= *(const uint32_t *)context;
}

static struct store_walk
purge(struct store *store, store_uid uid, uint32_t hits, size_t *calls)
{
	struct store_walk walk = {0};
	struct error error;

	for (*calls = 0; !walk.done; ++*calls)
		must(store_purge_rows(store, uid, is_rare, &hits, &walk, &error), &error);
	return walk;
}

/* More rows than one call looks at, at both ends of the numbers, some learned just before. */
static void
test_purge(struct store *store)
{
	enum { ROWS = 10000 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	struct store_change *changes = calloc(ROWS, sizeof *changes);
	struct store_walk walk;
	size_t calls;

	for (size_t i = 0; i < ROWS; i++)
		changes[i] = (struct store_change){.token = (uint64_t)INT64_MIN + i * (UINT64_MAX / (ROWS - 1)),
						   .spam = 1,
						   .innocent = (int)(i % 2)};
	changes[ROWS - 1].token = INT64_MAX;
	learn(store, uid, DAY, changes, ROWS);
	learn(store, other, DAY, changes, ROWS);
	assert_row(store, uid, changes[0].token, 1, 0, DAY);
	walk = purge(store, uid, 1, &calls);
	assert_int_equal(walk.seen, ROWS);
	assert_int_equal(walk.removed, ROWS / 2);
	for (size_t i = 0; i < ROWS; i += 99)
		assert_row(store, uid, changes[i].token, i % 2, i % 2, i % 2 ? DAY : 0);
	assert_row(store, other, changes[0].token, 1, 0, DAY);
	walk = purge(store, uid, 1, &calls);
	assert_int_equal(walk.seen, ROWS / 2);
	assert_int_equal(walk.removed, 0);
	/* what was removed comes back as new */
	learn(store, uid, DAY + 1, changes, 2);
	assert_row(store, uid, changes[0].token, 1, 0, DAY + 1);
	assert_row(store, uid, changes[1].token, 2, 2, DAY + 1);
	walk = purge(store, uid, 9, &calls);
	assert_int_equal(walk.removed, ROWS / 2 + 1);
	walk = purge(store, uid, 9, &calls);
	assert_int_equal(walk.seen, 0);
	free(changes);
}

static bool
one_call_is_enough(const void *context, const struct store_row *row)
{
	(void)context;
	(void)row;
	fail_msg("asked after the end");
	return false;
}

static void
test_purge_at_its_end(struct store *store)
{
	struct store_walk walk = {.begun = true, .done = true};
	struct error error;

	must(store_purge_rows(store, fixture_user(store, "anna"), one_call_is_enough, NULL, &walk, &error), &error);
}

static void
test_purge_signatures(struct store *store)
{
	enum { SIGNATURES = 250 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	size_t removed, calls = 0, sum = 0;
	struct error error;
	char id[16];

	for (int i = 0; i < SIGNATURES; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, SPAN("data"), i < 200 ? DAY : DAY + 1);
		put_signature(store, other, id, SPAN("data"), DAY);
	}
	do {
		must(store_purge_signatures(store, uid, DAY + 1, &removed, &error), &error);
		assert_true(removed <= 100);
		sum += removed;
		calls++;
	} while (removed > 0);
	assert_int_equal(sum, 200);
	assert_int_equal(calls, 3);
	assert_no_signature(store, uid, "s199");
	assert_signature(store, uid, "s200", SPAN("data"), DAY + 1);
	assert_signature(store, other, "s0", SPAN("data"), DAY);
}

static void
test_merge(struct store *store)
{
	store_uid users[] = {fixture_user(store, "anna"), fixture_user(store, "bert"), fixture_user(store, "nobody")};
	store_uid to = fixture_user(store, "carl");
	const struct store_change first[] = {{UINT64_MAX, 1, 0, 0, 0}, {1, 2, 3, 0, 0}},
				  second[] = {{1, 10, 0, 0, 0}, {7, 0, 1, 0, 0}};
	struct store_change many[3000];
	struct totals totals;
	struct error error;
	size_t rows[3];

	learn(store, users[0], DAY + 5, first, 2);
	learn(store, users[1], DAY, second, 2);
	learn(store, to, DAY + 1, second, 1);
	must(store_learn(store, &(struct store_lesson){.uid = users[0], .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	must(store_learn(store, &(struct store_lesson){.uid = to, .totals = {1, 1, 1, 1, 1, 1, 1, 1}}, &error), &error);
	assert_row(store, to, 1, 10, 0, DAY + 1); /* known to caches */
	must(store_merge(store, users, 3, to, rows, &error), &error);
	assert_int_equal(rows[0], 2);
	assert_int_equal(rows[1], 2);
	assert_int_equal(rows[2], 0);
	assert_row(store, to, UINT64_MAX, 1, 0, DAY + 5);
	assert_row(store, to, 1, 22, 3, DAY + 5);
	assert_row(store, to, 7, 0, 1, DAY);
	assert_row(store, users[0], 1, 2, 3, DAY + 5);
	must(store_read(store, to, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 3, 4, 5, 6, 7, 8, 9}), sizeof totals);
	for (size_t i = 0; i < 3000; i++)
		many[i] = (struct store_change){.token = i, .spam = 1, .innocent = 0};
	learn(store, users[2], DAY, many, 3000);
	must(store_merge(store, users + 2, 1, to, rows, &error), &error);
	assert_int_equal(rows[0], 3000);
	assert_row(store, to, 2999, 1, 0, DAY);
	assert_row(store, to, 1, 23, 3, DAY + 5);
}

/* ---- users who come and go --------------------------------------------------------- */

static void
import(struct store *store, const struct store_import *all)
{
	struct error error;

	must(store_import(store, all, &error), &error);
}

static void
test_import(struct store *store)
{
	enum { MANY = 3000 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const struct store_change learned = {1, 2, 3, 0, 0};
	const struct store_row rows[] = {
		{UINT64_MAX, 4, 5, DAY - 9, 0, 0}, {1, 10, 20, DAY - 9, 0, 0}, {2, 0, 0, DAY + 9, 0, 0}};
	const struct store_signature signatures[] = {{"import", SPAN("1"), DAY}, {"a1", SPAN("x\0y"), DAY - 1}};
	struct store_import all = {uid, rows, 3, signatures, 2, {1, 2, 3, 4, 5, 6, 7, 8}, {0}, false};
	struct store_row *many = calloc(MANY, sizeof *many);
	struct totals totals;
	struct error error;

	learn(store, uid, DAY, &learned, 1);
	assert_row(store, uid, 1, 2, 3, DAY); /* known to caches */
	import(store, &all);
	assert_row(store, uid, UINT64_MAX, 4, 5, DAY - 9);
	assert_row(store, uid, 1, 12, 23, DAY);
	assert_row(store, uid, 2, 0, 0, DAY + 9);
	assert_row(store, other, 1, 0, 0, 0);
	assert_signature(store, uid, "import", SPAN("1"), DAY);
	assert_signature(store, uid, "a1", SPAN("x\0y"), DAY - 1);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){1, 2, 3, 4, 5, 6, 7, 8}), sizeof totals);
	for (size_t i = 0; i < MANY; i++)
		many[i] = (struct store_row){.token = i, .spam = 1, .innocent = 0, .day = DAY};
	import(store, &(struct store_import){.uid = uid, .rows = many, .count = MANY});
	assert_row(store, uid, 1, 13, 23, DAY);
	assert_row(store, uid, MANY - 1, 1, 0, DAY);
	free(many);
}

/* An import that is no longer the one who began changes nothing. */
static void
test_import_of_another(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_row row = {7, 1, 1, DAY, 0, 0};
	const struct store_signature first = {"import", SPAN("1"), DAY}, second = {"import", SPAN("2"), DAY};
	struct store_import all = {.uid = uid, .rows = &row, .count = 1, .signatures = &first, .signature_count = 1};
	struct error error;

	all.replaces = SPAN("0");
	assert_false(store_import(store, &all, &error));
	assert_true(error.temporary);
	assert_row(store, uid, 7, 0, 0, 0);
	all.replaces = (struct span){0};
	all.fresh = true;
	import(store, &all);
	all.signatures = &second;
	assert_false(store_import(store, &all, &error)); /* it is no longer new */
	assert_true(error.temporary);
	assert_row(store, uid, 7, 1, 1, DAY);
	assert_signature(store, uid, "import", SPAN("1"), DAY);
	all.fresh = false;
	all.replaces = SPAN("1");
	import(store, &all);
	assert_false(store_import(store, &all, &error));
	assert_row(store, uid, 7, 2, 2, DAY);
	assert_signature(store, uid, "import", SPAN("2"), DAY);
	all.signatures = &(struct store_signature){"no id", SPAN(""), DAY};
	assert_false(store_import(store, &all, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_row(store, uid, 7, 2, 2, DAY);
}

static struct store_size
size_of(struct store *store, store_uid uid)
{
	struct store_size size = {9, 9, 9};
	struct error error;

	must(store_size(store, uid, &size, &error), &error);
	return size;
}

/* Rows count once, wherever the driver keeps them. */
static void
test_size(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const struct store_row rows[] = {{5, 1, 1, DAY, 0, 0}, {6, 1, 1, DAY, 0, 0}};
	const struct store_change changes[] = {{6, 1, 0, 0, 0}, {7, 1, 0, 0, 0}, {8, 1, 0, 0, 0}};
	struct store_size size = size_of(store, uid);

	assert_true(size.rows == 0 && size.signatures == 0 && size.bytes == 0);
	import(store, &(struct store_import){.uid = uid, .rows = rows, .count = 2});
	learn(store, uid, DAY, changes, 2);
	learn(store, uid, DAY, changes + 1, 2);
	put_signature(store, uid, "a1", SPAN("0123456789"), DAY);
	put_signature(store, uid, "a2", SPAN(""), DAY);
	size = size_of(store, uid);
	assert_int_equal(size.rows, 4);
	assert_int_equal(size.signatures, 2);
	assert_true(size.bytes >= 4 * 16 + 10);
	size = size_of(store, other);
	assert_true(size.rows == 0 && size.signatures == 0 && size.bytes == 0);
}

static bool
see_signature(void *context, const struct store_signature *signature)
{
	char *last = context;
	const char *number = signature->id + 1;

	assert_true(strcmp(signature->id, last) > 0);
	assert_true(span_equal(signature->data, span_from(number)));
	assert_int_equal(signature->day, DAY + strtol(number, NULL, 10));
	snprintf(last, 16, "%s", signature->id);
	return strcmp(signature->id, "s103") != 0;
}

static void
test_each_signature(struct store *store)
{
	enum { SIGNATURES = 150 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	char id[16], last[16] = "";
	size_t count, sum = 0;
	struct error error;

	put_signature(store, other, "s500", SPAN("500"), DAY);
	for (int i = 100; i < 100 + SIGNATURES; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, span_from(id + 1), DAY + i);
	}
	must(store_each_signature(store, uid, last, see_signature, last, &count, &error), &error);
	assert_int_equal(count, 4);
	assert_string_equal(last, "s103"); /* stopped there */
	do {
		sum += count;
		must(store_each_signature(store, uid, last, see_signature, last, &count, &error), &error);
	} while (count > 0);
	assert_int_equal(sum, SIGNATURES);
	assert_string_equal(last, "s249");
	assert_false(store_each_signature(store, uid, "no id", see_signature, last, &count, &error));
}

/* Somebody with a bit of everything. */
static store_uid
fill(struct store *store, const char *name, const struct store_change *changes, size_t count)
{
	store_uid uid = fixture_user(store, name);
	struct error error;
	char id[16];

	learn(store, uid, DAY, changes, count);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	for (int i = 0; i < 120; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, SPAN("data"), DAY + i);
	}
	set(store, uid, "trainingMode", "TUM");
	set(store, uid, "spamAction", "tag");
	return uid;
}

static void
remove_user(struct store *store, store_uid uid, enum store_removal what)
{
	struct store_remove_walk walk = {0};
	struct error error;

	while (!walk.done)
		must(store_remove(store, uid, what, &walk, &error), &error);
	must(store_remove(store, uid, what, &walk, &error), &error); /* asked once more it does nothing */
	assert_int_equal(walk.signatures, 120);
	assert_int_equal(walk.rows.removed, 9000);
}

static void
test_remove(struct store *store)
{
	struct store_change *changes = calloc(9000, sizeof *changes);
	struct totals totals;
	struct store_size size;
	struct error error;
	store_uid uid, again;

	for (size_t i = 0; i < 9000; i++)
		changes[i] = (struct store_change){.token = i, .spam = 1, .innocent = 0};
	uid = fill(store, "anna", changes, 9000);
	store_uid other = fill(store, "bert", changes, 9000);
	assert_row(store, uid, 3, 1, 0, DAY); /* known to caches */
	remove_user(store, uid, STORE_REMOVE_LEARNED);
	size = size_of(store, uid);
	assert_true(size.rows == 0 && size.signatures == 0);
	assert_row(store, uid, 3, 0, 0, 0);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){0}), sizeof totals);
	assert_int_equal(fixture_user(store, "anna"), uid);
	assert_preference(store, uid, "trainingMode", "TUM", 1);
	fill(store, "anna", changes, 9000);
	assert_row(store, uid, 3, 1, 0, DAY);
	remove_user(store, uid, STORE_REMOVE_USER);
	must(store_user(store, SPAN("anna"), false, &again, &error), &error);
	assert_int_equal(again, 0);
	assert_row(store, uid, 3, 0, 0, 0);
	assert_preference(store, uid, "trainingMode", "", 0);
	again = fixture_user(store, "anna");
	assert_int_not_equal(again, uid);
	assert_int_not_equal(again, other);
	assert_row(store, other, 3, 1, 0, DAY);
	assert_signature(store, other, "s7", SPAN("data"), DAY + 7);
	assert_preference(store, other, "spamAction", "tag", 1);
	free(changes);
}

static void
test_optimize(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change change = {1, 2, 3, 0, 0};
	struct error error;

	learn(store, uid, DAY, &change, 1);
	must(store_optimize(store, &error), &error);
	assert_row(store, uid, 1, 2, 3, DAY);
	learn(store, uid, DAY, &change, 1);
	assert_row(store, uid, 1, 4, 6, DAY);
}

/* ---- every test on every driver -------------------------------------------------- */

#define CASE(name)                                                                                                     \
	{                                                                                                              \
#name, test_##name                                                                                     \
	}

static const struct contract {
	const char *name;
	void (*test)(struct store *store);
} contracts[] = {
	CASE(users),
	CASE(user_names),
	CASE(each_user),
	CASE(rows),
	CASE(never_below_zero),
	CASE(totals),
	CASE(each_row),
	CASE(signatures),
	CASE(replaced_signature),
	CASE(signature_limits),
	CASE(refused_lesson),
	CASE(preferences),
	CASE(preference_limits),
	CASE(purge),
	CASE(purge_at_its_end),
	CASE(purge_signatures),
	CASE(merge),
	CASE(import),
	CASE(import_of_another),
	CASE(size),
	CASE(each_signature),
	CASE(remove),
	CASE(optimize),
};

#define CONTRACTS (sizeof contracts / sizeof contracts[0])
#define DRIVERS (sizeof drivers / sizeof drivers[0])

struct run {
	const struct contract *contract;
	const char *driver;
	char name[64];
};

static void
run_contract(void **state)
{
	const struct run *run = *state;
	struct fixture fixture;
	struct store *store;

	if (!fixture_has(run->driver))
		skip();
	fixture_begin(&fixture, run->driver);
	store = fixture_open(&fixture, NULL);
	run->contract->test(store);
	store_close(store);
	fixture_end(&fixture);
}

int
main(void)
{
	static struct run runs[CONTRACTS * DRIVERS];
	struct CMUnitTest tests[CONTRACTS * DRIVERS];

	for (size_t i = 0; i < CONTRACTS * DRIVERS; i++) {
		struct run *run = &runs[i];
		run->contract = &contracts[i % CONTRACTS];
		run->driver = drivers[i / CONTRACTS];
		snprintf(run->name, sizeof run->name, "%s: %s", run->driver, run->contract->name);
		tests[i] = (struct CMUnitTest){.name = run->name, .test_func = run_contract, .initial_state = run};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
