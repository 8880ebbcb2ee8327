/* The mark !DSPAM:id! in text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/embedded.h"

static void
test_rows(void **state)
{
	static const struct {
		const char *text, *id, *mark; /* no id: nothing to find */
	} rows[] = {
		{"", NULL, NULL},
		{"no mark", NULL, NULL},
		{"!dspam:1!", NULL, NULL},
		{"=21DSPAM:1!", NULL, NULL},
		{"!DSPAM:", "", "!DSPAM:"},
		{"!DSPAM:!", "", "!DSPAM:!"},
		{"x !DSPAM:6b0286a675352099110321! y", "6b0286a675352099110321", "!DSPAM:6b0286a675352099110321!"},
		{"> !DSPAM:1,abc!\n", "1,abc", "!DSPAM:1,abc!"},
		{"!DSPAM: abc !", "abc", "!DSPAM: abc !"},
		{"!DSPAM:abc\r\n", "abc", "!DSPAM:abc\r"},
		{"!DSPAM:abc", "abc", "!DSPAM:abc"},
		{"!DSPAM:a!!DSPAM:b!", "a", "!DSPAM:a!"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span id, mark;
		bool found = embedded_find(span_from(rows[i].text), &id, &mark);
		print_message("%s\n", rows[i].text);
		assert_int_equal(found, rows[i].id != NULL);
		if (found) {
			assert_true(span_equal(id, span_from(rows[i].id)));
			assert_true(span_equal(mark, span_from(rows[i].mark)));
		}
	}
}

/* At most EMBEDDED_SIGNATURE_SIZE bytes are the identifier. */
static void
test_size(void **state)
{
	(void)state;
	for (size_t size = EMBEDDED_SIGNATURE_SIZE - 1; size <= EMBEDDED_SIGNATURE_SIZE + 1; size++) {
		char text[300];
		struct span id, mark;
		memset(text, 'a', sizeof text);
		memcpy(text, "!DSPAM:", 7);
		text[7 + size] = '!';
		assert_true(embedded_find(span_of(text, 8 + size), &id, &mark));
		assert_int_equal(id.size, size < EMBEDDED_SIGNATURE_SIZE ? size : EMBEDDED_SIGNATURE_SIZE);
		assert_int_equal(mark.size, 8 + id.size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_size)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
