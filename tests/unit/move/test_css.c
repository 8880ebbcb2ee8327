/* Files of the hash driver: extents, ages, duplicates, and files that are none. */
#include "help.h"

#include <string.h>

#include "base/buffer.h"
#include "move/css.h"

#define DAY 20000

struct record {
	uint64_t token, innocent, spam;
};

static void
put(struct buffer *file, uint64_t number)
{
	for (int i = 0; i < 8; i++)
		buffer_append_byte(file, (char)(number >> 8 * i & 0xFF));
}

static void
put_extent(struct buffer *file, uint64_t says, const uint64_t totals[8], const struct record *records, size_t count)
{
	put(file, says);
	for (size_t i = 0; i < 8; i++)
		put(file, totals == NULL ? 77 : totals[i]);
	put(file, 0);
	for (size_t i = 0; i < count; i++) {
		put(file, records[i].token);
		put(file, records[i].innocent);
		put(file, records[i].spam);
	}
}

/* In pieces of `step` bytes. */
static bool
parse(const struct buffer *file, size_t step, struct person *person, struct error *error)
{
	struct css css;
	struct span rest = buffer_span(file);

	person_init(person);
	css_begin(&css, file->size, DAY);
	for (; rest.size > 0; rest = span_skip(rest, step))
		if (!css_push(&css, span_head(rest, step), error)) {
			css_free(&css);
			return false;
		}
	if (!css_end(&css, person, error))
		return false;
	person_finish(person);
	return true;
}

static void
assert_row(const struct person *person, uint64_t token, uint32_t spam, uint32_t innocent, int32_t day)
{
	const struct store_row *row = person_row(person, token);

	assert_non_null(row);
	assert_int_equal(row->spam, spam);
	assert_int_equal(row->innocent, innocent);
	assert_int_equal(row->day, day);
}

static const uint64_t totals[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void
test_extents(void **state)
{
	const struct record first[] = {{10, 1, 2}, {0, 0, 0}, {UINT64_MAX, 3, 4}, {0, 9, 9}, {14, 0, 1}};
	const struct record second[] = {{20, 5, 6}, {0, 0, 0}};
	struct buffer file = BUFFER_INIT(100000);
	struct person person;
	struct error error;

	(void)state;
	put_extent(&file, 5, totals, first, 5);
	put_extent(&file, 2, NULL, second, 2);
	for (size_t step = 1; step < 400; step += 13) {
		assert_true(parse(&file, step, &person, &error));
		assert_int_equal(person.count, 4);
		assert_memory_equal(&person.totals, &((struct totals){1, 2, 3, 4, 5, 6, 7, 8}), sizeof person.totals);
		assert_row(&person, 10, 2, 1, DAY);
		assert_row(&person, UINT64_MAX, 4, 3, DAY);
		assert_row(&person, 14, 1, 0, DAY);
		assert_row(&person, 20, 6, 5, DAY);
		assert_null(person_row(&person, 0));
		person_free(&person);
	}
	buffer_free(&file);
}

/* The age, low nibble with the innocent hits and high nibble with the spam hits, is no hit; it says the day. */
static void
test_ages(void **state)
{
	const struct record records[] = {
		{1, 7 | UINT64_C(3) << 28, 9},
		{2, 0x0FFFFFFF | UINT64_C(15) << 28, 0x0FFFFFFF | UINT64_C(15) << 28},
		{3, 1, UINT64_C(2) << 28},
		{4, UINT64_C(0xFFFFFFFF00000005), 1}, /* above 32 bits nothing counts */
	};
	struct buffer file = BUFFER_INIT(100000);
	struct person person;
	struct error error;

	(void)state;
	put_extent(&file, 4, totals, records, 4);
	assert_true(parse(&file, 1000, &person, &error));
	assert_row(&person, 1, 9, 7, DAY - 3);
	assert_row(&person, 2, 0x0FFFFFFF, 0x0FFFFFFF, DAY - 255);
	assert_row(&person, 3, 0, 1, DAY - 32);
	assert_row(&person, 4, 1, 5, DAY);
	person_free(&person);
	buffer_free(&file);
}

/* Of two records the one that a lookup meets first: extent by extent, from the token's place on, around the end. */
static void
test_duplicates(void **state)
{
	struct record first[20] = {0}, second[20] = {0};
	struct buffer file = BUFFER_INIT(100000);
	struct person person;
	struct error error;

	(void)state;
	first[6] = (struct record){105, 1, 0};  /* its place is 5 */
	first[2] = (struct record){105, 2, 0};  /* around the end */
	second[5] = (struct record){105, 3, 0}; /* at its place, but later */
	first[18] = (struct record){33, 4, 0};  /* its place is 13, but so late only who belongs there is found */
	second[19] = (struct record){39, 6, 0}; /* as this one */
	second[14] = (struct record){33, 5, 0};
	first[3] = (struct record){39, 7, 0};
	put_extent(&file, 20, totals, first, 20);
	put_extent(&file, 20, NULL, second, 20);
	assert_true(parse(&file, 1000, &person, &error));
	assert_int_equal(person.count, 3);
	assert_row(&person, 105, 0, 1, DAY);
	assert_row(&person, 33, 0, 5, DAY);
	assert_row(&person, 39, 0, 7, DAY);
	person_free(&person);
	buffer_free(&file);
}

static void
assert_refused(struct buffer *file, const char *words)
{
	struct person person;
	struct error error;

	assert_false(parse(file, 7, &person, &error));
	if (strstr(error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	assert_int_equal(error.code, ERROR_DATA);
	assert_int_equal(person.count, 0);
	buffer_clear(file);
}

static void
test_damage(void **state)
{
	const struct record record = {1, 1, 1};
	const uint64_t huge[8] = {1, UINT64_MAX};
	struct buffer file = BUFFER_INIT(100000);

	(void)state;
	assert_refused(&file, "in the middle of a header");
	buffer_append_string(&file, "From somebody");
	assert_refused(&file, "in the middle of a header");
	put_extent(&file, 0, totals, NULL, 0);
	assert_refused(&file, "extent 1 says that it has 0 records");
	put_extent(&file, UINT64_MAX, totals, &record, 1);
	assert_refused(&file, "18446744073709551615 records, but 24 bytes follow");
	put_extent(&file, 2, totals, &record, 1);
	assert_refused(&file, "cut off or damaged");
	put_extent(&file, 1, totals, &record, 1);
	put_extent(&file, 768614336404564651, NULL, &record, 1); /* 24 times this is more than 64 bits */
	assert_refused(&file, "extent 2 says");
	put_extent(&file, 1, totals, &record, 1);
	put(&file, 1);
	assert_refused(&file, "in the middle of a header");
	put_extent(&file, 1, huge, &record, 1);
	assert_refused(&file, "counter number 2");
	buffer_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extents),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
