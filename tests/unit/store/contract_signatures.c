/* Signatures, and lessons from them. */
#include "contract.h"

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

const struct contract contract_signatures[] = {
	CASE(signatures), CASE(replaced_signature), CASE(signature_limits), CASE(refused_lesson), {NULL, NULL},
};
