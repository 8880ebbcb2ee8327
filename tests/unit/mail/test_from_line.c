/* Lines of an mbox that begin with "From ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "mail/from_line.h"

static void
unquotes(const char *text, const char *expected)
{
	char copy[100];

	snprintf(copy, sizeof copy, "%s", text);
	size_t size = from_line_unquote(span_from(copy), copy);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(copy, expected, size);
}

static void
test_unquoting(void **state)
{
	(void)state;
	unquotes("", "");
	unquotes(">From a\n>>From b\n> From c\n>from d\nx >From e", "From a\n>From b\n> From c\n>from d\nx >From e");
	unquotes("x\r\n>From ", "x\r\nFrom ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_unquoting)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
