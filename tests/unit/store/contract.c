#include "contract.h"

void
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

void
assert_row(struct store *store, store_uid uid, uint64_t token, uint32_t spam, uint32_t innocent, int32_t day)
{
	struct store_row row = row_of(store, uid, token);

	assert_int_equal(row.spam, spam);
	assert_int_equal(row.innocent, innocent);
	assert_int_equal(row.day, day);
}

void
put_signature(struct store *store, store_uid uid, const char *id, struct span data, int32_t day)
{
	const struct store_signature signature = {id, data, day};
	struct error error;

	must(store_learn(store, &(struct store_lesson){.uid = uid, .day = day, .signature = &signature}, &error),
	     &error);
}

void
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

void
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

void
assert_preference(struct store *store, store_uid uid, const char *name, const char *value, size_t count)
{
	struct expected expected = {name, value, 0};
	struct error error;

	must(store_each_preference(store, uid, see_preference, &expected, &error), &error);
	assert_int_equal(expected.count, count);
}

void
set_preference(struct store *store, store_uid uid, const char *name, const char *value)
{
	struct error error;

	must(store_preference_set(store, uid, name, value, &error), &error);
}
