/*
 * Random histories: each driver, through connections that take turns, with and without caches of rows, says at every
 * moment what the store in memory says. Each failure names its seed.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "store/row_cache.h"

enum { TOKENS_MAXIMUM = 1500, STORES = 5, CACHE = 262144 };

struct history {
	uint64_t random;
	uint64_t range; /* of tokens; a small one makes many changes of the same */
	size_t tokens;  /* of a lesson at most */
	bool negative;
	struct store
		*stores[STORES]; /* memory; the driver; twice with one cache; with another, as in another process */
};

static uint64_t
below(struct history *history, uint64_t limit)
{
	return random_next(&history->random) % limit;
}

static int32_t
change(struct history *history)
{
	if (history->negative && below(history, 4) == 0)
		return -(int32_t)below(history, 4);
	return (int32_t)below(history, 3);
}

/* Of all sizes; a sum of a whole history's fits. */
static int32_t
weight(struct history *history)
{
	return (int32_t)random_next(&history->random) >> (12 + below(history, 19));
}

static void
learn(struct history *history, store_uid uid, int32_t day)
{
	uint64_t tokens[TOKENS_MAXIMUM];
	struct store_change changes[TOKENS_MAXIMUM];
	size_t count = random_tokens(&history->random, history->range, tokens, below(history, history->tokens) + 1);
	struct store_lesson lesson = {.uid = uid, .day = day, .changes = changes, .count = count};
	struct error error;

	for (size_t i = 0; i < count; i++) {
		changes[i] =
			(struct store_change){.token = tokens[i], .spam = change(history), .innocent = change(history)};
		if (store_has_weights(history->stores[1]) && below(history, 2) == 0) {
			changes[i].weight = weight(history);
			changes[i].gradient = weight(history);
		}
	}
	lesson.totals = (struct totals){change(history), change(history), change(history), change(history),
					change(history), change(history), change(history), change(history)};
	must(store_learn(history->stores[0], &lesson, &error), &error);
	must(store_learn(history->stores[1 + below(history, STORES - 1)], &lesson, &error), &error);
}

static void
compare_reads(struct history *history, store_uid uid)
{
	uint64_t tokens[TOKENS_MAXIMUM];
	struct store_row rows[STORES][TOKENS_MAXIMUM];
	struct totals totals[STORES];
	size_t count = random_tokens(&history->random, history->range, tokens, below(history, history->tokens) + 1);
	struct error error;

	memset(rows, 0xAA, sizeof rows);
	for (size_t s = 0; s < STORES; s++) {
		for (size_t i = 0; i < count; i++)
			rows[s][i].token = tokens[i];
		must(store_read(history->stores[s], uid, &totals[s], rows[s], count, &error), &error);
		assert_memory_equal(&totals[s], &totals[0], sizeof totals[0]);
		for (size_t i = 0; i < count; i++) {
			assert_true(rows[s][i].token == tokens[i]);
			assert_int_equal(rows[s][i].spam, rows[0][i].spam);
			assert_int_equal(rows[s][i].innocent, rows[0][i].innocent);
			assert_int_equal(rows[s][i].day, rows[0][i].day);
			assert_int_equal(rows[s][i].weight, rows[0][i].weight);
			assert_true(rows[s][i].gradient == rows[0][i].gradient);
		}
	}
}

struct listing {
	struct store_row *rows;
	size_t count;
	size_t capacity;
};

static bool
list_row(void *context, const struct store_row *row)
{
	struct listing *listing = context;

	if (listing->count == listing->capacity) {
		listing->capacity = listing->capacity * 2 + 64;
		listing->rows = reallocarray(listing->rows, listing->capacity, sizeof *row);
		assert_non_null(listing->rows);
	}
	listing->rows[listing->count++] = *row;
	return true;
}

