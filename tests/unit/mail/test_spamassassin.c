/* Odd marks of SpamAssassin; ordinary ones: tests/system/test_corpus_tool.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/spamassassin.h"

static const struct {
	const char *raw;
	const char *expected; /* NULL: the message as it came */
} cases[] = {
	{"", NULL},
	{"X-Spam", NULL},
	{"Subject: X-Spam-Flag: YES\n\nX-Spam-Flag: YES\n", NULL},
	{"x-spam-flag: YES\nA: b\n\nc\n", "A: b\n\nc\n"},
	{"X-Spam-Flag: YES\n", ""},
	{"X-Spam-Flag: YES\r\nA: b\r\n\r\nc", "A: b\r\n\r\nc"},
	{"X-Spam-Status: Yes\n\tfolded\nSubject: b\n\nc\n", "Subject: b\n\nc\n"},
	{"Subject: new\n\tnew\nX-Spam-Prev-subject: old\n\told\n\nc\n", "subject: old\n\told\n\nc\n"},
	/* the report may be missing */
	{"X-Spam-Flag: YES\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX: x-spam-type=original\n\nin\n--b--\n",
	 "in"},
	{"X-Spam-Flag: YES\nContent-Type: multipart/mixed; boundary=\"b c\"\n\n--b cd\n--b c\n\nx\n--b c "
	 "\nContent-Type: "
	 "text/plain; X-SPAM-TYPE=original\n\nFrom a\nA: b\n\n--b\nc\r\n--b c--\n",
	 "A: b\n\n--b\nc"},
	/* no end, no boundary, nothing in it: only headers change */
	{"X-Spam-Flag: YES\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX: x-spam-type=original\n\nin\n",
	 "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: x-spam-type=original\n\nin\n"},
	{"X-Spam-Flag: YES\nContent-Type: multipart/mixed; boundary=\n\n--\nX: x-spam-type=original\n\nin\n----\n",
	 "Content-Type: multipart/mixed; boundary=\n\n--\nX: x-spam-type=original\n\nin\n----\n"},
	{"X-Spam-Flag: YES\nContent-Type: multipart/mixed; boundary=b\n\n--b\nX: x-spam-type=original\n--b--\n",
	 "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: x-spam-type=original\n--b--\n"},
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new((size_t)1 << 22);
		struct span raw = span_from(cases[i].raw);
		struct span out = spamassassin_unwrap(arena, raw);
		if (cases[i].expected == NULL)
			assert_ptr_equal(out.data, raw.data);
		if (!span_equal(out, span_from(cases[i].expected != NULL ? cases[i].expected : cases[i].raw)))
			fail_msg("case %zu gave \"%.*s\"", i, (int)out.size, out.data);
		arena_free(arena);
	}
}

/* What does not fit stays as it came. */
static void
test_full_arena(void **state)
{
	const struct span raw = SPAN("X-Spam-Flag: YES\nA: b\n\nc\n");

	(void)state;
	for (size_t ceiling = 0; ceiling < 4000; ceiling += 100) {
		struct arena *arena = arena_new(ceiling);
		struct span out = spamassassin_unwrap(arena, raw);
		assert_true(span_equal(out, raw) || span_equal(out, SPAN("A: b\n\nc\n")));
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_full_arena)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
