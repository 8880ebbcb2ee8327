/* Users: names and numbers. */
#include "contract.h"

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

static void
test_names_of_numbers(struct store *store)
{
	store_uid anna = fixture_user(store, "anna"), berta = fixture_user(store, "berta@example.org");
	char name[STORE_NAME_SIZE] = "left over";
	struct error error;

	must(store_user_name(store, anna, name, &error), &error);
	assert_string_equal(name, "anna");
	must(store_user_name(store, berta, name, &error), &error);
	assert_string_equal(name, "berta@example.org");
	must(store_user_name(store, 0, name, &error), &error);
	assert_string_equal(name, "");
	must(store_user_name(store, anna + berta, name, &error), &error);
	assert_string_equal(name, "");
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

const struct contract contract_users[] = {
	CASE(users), CASE(user_names), CASE(names_of_numbers), CASE(each_user), {NULL, NULL},
};
