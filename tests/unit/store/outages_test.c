/* Servers that are out: who goes round them, who tries them, and when they are well again. */
#include "fixture.h"

#include <pthread.h>

#include "store/outages.h"

enum { ONE = 7, OTHER = 8, START = 5000 };

static void
test_a_server_is_well_until_somebody_says_otherwise(void **state)
{
	struct outages *outages = outages_new();

	(void)state;
	assert_false(outages_has(outages, ONE));
	assert_false(outages_avoid(outages, ONE, START));
	outages_begin(outages, ONE, START);
	assert_true(outages_has(outages, ONE));
	assert_true(outages_avoid(outages, ONE, START + 999));
	assert_false(outages_has(outages, OTHER));
	assert_false(outages_avoid(outages, OTHER, START));
	outages_free(outages);
}

static void
test_who_reaches_it_clears_it(void **state)
{
	struct outages *outages = outages_new();

	(void)state;
	outages_begin(outages, ONE, START);
	outages_begin(outages, OTHER, START);
	outages_end(outages, ONE);
	outages_end(outages, ONE);
	assert_false(outages_has(outages, ONE));
	assert_false(outages_avoid(outages, ONE, START));
	assert_true(outages_has(outages, OTHER));
	outages_free(outages);
}

static void
test_one_at_a_time_tries_after_longer_and_longer_pauses(void **state)
{
	static const int64_t pauses[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct outages *outages = outages_new();
	int64_t now = START;

	(void)state;
	outages_begin(outages, ONE, now);
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		assert_true(outages_avoid(outages, ONE, now + pauses[i] - 1));
		now += pauses[i];
		assert_false(outages_avoid(outages, ONE, now)); /* whose turn it is */
		assert_true(outages_avoid(outages, ONE, now));  /* everybody else */
		assert_true(outages_has(outages, ONE));
		outages_begin(outages, ONE, now + 100); /* in vain */
	}
	/* Once it was well, the next outage begins with a short pause again. */
	outages_end(outages, ONE);
	outages_begin(outages, ONE, now);
	assert_false(outages_avoid(outages, ONE, now + 1000));
	outages_free(outages);
}

static void
test_those_who_waited_together_make_it_no_worse(void **state)
{
	struct outages *outages = outages_new();

	(void)state;
	for (int i = 0; i < 100; i++)
		outages_begin(outages, ONE, START + i);
	assert_true(outages_avoid(outages, ONE, START + 999));
	assert_false(outages_avoid(outages, ONE, START + 1000));
	/* Who comes late, when a trial is due, puts it off. */
	outages_begin(outages, OTHER, START);
	outages_begin(outages, OTHER, START + 5000);
	assert_true(outages_avoid(outages, OTHER, START + 5500));
	assert_false(outages_avoid(outages, OTHER, START + 6000));
	outages_free(outages);
}

static void
test_no_more_than_can_be_named(void **state)
{
	struct outages *outages = outages_new();

	(void)state;
	for (uint64_t server = 1; server <= OUTAGES_SERVERS + 1; server++)
		outages_begin(outages, server, START);
	assert_true(outages_has(outages, OUTAGES_SERVERS));
	assert_false(outages_has(outages, OUTAGES_SERVERS + 1));
	assert_false(outages_avoid(outages, OUTAGES_SERVERS + 1, START));
	outages_end(outages, 3);
	outages_begin(outages, OUTAGES_SERVERS + 1, START);
	assert_true(outages_has(outages, OUTAGES_SERVERS + 1));
	outages_free(outages);
}

static void
test_without_a_table_all_are_well(void **state)
{
	(void)state;
	outages_begin(NULL, ONE, START);
	outages_end(NULL, ONE);
	assert_false(outages_has(NULL, ONE));
	assert_false(outages_avoid(NULL, ONE, START));
	outages_free(NULL);
}

struct crowd {
	struct outages *outages;
	unsigned trials[4]; /* of each thread */
};
struct member {
	struct crowd *crowd;
	size_t number;
};

static void *
ask(void *context)
{
	const struct member *member = context;

	for (int64_t now = START; now < START + 10000; now++)
		member->crowd->trials[member->number] += !outages_avoid(member->crowd->outages, ONE, now);
	return NULL;
}

/* However many ask, those who try are few: at most one at 1, 3 and 7 seconds, whatever each one's time. */
static void
test_a_crowd_sends_one_at_a_time(void **state)
{
	struct crowd crowd = {.outages = outages_new()};
	struct member members[4];
	pthread_t threads[4];
	unsigned trials = 0;

	(void)state;
	outages_begin(crowd.outages, ONE, START);
	for (size_t i = 0; i < 4; i++) {
		members[i] = (struct member){&crowd, i};
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &members[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		trials += crowd.trials[i];
	}
	assert_int_equal(trials, 3);
	outages_free(crowd.outages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_server_is_well_until_somebody_says_otherwise),
		cmocka_unit_test(test_who_reaches_it_clears_it),
		cmocka_unit_test(test_one_at_a_time_tries_after_longer_and_longer_pauses),
		cmocka_unit_test(test_those_who_waited_together_make_it_no_worse),
		cmocka_unit_test(test_no_more_than_can_be_named),
		cmocka_unit_test(test_without_a_table_all_are_well),
		cmocka_unit_test(test_a_crowd_sends_one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
