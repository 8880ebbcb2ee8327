/* Ballots: which copies are the same mail, what their users say of it together, and what of it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filter/ballot.h"

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new((size_t)64 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* `content` features of the content from `first` on, and `own` that nobody else has. */
static struct feature_set *
copy_of(uint64_t first, size_t content, uint64_t person, size_t own)
{
	struct feature_set *set = arena_calloc(arena, 1, sizeof *set);

	set->features = arena_calloc(arena, content + own + 1, sizeof *set->features);
	for (size_t i = 0; i < own; i++)
		set->features[set->count++] = (struct feature){
			.id = UINT64_C(0x1111111111111111) * (person * 1000 + i + 1), .view = FEATURE_WHERE};
	for (size_t i = 0; i < content; i++)
		set->features[set->count++] =
			(struct feature){.id = UINT64_C(0x9E3779B97F4A7C15) * (first + i + 1), .view = FEATURE_CONTENT};
	return set;
}

static bool
cast(struct ballot *ballot, store_uid voter, enum training_class class, const struct feature_set *copy)
{
	bool changed;

	assert_true(ballot_cast(ballot, arena, copy, &(struct vote){voter, class}, &changed));
	return changed;
}

static void
test_name(void **state)
{
	char one[BALLOT_ID_SIZE], two[BALLOT_ID_SIZE];

	(void)state;
	assert_true(ballot_id(copy_of(0, 200, 1, 50), one));
	assert_true(ballot_id(copy_of(0, 200, 2, 80), two));
	assert_string_equal(one, two); /* whoever it is for */
	assert_true(ballot_id(copy_of(1000, 200, 1, 50), two));
	assert_string_not_equal(one, two);
	assert_int_equal(strspn(one, "0123456789abcdefghijklmnopqrstuvwxyz"), BALLOT_ID_SIZE - 1);
	assert_false(ballot_id(copy_of(0, BALLOT_CONTENT_MIN - 1, 1, 50), one));
	assert_true(ballot_id(copy_of(0, BALLOT_CONTENT_MIN, 1, 0), one));
}

/* A few words that are one person's seldom change the name. */
static void
test_name_of_similar_mail(void **state)
{
	size_t same = 0, near = 0;

	(void)state;
	for (uint64_t mail = 0; mail < 200; mail++) {
		char one[BALLOT_ID_SIZE], two[BALLOT_ID_SIZE], three[BALLOT_ID_SIZE];
		assert_true(ballot_id(copy_of(mail * 10000, 200, 0, 0), one));
		assert_true(ballot_id(copy_of(mail * 10000 + 4, 200, 0, 0), two)); /* 4 of 200 are others */
		assert_true(ballot_id(copy_of(mail * 10000 + 120, 200, 0, 0), three));
		same += strcmp(one, two) == 0;
		near += strcmp(one, three) == 0;
	}
	assert_true(same > 160); /* (196 / 204)^3 = 0.89 */
	assert_true(near < 20);  /* (80 / 320)^3 = 0.016 */
}

static void
test_votes(void **state)
{
	struct ballot ballot;
	struct feature_set *copy = copy_of(0, 100, 1, 10);

	(void)state;
	assert_true(ballot_new(arena, copy, &ballot));
	assert_int_equal(ballot_result(&ballot, 1), CLASS_NONE);
	assert_true(cast(&ballot, 1, CLASS_SPAM, copy));
	assert_false(cast(&ballot, 1, CLASS_SPAM, copy)); /* once is enough */
	assert_int_equal(ballot_result(&ballot, 1), CLASS_SPAM);
	assert_int_equal(ballot_result(&ballot, 2), CLASS_NONE);
	assert_true(cast(&ballot, 2, CLASS_SPAM, copy));
	assert_int_equal(ballot_result(&ballot, 2), CLASS_SPAM);
	assert_true(cast(&ballot, 3, CLASS_INNOCENT, copy));
	assert_int_equal(ballot_result(&ballot, 2), CLASS_NONE);
	assert_true(cast(&ballot, 1, CLASS_INNOCENT, copy));
	assert_true(cast(&ballot, 2, CLASS_NONE, copy));
	assert_false(cast(&ballot, 2, CLASS_NONE, copy));
	assert_false(cast(&ballot, 9, CLASS_NONE, copy));
	assert_int_equal(ballot_result(&ballot, 2), CLASS_INNOCENT);
	assert_int_equal(ballot.vote_count, 2);
}

