/* Fields one at a time, and the domain of a sender. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "mail/field.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
cuts_fields(void **state)
{
	struct span rest = SPAN("A: 1\r\n\tfolded\r\nb: 2\n no colon\nC:\n\nD: body\n"), field, value;

	(void)state;
	assert_true(mail_field_next(&rest, &field));
	assert_true(span_equal(field, SPAN("A: 1\r\n\tfolded\r\n")));
	assert_true(mail_field_is(field, SPAN("a:"), &value));
	assert_true(span_equal(value, SPAN(" 1\r\n\tfolded\r\n")));
	assert_true(mail_field_next(&rest, &field));
	assert_true(span_equal(field, SPAN("b: 2\n no colon\n")));
	assert_false(mail_field_is(field, SPAN("A:"), &value));
	assert_true(mail_field_next(&rest, &field));
	assert_true(span_equal(field, SPAN("C:\n")));
	assert_false(mail_field_next(&rest, &field));
	rest = SPAN("");
	assert_false(mail_field_next(&rest, &field));
	rest = SPAN("A: end");
	assert_true(mail_field_next(&rest, &field));
	assert_false(mail_field_next(&rest, &field));
}

static void
finds_domains(void **state)
{
	static const char *const rows[][2] = {
		{"alice@example.org", "example.org"},
		{"Alice <alice@Example.ORG>", "Example.ORG"},
		{"\"bank@bank.example\" <alice@example.org>", "example.org"},
		{"Alice <alice@example.org> (home@elsewhere.example)", "example.org"},
		{"<a@b.example>, Alice <alice@example.org>", "example.org"},
		{"alice@example.org (Alice)", "example.org"},
		{"\"a@b\"@example.org", "example.org"},
		{"alice@example.org\r\n", "example.org"},
		{"Alice\n <alice@example.org>\n", "example.org"},
		{"alice@xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"alice@b\xc3\xbc"
		 "cher.example",
		 "b\xc3\xbc"
		 "cher.example"},
		{"Alice <alice@example.org", "example.org"},
		{"Alice <alice>", ""},
		{"<>", ""},
		{"alice", ""},
		{"alice@", ""},
		{"", ""},
		{"alice@[192.0.2.1]", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!span_equal(mail_field_domain(span_from(rows[i][0])), span_from(rows[i][1])))
			fail_msg("%s", rows[i][0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_fields),
		cmocka_unit_test(finds_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
