/*
 * Random histories with Algorithm adaptive: whatever was received, reported, reported back, unlearned and fed, in
 * whatever mode, the rows of every user are to the last bit the sum of the lessons that stand. Each failure names its
 * seed. DSPAM_HISTORIES=N makes N histories for each store, DSPAM_HISTORY_SEED=S begins with that one; without them a
 * history is shorter on database servers.
 */
#include "learned.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { USERS = 3, OPERATIONS = 10000, ON_SERVERS = 2500, CHECKS = 4, SIGNATURES = 64, WORDS = 400, SENDERS = 12 };

/* What is known of a user besides what the store says. */
struct person {
	char ids[SIGNATURES][40]; /* some of his signatures */
	size_t count;
	struct learned corpus; /* lessons that left no signature */
};

struct history {
	uint64_t random;
	struct learned_place place;
	struct person people[USERS];
	size_t done[5];
};

static uint64_t
below(struct history *history, uint64_t limit)
{
	return random_next(&history->random) % limit;
}

static const char *
name_of(size_t user)
{
	static const char *const names[USERS] = {"alice", "bob@example.org", "carol"};

	return names[user];
}

/* Spam has other words than the rest, mostly. */
static const char *
message_of(struct history *history, bool spam, char text[static 4096])
{
	size_t count = below(history, 30) + 1;
	size_t used = (size_t)snprintf(text, 4096, "From: sender%u@%s.example\nSubject: s%u w%u\n\n",
				       (unsigned)below(history, SENDERS), spam ? "deals" : "work",
				       (unsigned)below(history, 20), (unsigned)below(history, WORDS));

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, 4096 - used, "word%c%u%c",
					 below(history, 4) == 0 ? 'x' : (spam ? 's' : 'i'),
					 (unsigned)below(history, WORDS), i % 8 == 7 ? '\n' : ' ');
	text[used - 1] = '\n';
	return text;
}

static enum training_mode
any_mode(struct history *history)
{
	static const enum training_mode modes[] = {TRAINING_TEFT, TRAINING_TEFT,    TRAINING_TUM,
						   TRAINING_TOE,  TRAINING_NOTRAIN, TRAINING_MODE_UNSET};

	return modes[below(history, sizeof modes / sizeof modes[0])];
}

/* ---- operations -------------------------------------------------------------------- */

static void
receive(struct history *history, size_t user)
{
	struct person *person = &history->people[user];
	struct request request = {.mode = any_mode(history)};
	char text[4096];

	stage_run(&history->place.stage, &request, name_of(user),
		  span_from(message_of(history, below(history, 2) == 0, text)));
	if (history->place.stage.judgement.signature == NULL)
		return;
	size_t place = person->count < SIGNATURES ? person->count++ : below(history, SIGNATURES);
	snprintf(person->ids[place], sizeof person->ids[place], "%s", history->place.stage.judgement.signature);
}

static void
report(struct history *history, size_t user, enum training_class training_class, enum training_mode mode)
{
	struct person *person = &history->people[user];

	if (person->count == 0)
		return;
	struct request request = {.training_class = training_class,
				  .source = mode == TRAINING_UNLEARN && below(history, 2) == 0 ? SOURCE_NONE
											       : SOURCE_ERROR,
				  .mode = mode,
				  .signature = person->ids[below(history, person->count)]};
	stage_run(&history->place.stage, &request, name_of(user), (struct span){NULL, 0});
	assert_int_equal(history->place.stage.judgement.training, TRAINING_DONE);
}

static void
feed(struct history *history, size_t user)
{
	bool spam = below(history, 2) == 0;
	struct request request = {.training_class = spam ? CLASS_SPAM : CLASS_INNOCENT, .source = SOURCE_CORPUS};
	char text[4096];

	stage_run(&history->place.stage, &request, name_of(user),
		  span_from(message_of(history, below(history, 10) == 0 ? !spam : spam, text)));
	learned_add_lesson(&history->people[user].corpus, &history->place.stage.judgement.lesson);
}

static void
act(struct history *history)
{
	size_t user = below(history, USERS), kind = below(history, 100);
	enum training_class any = below(history, 2) == 0 ? CLASS_SPAM : CLASS_INNOCENT;

	if (kind < 45)
		receive(history, user);
	else if (kind < 75)
		report(history, user, any, any_mode(history));
	else if (kind < 90)
		report(history, user, any, TRAINING_UNLEARN);
	else
		feed(history, user);
	arena_reset(history->place.stage.arena);
}

/* ---- a history --------------------------------------------------------------------- */

static size_t
number_of(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

static void
check(struct history *history, size_t operations, uint64_t seed)
{
	for (size_t user = 0; user < USERS; user++) {
		struct learned has = learned_of(&history->place.stage, name_of(user)), should = {0};
		struct learned *corpus = &history->people[user].corpus;
		learned_finish(corpus);
		for (size_t i = 0; i < corpus->count; i++)
			learned_add(&should, corpus->rows[i].token, corpus->rows[i].spam, corpus->rows[i].innocent,
				    corpus->rows[i].weight, corpus->rows[i].gradient);
		learned_add_signatures(&should, &history->place.stage, name_of(user));
		learned_finish(&should);
		const char *difference = learned_difference(&has, &should);
		if (difference != NULL)
			fail_msg("DSPAM_HISTORY_SEED=%llu, after %zu operations, %s: store and lessons differ: %s",
				 (unsigned long long)seed, operations, name_of(user), difference);
		assert_true(has.count > 100);
		learned_free(&has);
		learned_free(&should);
	}
}

static void
run_history(const char *driver, uint64_t seed, size_t operations)
{
	struct history *history = calloc(1, sizeof *history);

	assert_non_null(history);
	history->random = seed;
	learned_open(&history->place, driver, NULL, "");
	for (size_t i = 1; i <= operations; i++) {
		act(history);
		if (i % (operations / CHECKS) == 0)
			check(history, i, seed);
	}
	for (size_t user = 0; user < USERS; user++)
		learned_free(&history->people[user].corpus);
	learned_close(&history->place);
	free(history);
}

static void
run_all(const char *driver)
{
	uint64_t seed = number_of("DSPAM_HISTORY_SEED", (size_t)time(NULL) ^ (size_t)getpid() << 20);
	size_t count = number_of("DSPAM_HISTORIES", 1);
	bool is_long =
		getenv("DSPAM_HISTORIES") != NULL || strcmp(driver, "memory") == 0 || strcmp(driver, "sqlite") == 0;

	if (!fixture_has(driver))
		skip();
	for (size_t i = 0; i < count; i++) {
		print_message("%s: DSPAM_HISTORY_SEED=%llu\n", driver, (unsigned long long)(seed + i));
		run_history(driver, seed + i, is_long ? OPERATIONS : ON_SERVERS);
	}
}

static void
test_memory(void **state)
{
	(void)state;
	run_all("memory");
}

static void
test_sqlite(void **state)
{
	(void)state;
	run_all("sqlite");
}

static void
test_pgsql(void **state)
{
	(void)state;
	run_all("pgsql");
}

static void
test_mysql(void **state)
{
	(void)state;
	run_all("mysql");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_pgsql),
		cmocka_unit_test(test_mysql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
