/* Output in JSON, and days. */
#include "help.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "tool/day.h"
#include "tool/json.h"
#include "tool/sql_text.h"

/* What `write` writes, read by somebody else's parser. */
static json_t *
written(void (*write)(struct json *json))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct json json;
	json_error_t error;
	json_t *value;

	json_begin(&json, out);
	write(&json);
	json_end(&json);
	fclose(out);
	value = json_loadb(text, size, JSON_ALLOW_NUL, &error);
	if (value == NULL)
		fail_msg("%s: %s", error.text, text);
	free(text);
	return value;
}

static void
write_everything(struct json *json)
{
	json_put_object(json, NULL);
	json_put_text(json, "te\"xt\n", span_of("a\"\\\0\x1F\x7F\t\xC3\xA4\xF0\x9F\x90\x88", 13));
	json_put_integer(json, "least", INT64_MIN);
	json_put_real(json, "real", 0.12345, 3);
	json_put_real(json, "none", NAN, 3);
	json_put_real(json, "endless", INFINITY, 3);
	json_put_array(json, "empty");
	json_put_array_end(json);
	json_put_array(json, "list");
	json_put_boolean(json, NULL, true);
	json_put_object(json, NULL);
	json_put_object_end(json);
	json_put_array(json, NULL);
	json_put_integer(json, NULL, 1);
	json_put_array_end(json);
	json_put_integer(json, NULL, 2);
	json_put_array_end(json);
	json_put_boolean(json, "last", false);
	json_put_object_end(json);
}

static void
test_everything(void **state)
{
	json_t *value = written(write_everything);
	json_t *list = json_object_get(value, "list");

	(void)state;
	assert_int_equal(json_object_size(value), 8);
	assert_true(json_integer_value(json_object_get(value, "least")) == INT64_MIN);
	assert_true(json_real_value(json_object_get(value, "real")) == 0.123);
	assert_true(json_is_null(json_object_get(value, "none")));
	assert_true(json_is_null(json_object_get(value, "endless")));
	assert_int_equal(json_array_size(json_object_get(value, "empty")), 0);
	assert_int_equal(json_array_size(list), 4);
	assert_int_equal(json_array_size(json_array_get(list, 2)), 1);
	assert_true(json_is_false(json_object_get(value, "last")));
	json_decref(value);
}

/* Bytes that are no UTF-8: each becomes the character for that, and what follows is kept. */
static void
test_odd_bytes(void **state)
{
	static const struct {
		const char *bytes, *expected;
	} cases[] = {
		{"a\xFF", "\"a\xEF\xBF\xBD\"\n"},
		{"\xC3", "\"\xEF\xBF\xBD\"\n"},
		{"\xC3(", "\"\xEF\xBF\xBD(\"\n"},
		{"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n"},
		{"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n"},
		{"\xE2\x82\xAC", "\"\xE2\x82\xAC\"\n"},
		{"\xF4\x90\x80\x80z", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[64] = "";
		FILE *out = fmemopen(text, sizeof text, "w");
		struct json json;
		json_begin(&json, out);
		json_put_text(&json, NULL, span_from(cases[i].bytes));
		json_end(&json);
		fclose(out);
		assert_string_equal(text, cases[i].expected);
	}
}

static void
test_days(void **state)
{
	char text[DAY_TEXT_SIZE];

	(void)state;
	day_text(text, 20779);
	assert_string_equal(text, "2026-11-22");
	day_text(text, 0);
	assert_string_equal(text, "1970-01-01");
	day_text(text, 2932896);
	assert_string_equal(text, "9999-12-31");
	day_text(text, -1);
	assert_string_equal(text, "1970-01-01");
	day_text(text, INT32_MAX);
	assert_string_equal(text, "1970-01-01");
	assert_in_range(day_today(), 19000, 100000);
}

static void
test_sql(void **state)
{
	static const char *const expected[] = {
		[SQL_MYSQL] = "values(7, '18446744073709551615', 1, 2, '2026-11-22');\n",
		[SQL_POSTGRESQL] = "values(7, '-1', 1, 2, '2026-11-22');\n",
		[SQL_SQLITE] = "values(7, '-1', 1, 2, '20779');\n",
	};
	static const char *const names[] = {"mysql", "pgsql", "sqlite"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char text[1000] = "";
		FILE *out = fmemopen(text, sizeof text, "w");
		enum sql_dialect dialect;
		assert_true(sql_dialect_named(names[i], &dialect));
		sql_row(out, dialect, 7,
			&(struct store_row){.token = UINT64_MAX, .spam = 1, .innocent = 2, .day = 20779});
		sql_row(out, dialect, 7,
			&(struct store_row){.token = 1, .spam = 1, .day = 20779, .weight = -39083, .gradient = 188721});
		sql_preference(out, dialect, 7, "a'b", "c\\'");
		fclose(out);
		assert_non_null(strstr(text, expected[dialect]));
		assert_non_null(strstr(text, "last_hit, weight, gradient) values(7, '1', 1, 0, "));
		assert_non_null(strstr(text, ", '-39083', '188721');\n"));
		assert_non_null(strstr(text, dialect == SQL_MYSQL ? "'a''b', 'c\\\\''');" : "'a''b', 'c\\''');"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_odd_bytes),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_sql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
