/* A person as text: out and in again, byte for byte; and files that somebody changed. */
#include "help.h"

#include <inttypes.h>
#include <string.h>

#include "base/crc64.h"
#include "move/user_file.h"

static void
fill(struct person *person)
{
	person_init(person);
	person_name(person, SPAN("o'hara \xC3\xA4%@example.org"));
	person->totals = (struct totals){1, 2, 3, 4, 5, 6, 7, INT64_MAX};
	person_add_row(person, &(struct store_row){.token = 7, .spam = 1, .innocent = 0, .day = 20779});
	person_add_row(person, &(struct store_row){.token = UINT64_MAX, .spam = UINT32_MAX, .innocent = 3, .day = 0});
	person_add_preference(person, SPAN("spamSubject"), SPAN("[a b]\n\t%41"));
	person_add_preference(person, SPAN("empty"), SPAN(""));
	person_add_signature(person, &(struct store_signature){"5f1c", SPAN("a\0\xFF"), 20779});
	person_add_signature(person, &(struct store_signature){"ballot0123456789abcdef", SPAN("ballot"), 20780});
	person_add_signature(person, &(struct store_signature){"1,ab", SPAN(""), 20780});
	person_finish(person);
}

static char *
written(const struct person *person, size_t *size)
{
	struct error error;
	char *text;
	FILE *out = open_memstream(&text, size);
	size_t ballots;

	assert_non_null(out);
	assert_true(user_file_write(person, out, &ballots, &error));
	fclose(out);
	return text;
}

static bool
read_text(const char *text, size_t size, struct person *person, struct error *error)
{
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");

	assert_non_null(in);
	person_init(person);
	bool done = user_file_read(in, "file", person, error);
	fclose(in);
	return done;
}

static const char expected[] = "dspam-user 1\n"
			       "name o'hara%20\xC3\xA4%25@example.org\n"
			       "totals 1 2 3 4 5 6 7 9223372036854775807\n"
			       "preference empty\n"
			       "preference spamSubject [a%20b]%0a%09%2541\n"
			       "token 18446744073709551615 4294967295 3 1970-01-01\n"
			       "token 7 1 0 2026-11-22\n"
			       "signature 5f1c 2026-11-22 6100ff\n"
			       "signature 1,ab 2026-11-23\n"
			       "end 9 ";

static void
test_round_trip(void **state)
{
	struct person first, second;
	struct error error;
	size_t size, again;

	(void)state;
	fill(&first);
	char *text = written(&first, &size);
	assert_int_equal(size, sizeof expected - 1 + 17);
	assert_memory_equal(text, expected, sizeof expected - 1);
	if (!read_text(text, size, &second, &error))
		fail_msg("%s", error.text);
	person_finish(&second);
	assert_string_equal(second.name, first.name);
	assert_true(person_checksum(&second) == person_checksum(&first));
	char *text_again = written(&second, &again);
	assert_int_equal(again, size);
	assert_memory_equal(text_again, text, size);
	person_free(&first);
	person_free(&second);
	free(text);
	free(text_again);
}