static int
compare_rows(const void *a, const void *b)
{
	uint64_t left = ((const struct store_row *)a)->token, right = ((const struct store_row *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

static struct listing
list(struct store *store, store_uid uid)
{
	struct listing listing = {0};
	struct error error;

	must(store_each_row(store, uid, list_row, &listing, &error), &error);
	if (listing.count > 0)
		qsort(listing.rows, listing.count, sizeof *listing.rows, compare_rows);
	return listing;
}

static void
compare_listings(struct history *history, store_uid uid)
{
	struct listing expected = list(history->stores[0], uid);
	struct listing found = list(history->stores[1 + below(history, STORES - 1)], uid);

	assert_int_equal(found.count, expected.count);
	for (size_t i = 0; i < found.count; i++) {
		assert_true(found.rows[i].token == expected.rows[i].token);
		assert_int_equal(found.rows[i].spam, expected.rows[i].spam);
		assert_int_equal(found.rows[i].innocent, expected.rows[i].innocent);
		assert_int_equal(found.rows[i].day, expected.rows[i].day);
		assert_int_equal(found.rows[i].weight, expected.rows[i].weight);
		assert_true(found.rows[i].gradient == expected.rows[i].gradient);
	}
	free(found.rows);
	free(expected.rows);
}

static bool
is_of_a_kind(const void *context, const struct store_row *row)
{
	return (row->spam + row->innocent + (uint32_t)row->day) % 3 == *(const uint32_t *)context;
}

static size_t
purge(struct store *store, store_uid uid, uint32_t kind)
{
	struct store_walk walk = {0};
	struct error error;

	while (!walk.done)
		must(store_purge_rows(store, uid, is_of_a_kind, &kind, &walk, &error), &error);
	return walk.removed;
}

static void
import(struct history *history, struct store *store, store_uid uid)
{
	uint64_t tokens[TOKENS_MAXIMUM];
	struct store_row rows[TOKENS_MAXIMUM];
	size_t count = random_tokens(&history->random, history->range, tokens, below(history, history->tokens) + 1);
	struct store_import all = {.uid = uid, .rows = rows, .count = count, .totals = {1, 2, 3, 4, 5, 6, 7, 8}};
	struct error error;

	bool weighted = store_has_weights(history->stores[1]);
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct store_row){.token = tokens[i],
					     .spam = (uint32_t)below(history, 5),
					     .innocent = (uint32_t)below(history, 5),
					     .day = (int32_t)(20000 + below(history, 100)),
					     .weight = weighted ? weight(history) : 0,
					     .gradient = weighted ? weight(history) : 0};
	must(store_import(history->stores[0], &all, &error), &error);
	must(store_import(store, &all, &error), &error);
}

static void
forget(struct history *history, struct store *store, store_uid uid)
{
	struct store *stores[] = {history->stores[0], store};
	struct error error;

	for (size_t i = 0; i < 2; i++)
		for (struct store_remove_walk walk = {0}; !walk.done;)
			must(store_remove(stores[i], uid, STORE_REMOVE_LEARNED, &walk, &error), &error);
}

static void
compare_sizes(struct history *history, struct store *store, store_uid uid)
{
	struct store_size expected, found;
	struct error error;

	must(store_size(history->stores[0], uid, &expected, &error), &error);
	must(store_size(store, uid, &found, &error), &error);
	assert_int_equal(found.rows, expected.rows);
}

/* What lessons do not do: rows vanish, rows of others are added, rows come from elsewhere. */
static void
disturb(struct history *history, const store_uid uids[3])
{
	store_uid uid = uids[below(history, 2)];
	uint32_t kind = (uint32_t)below(history, 3);
	struct store *store = history->stores[1 + below(history, 2)];
	struct error error;
	size_t rows[2];

	compare_sizes(history, store, uid);
	if (below(history, 3) == 0) {
		import(history, store, uid);
		return;
	}
	if (below(history, 20) == 0) {
		forget(history, store, uid);
		return;
	}
	if (below(history, 2) == 0) {
		assert_int_equal(purge(store, uid, kind), purge(history->stores[0], uid, kind));
		return;
	}
	must(store_merge(history->stores[0], &uid, 1, uids[2], &rows[0], &error), &error);
	must(store_merge(store, &uid, 1, uids[2], &rows[1], &error), &error);
	assert_int_equal(rows[0], rows[1]);
}

static void
run_history(struct history *history, size_t lessons)
{
	struct row_cache *caches[] = {row_cache_new(CACHE, false), row_cache_new(CACHE, true)};
	struct fixture memory, real;
	store_uid uids[3];

	fixture_begin(&memory, "memory");
	fixture_begin(&real, fixture_driver);
	history->stores[0] = fixture_open(&memory, NULL);
	for (size_t s = 1; s < STORES; s++) {
		real.cache = s == 1 ? NULL : caches[s == STORES - 1];
		history->stores[s] = fixture_open(&real, NULL);
	}
	for (size_t s = 0; s < STORES; s++)
		for (size_t u = 0; u < 3; u++)
			uids[u] = fixture_user(history->stores[s], u == 0 ? "a" : u == 1 ? "b" : "c");
	for (size_t i = 0; i < lessons; i++) {
		/* Nearly all goes to the first, so that its lessons are added up and added to the table. */
		store_uid uid = uids[below(history, 8) > 1 ? 0 : below(history, 3)];
		learn(history, uid, (int32_t)(20000 + below(history, 100)));
		compare_reads(history, uids[below(history, 8) > 1 ? 0 : below(history, 3)]);
		if (below(history, 15) == 0)
			disturb(history, uids);
		if (below(history, 50) == 0)
			compare_listings(history, uid);
	}
	for (size_t u = 0; u < 3; u++)
		compare_listings(history, uids[u]);
	for (size_t s = 0; s < STORES; s++)
		store_close(history->stores[s]);
	fixture_end(&memory);
	fixture_end(&real);
	row_cache_free(caches[0]);
	row_cache_free(caches[1]);
}

static void
test_small_histories(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= (strcmp(fixture_driver, "sqlite") == 0 ? 25 : 8); seed++) {
		print_message("seed %llu\n", (unsigned long long)seed);
		run_history(&(struct history){.random = seed, .range = 50, .tokens = 40, .negative = true}, 60);
	}
}

/* With SQLite more tokens than lessons are kept as runs: they reach the table by themselves. */
static void
test_long_history(void **state)
{
	(void)state;
	if (strcmp(fixture_driver, "sqlite") != 0) {
		run_history(&(struct history){.random = 3000, .range = 60000, .tokens = 1500, .negative = true}, 30);
		return;
	}
	run_history(&(struct history){.random = 1000, .range = 60000, .tokens = 1500, .negative = true}, 150);
	run_history(&(struct history){.random = 2000, .range = 60000, .tokens = 1500}, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_histories),
		cmocka_unit_test(test_long_history),
	};

	return fixture_run_group(tests);
}
