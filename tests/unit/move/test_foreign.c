/* Numbers and days of other programs. */
#include "help.h"

#include "move/foreign.h"

static void
test_tokens(void **state)
{
	uint64_t token;

	(void)state;
	assert_true(foreign_token(SPAN("14914230887260169844"), &token));
	assert_true(token == UINT64_C(14914230887260169844));
	assert_true(foreign_token(SPAN("-3532513186449381772"), &token)); /* the same bits, with a sign */
	assert_true(token == UINT64_C(14914230887260169844));
	assert_true(foreign_token(SPAN("-9223372036854775808"), &token));
	assert_true(token == UINT64_C(1) << 63);
	assert_true(foreign_token(SPAN("18446744073709551615"), &token));
	assert_true(token == UINT64_MAX);
	static const char *const wrong[] = {
		"", "-", "18446744073709551616", "-9223372036854775809", "1.5", " 1", "0x10", "1e3", "--1"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(foreign_token(span_from(wrong[i]), &token));
}

static void
test_days(void **state)
{
	static const struct {
		const char *text;
		int32_t day;
	} days[] = {
		{"1970-01-01", 0},
		{"2000-02-29", 11016},
		{"2000-03-01", 11017},
		{"2026-11-22", 20779},
		{"2026-11-22 06:13:08", 20779},
		{"2026-11-22T06:13", 20779},
		{"0000-00-00", 0},
		{"1969-12-31", -1},
		{"9999-12-31", 2932896},
		{"1795327988", 20779},
		{"20779", 20779},
		{"0", 0},
	};
	int32_t day;

	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		assert_true(foreign_day(span_from(days[i].text), &day));
		assert_int_equal(day, days[i].day);
	}
	static const char *const wrong[] = {"", "2026-13-01", "2026-1-1", "2026-11-22x", "-5", "now", "26-11-2226"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(foreign_day(span_from(wrong[i]), &day));
}

static void
test_hits(void **state)
{
	(void)state;
	assert_int_equal(foreign_hits(-1), 0);
	assert_int_equal(foreign_hits(7), 7);
	assert_int_equal(foreign_hits(INT64_MAX), INT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