/* What the adaptive classifier has learned makes it a file of version 2; those of version 1 stay what they were. */
static void
test_weights(void **state)
{
	static const struct store_row rows[] = {
		{.token = 0, .spam = 3, .innocent = 4, .day = 20779},
		{.token = 1, .spam = 1, .day = 20779, .weight = -39083, .gradient = 188721},
		{.token = 2, .innocent = 1, .day = 20779, .weight = INT32_MIN, .gradient = INT64_MAX},
		{.token = 3, .innocent = 1, .day = 20779, .weight = INT32_MAX, .gradient = INT64_MIN},
	};
	struct person first, second;
	struct error error;
	size_t size;

	(void)state;
	person_init(&first);
	person_name(&first, SPAN("alice"));
	for (size_t i = 0; i < 4; i++)
		person_add_row(&first, &rows[i]);
	person_finish(&first);
	char *text = written(&first, &size);
	assert_memory_equal(text, "dspam-user 2\n", 13);
	assert_non_null(strstr(text, "\ntoken 0 3 4 2026-11-22\n"));
	assert_non_null(strstr(text, "\ntoken 1 1 0 2026-11-22 -39083 188721\n"));
	if (!read_text(text, size, &second, &error))
		fail_msg("%s", error.text);
	person_finish(&second);
	assert_int_equal(second.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(second.rows[i].weight, rows[i].weight);
		assert_true(second.rows[i].gradient == rows[i].gradient);
	}
	assert_true(person_checksum(&first) == person_checksum(&second));
	second.rows[2].weight++;
	assert_true(person_checksum(&first) != person_checksum(&second));
	second.rows[2].weight--;
	/* of two rows of one token the sum */
	person_add_row(&second, &(struct store_row){.token = 1, .weight = 83, .gradient = -21});
	person_add_row(&second, &(struct store_row){.token = 2, .weight = -1, .gradient = 1});
	person_finish(&second);
	assert_int_equal(second.rows[1].weight, -39000);
	assert_int_equal(second.rows[1].gradient, 188700);
	assert_true(second.rows[2].weight == INT32_MIN && second.rows[2].gradient == INT64_MAX);
	person_free(&first);
	person_free(&second);
	free(text);
}

/* No byte can change, and no end be missing, without being noticed. */
static void
test_changes(void **state)
{
	struct person person;
	struct error error;
	size_t size;

	(void)state;
	fill(&person);
	char *text = written(&person, &size);
	person_free(&person);
	for (size_t i = 0; i < size - 1; i++) {
		text[i] ^= 1;
		if (read_text(text, size, &person, &error))
			fail_msg("byte %zu was changed and not noticed", i);
		text[i] ^= 1;
		person_free(&person);
		assert_false(read_text(text, i, &person, &error));
		person_free(&person);
	}
	free(text);
}

/* Lines that are wrong, in a file whose sum is right. */
static void
test_errors(void **state)
{
	static const struct {
		const char *lines, *words;
	} wrong[] = {
		{"", "no name"},
		{"name a/b\n", "name"},
		{"name a%2\n", "name"},
		{"name a%00b\n", "name"},
		{"name a\nname b\n", "the second"},
		{"name a\ntotals 1 2 3\n", "eight numbers"},
		{"name a\ntotals 1 2 3 4 5 6 7 -8\n", "eight numbers"},
		{"name a\ntotals 1 2 3 4 5 6 7 8 9\n", "eight numbers"},
		{"name a\ntoken 18446744073709551616 1 1 2026-11-22\n", "token"},
		{"name a\ntoken 1 4294967296 1 2026-11-22\n", "token"},
		{"name a\ntoken 1 1 1 20260\n", "token"},
		{"name a\ntoken 1 1 1 2026-11-22 x\n", "token"},
		{"name a\nsignature a/b 2026-11-22 00\n", "signature"},
		{"name a\nsignature ab 2026-11-22 0\n", "signature"},
		{"name a\nsignature ab 2026-11-22 0G\n", "signature"},
		{"name a\npreference\n", "preference"},
		{"name a\nhello\n", "no word of this format"},
		{"name a\n\n", "empty"},
	};
	struct person person;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char text[300];
		int size = snprintf(text, sizeof text, "dspam-user 1\n%s", wrong[i].lines);
		unsigned lines = 0;
		for (int k = 0; k < size; k++)
			lines += text[k] == '\n';
		uint64_t crc = crc64(~UINT64_C(0), span_of(text, (size_t)size));
		size += snprintf(text + size, sizeof text - (size_t)size, "end %u %016" PRIx64 "\n", lines, crc);
		if (read_text(text, (size_t)size, &person, &error))
			fail_msg("not refused: %s", wrong[i].lines);
		if (strstr(error.text, wrong[i].words) == NULL)
			fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i].lines, error.text, wrong[i].words);
		person_free(&person);
	}
	assert_false(read_text("dspam-user 3\n", 13, &person, &error));
	assert_non_null(strstr(error.text, "newer"));
	assert_false(read_text("", 0, &person, &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
