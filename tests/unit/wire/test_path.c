#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/path.h"

static const struct {
	const char *text;
	const char *address; /* NULL: refused */
	const char *rest;
} paths[] = {
	{"<a@b.example>", "a@b.example", ""},
	{" <a@b.example> SIZE=1", "a@b.example", " SIZE=1"},
	{"<>", "", ""},
	{"<@x,@y:a@b>", "a@b", ""},
	{"<\"a > b\"@c>", "\"a > b\"@c", ""},
	{"<\"a\\\"> b\"@c> X", "\"a\\\"> b\"@c", " X"},
	{"<@x>", NULL, NULL},
	{"a@b", NULL, NULL},
	{"", NULL, NULL},
	{"<a@b", NULL, NULL},
	{"<a@b>SIZE=1", NULL, NULL},
	{"<a b@c>", NULL, NULL},
	{"<a<b@c>", NULL, NULL},
	{"<a\tb@c>", NULL, NULL},
	{"<\"a@c>", NULL, NULL},
	{"<\"a\\", NULL, NULL},
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct span rest = span_from(paths[i].text), address = {NULL, 0};
		bool cut = path_cut(&rest, &address);
		assert_int_equal(cut, paths[i].address != NULL);
		if (!cut)
			continue;
		assert_true(span_equal(address, span_from(paths[i].address)));
		assert_true(span_equal(rest, span_from(paths[i].rest)));
	}
}

static void
test_control_bytes_are_refused(void **state)
{
	char address[] = "aXb@c.example";

	(void)state;
	for (int c = 0; c < 256; c++) {
		address[1] = (char)c;
		bool bad = c < 32 || c == 127 || strchr("<> \"", c) != NULL;
		assert_int_equal(path_valid(span_of(address, sizeof address - 1)), !bad);
	}
	assert_true(path_is_international(SPAN("\xC3\xA4@b")));
	assert_false(path_is_international(SPAN("a@b")));
}

static void
test_parameters(void **state)
{
	struct span rest = SPAN("  SIZE=12 SMTPUTF8   X=\"a \\\" b\" Y= =Z");
	struct span name, value;

	(void)state;
	assert_true(path_next_parameter(&rest, &name, &value));
	assert_true(span_equal(name, SPAN("SIZE")) && span_equal(value, SPAN("12")));
	assert_true(path_next_parameter(&rest, &name, &value));
	assert_true(span_equal(name, SPAN("SMTPUTF8")) && value.data == NULL);
	assert_true(path_next_parameter(&rest, &name, &value));
	assert_true(span_equal(name, SPAN("X")) && span_equal(value, SPAN("\"a \\\" b\"")));
	assert_true(path_next_parameter(&rest, &name, &value));
	assert_true(span_equal(name, SPAN("Y")) && value.data != NULL && value.size == 0);
	assert_true(path_next_parameter(&rest, &name, &value));
	assert_true(name.size == 0 && span_equal(value, SPAN("Z")));
	assert_false(path_next_parameter(&rest, &name, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_control_bytes_are_refused),
		cmocka_unit_test(test_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