static void
test_what_is_common(void **state)
{
	struct ballot ballot;

	(void)state;
	assert_true(ballot_new(arena, copy_of(0, 100, 1, 10), &ballot));
	assert_int_equal(ballot.kept.set->count, 110);
	assert_true(cast(&ballot, 1, CLASS_SPAM, copy_of(0, 100, 1, 10)));
	assert_int_equal(ballot.kept.set->count, 110);
	assert_true(cast(&ballot, 2, CLASS_SPAM, copy_of(10, 100, 2, 10)));
	assert_int_equal(ballot.kept.set->count, 90);
	assert_false(cast(&ballot, 3, CLASS_SPAM, copy_of(80, 100, 2, 10))); /* not this mail */
	assert_int_equal(ballot.kept.set->count, 90);
	ballot.kept.lesson = CLASS_SPAM; /* what was learned stays what it is */
	assert_true(cast(&ballot, 3, CLASS_SPAM, copy_of(20, 100, 2, 10)));
	assert_int_equal(ballot.kept.set->count, 90);
}

/* Nor is it made to be about some chosen words by a short copy that has them, which would each learn too much. */
static void
test_a_short_copy(void **state)
{
	struct ballot ballot;

	(void)state;
	assert_true(ballot_new(arena, copy_of(0, 100, 1, 10), &ballot));
	assert_true(cast(&ballot, 1, CLASS_SPAM, copy_of(0, 100, 1, 10)));
	assert_false(cast(&ballot, 2, CLASS_SPAM, copy_of(0, 49, 2, 10)));
	assert_int_equal(ballot.kept.set->count, 110);
	assert_true(cast(&ballot, 2, CLASS_SPAM, copy_of(0, 50, 2, 10)));
	assert_int_equal(ballot.kept.set->count, 50);
}

static void
test_advice_is_left_out(void **state)
{
	struct feature_set *set = copy_of(0, 100, 1, 10);
	struct ballot ballot;

	(void)state;
	set->features[set->count++] = (struct feature){.id = 5, .view = FEATURE_ADVICE};
	assert_true(ballot_new(arena, set, &ballot));
	assert_int_equal(ballot.kept.set->count, 110);
}

static void
test_encoding(void **state)
{
	struct ballot ballot, again;
	struct error error;
	struct feature_set *copy = copy_of(0, 100, 1, 10);

	(void)state;
	assert_true(ballot_new(arena, copy, &ballot));
	for (store_uid voter = 1; voter <= BALLOT_VOTES_MAX; voter++)
		assert_true(cast(&ballot, voter << 24 | voter, voter % 3 == 0 ? CLASS_INNOCENT : CLASS_SPAM, copy));
	assert_false(cast(&ballot, 7, CLASS_SPAM, copy)); /* it is full */
	struct span data = ballot_encode(arena, &ballot);
	assert_true(ballot_is(data));
	assert_true(ballot_decode(arena, data, &again, &error));
	assert_int_equal(again.vote_count, BALLOT_VOTES_MAX);
	for (size_t i = 0; i < again.vote_count; i++) {
		assert_int_equal(again.votes[i].voter, ballot.votes[i].voter);
		assert_int_equal(again.votes[i].class, ballot.votes[i].class);
	}
	assert_int_equal(again.kept.set->count, 110);
	for (size_t size = 0; size < data.size; size++)
		assert_false(ballot_decode(arena, span_head(data, size), &again, &error));
	char *damaged = arena_text(arena, data.size);
	memcpy(damaged, data.data, data.size);
	damaged[8 + 4] = CLASS_NONE; /* a vote for nothing */
	assert_false(ballot_decode(arena, span_of(damaged, data.size), &again, &error));
	memcpy(damaged + 8, damaged + 8 + 5, 5); /* and one that votes twice */
	assert_false(ballot_decode(arena, span_of(damaged, data.size), &again, &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),         cmocka_unit_test(test_name_of_similar_mail),
		cmocka_unit_test(test_votes),        cmocka_unit_test(test_what_is_common),
		cmocka_unit_test(test_encoding),     cmocka_unit_test(test_advice_is_left_out),
		cmocka_unit_test(test_a_short_copy),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
