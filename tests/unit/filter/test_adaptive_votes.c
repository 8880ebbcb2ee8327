/*
 * SiteModelQuorum: what several users report of one mail teaches the site's model, once, and is taken back to the last
 * bit when they no longer say it. Failures of the histories name their seed (DSPAM_HISTORY_SEED).
 */
#include "learned.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "filter/ballot.h"
#include "filter/case.h"

#define SITE "everybody"
#define LINES "SiteModel " SITE "\nSiteModelQuorum 3\nPreference \"whitelistThreshold=1000\"\n"

enum { PEOPLE = 7, MAILS = 6, OPERATIONS = 1500, ON_SERVERS = 300, QUORUM = 3 };

static struct learned_place place;
static struct stage *const stage = &place.stage;

static int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

static const char *
name_of(size_t user)
{
	static char name[32];

	snprintf(name, sizeof name, "user%zu@example.org", user);
	return name;
}

/* Mail `mail` as `user` gets it: with a word that is his own. */
static const char *
copy_of(size_t mail, size_t user)
{
	static char text[2048];
	size_t used = (size_t)snprintf(text, sizeof text,
				       "From: news%zu@sender%zu.example\nTo: %s\nSubject: offer number %zu\n\n"
				       "personal%zu\n",
				       mail, mail, name_of(user), mail, user);

	for (size_t i = 0; i < 60; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "word%c%zu%c", (char)('a' + mail), i,
					 i % 8 == 7 ? '\n' : ' ');
	return text;
}

/* The signature of the copy that `user` gets; in the arena of the stage. */
static const char *
receive(size_t mail, size_t user)
{
	const struct request request = {.mode = TRAINING_TOE};

	stage_run(stage, &request, name_of(user), span_from(copy_of(mail, user)));
	assert_non_null(stage->judgement.signature);
	return stage->judgement.signature;
}

static void
report(size_t mail, size_t user, enum training_class class)
{
	stage_retrain(stage, name_of(user), class, receive(mail, user));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
}

static size_t
site_rows(void)
{
	struct learned learned = learned_of(stage, SITE);
	size_t count = learned.count;

	learned_free(&learned);
	return count;
}

static double
score_of(size_t mail, size_t user)
{
	const struct request request = {.classify = true};

	stage_run(stage, &request, name_of(user), span_from(copy_of(mail, user)));
	return stage->judgement.score;
}

static void
test_quorum(void **state)
{
	const char *last;

	(void)state;
	learned_open(&place, "memory", NULL, LINES);
	double before = score_of(1, 90);
	report(1, 1, CLASS_SPAM);
	report(1, 1, CLASS_SPAM); /* his next copy */
	report(1, 2, CLASS_SPAM);
	report(2, 3, CLASS_SPAM); /* another mail */
	assert_int_equal(site_rows(), 0);
	assert_true(score_of(1, 90) == before);
	last = receive(1, 3);
	stage_retrain(stage, name_of(3), CLASS_SPAM, last);
	assert_int_equal(learned_lessons(stage, SITE).spam, 1);
	assert_int_equal(stage_totals(stage, SITE).spam_learned, 1);
	assert_int_equal(stage_totals(stage, SITE).spam_corpusfed, 1);
	assert_true(score_of(1, 90) > before + 1);
	learned_check(stage, SITE, NULL);
	report(1, 4, CLASS_SPAM); /* once is enough */
	assert_int_equal(learned_lessons(stage, SITE).spam, 1);
	stage_retrain(stage, name_of(3), CLASS_INNOCENT, last); /* 3 to 1 */
	assert_int_equal(site_rows(), 0);
	assert_int_equal(stage_totals(stage, SITE).spam_learned, 0);
	assert_int_equal(stage_totals(stage, SITE).spam_corpusfed, 0);
	assert_true(score_of(1, 90) == before);
	const struct request back = {.mode = TRAINING_UNLEARN, .signature = last};
	stage_run(stage, &back, name_of(3), SPAN("")); /* 3 to none */
	assert_int_equal(learned_lessons(stage, SITE).spam, 1);
	learned_check(stage, SITE, NULL);
}

static bool
site_has(uint64_t id)
{
	struct learned learned = learned_of(stage, SITE);
	bool has = false;

	for (size_t i = 0; i < learned.count; i++)
		has |= learned.rows[i].token == id;
	learned_free(&learned);
	return has;
}

/* Not even the words of him who decided are learned, if they are his alone. */
static void
test_nothing_of_one_person(void **state)
{
	size_t own = 0;

	(void)state;
	learned_open(&place, "memory", NULL, LINES);
	for (size_t user = 1; user <= QUORUM; user++)
		report(1, user, CLASS_SPAM);
	assert_true(site_rows() > 60);
	struct message *message = message_parse(stage->arena, span_from(copy_of(1, QUORUM)));
	const struct feature_set *set = feature_extract(message, stage->arena);
	for (size_t i = 0; i < set->count; i++) {
		bool is_own = span_equal(set->features[i].text, SPAN("personal3")) ||
			      span_equal(set->features[i].text, SPAN("user3@example.org"));
		own += is_own;
		if (is_own)
			assert_false(site_has(set->features[i].id));
	}
	assert_true(own >= 2);
}

/* Only reports of mail that was judged here, in a site that wants them, of those who judge with it. */
static void
test_what_does_not_count(void **state)
{
	const struct request corpus = {.training_class = CLASS_SPAM, .source = SOURCE_CORPUS};
	const struct request error = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};

	(void)state;
	learned_open(&place, "sqlite", "g:merged:user4@example.org,user5@example.org\n", LINES);
	report(1, 1, CLASS_SPAM);
	report(1, 2, CLASS_SPAM);
	stage_run(stage, &corpus, name_of(3), span_from(copy_of(1, 3)));
	stage_run(stage, &error, name_of(3), span_from(copy_of(1, 3))); /* without signature */
	report(1, 4, CLASS_SPAM);
	report(1, 5, CLASS_SPAM);
	assert_int_equal(site_rows(), 0);
	learned_reopen(&place, "SiteModel " SITE "\n");
	report(1, 3, CLASS_SPAM);
	assert_int_equal(site_rows(), 0);
	learned_reopen(&place, LINES);
	report(1, 6, CLASS_SPAM);
	assert_true(site_rows() > 60);
}

static void
test_quorum_of_one(void **state)
{
	(void)state;
	learned_open(&place, "memory", NULL, "SiteModel " SITE "\nSiteModelQuorum 1\n");
	report(1, 1, CLASS_INNOCENT);
	assert_int_equal(learned_lessons(stage, SITE).innocent, 1);
	learned_check(stage, SITE, NULL);
}

/* What a user said last counts, also when a vote of before is cast only then, by another daemon. */
static void
test_a_vote_that_comes_late(void **state)
{
	struct judgement late;

	(void)state;
	learned_open(&place, "memory", NULL, "SiteModel " SITE "\nSiteModelQuorum 1\n");
	const char *id = receive(1, 1);
	stage_retrain(stage, name_of(1), CLASS_SPAM, id);
	late = stage->judgement;
	stage_retrain(stage, name_of(1), CLASS_INNOCENT, id);
	case_cast_vote(stage->filter, &late);
	assert_int_equal(learned_lessons(stage, SITE).spam, 0);
	assert_int_equal(learned_lessons(stage, SITE).innocent, 1);
	late = stage->judgement;
	const struct request back = {.mode = TRAINING_UNLEARN, .signature = id};
	stage_run(stage, &back, name_of(1), SPAN(""));
	case_cast_vote(stage->filter, &late);
	assert_int_equal(site_rows(), 0);
}

/* One lesson in the place of another counts as one, in the totals as well. */
static void
test_turned_over(void **state)
{
	(void)state;
	learned_open(&place, "memory", NULL, "SiteModel " SITE "\nSiteModelQuorum 1\n");
	const char *id = receive(1, 1);
	for (size_t i = 0; i < 5; i++) {
		enum training_class class = i % 2 == 0 ? CLASS_INNOCENT : CLASS_SPAM;
		stage_retrain(stage, name_of(1), class, id);
		struct totals totals = stage_totals(stage, SITE);
		assert_int_equal(totals.spam_learned, class == CLASS_SPAM);
		assert_int_equal(totals.spam_corpusfed, class == CLASS_SPAM);
		assert_int_equal(totals.innocent_learned, class == CLASS_INNOCENT);
		assert_int_equal(totals.innocent_corpusfed, class == CLASS_INNOCENT);
		assert_int_equal(learned_lessons(stage, SITE).spam, class == CLASS_SPAM);
		learned_check(stage, SITE, NULL);
	}
}

/* A lesson stands only while the votes ask for it; they may ask in vain, where the site knows it already. */
static bool
check_ballot(void *context, const struct store_signature *signature)
{
	char *last = context;
	struct arena *arena = arena_new((size_t)16 << 20);
	struct ballot ballot;
	struct error error;

	snprintf(last, BALLOT_ID_SIZE, "%s", signature->id);
	must(ballot_decode(arena, signature->data, &ballot, &error), &error);
	assert_true(ballot.vote_count <= PEOPLE);
	assert_true(ballot.kept.lesson == CLASS_NONE || ballot.kept.lesson == ballot_result(&ballot, QUORUM));
	arena_free(arena);
	return true;
}

static size_t
count_ballots(void)
{
	char last[BALLOT_ID_SIZE] = "";
	size_t count = 0, all = 0;

	do {
		all += count;
		must(store_each_signature(filter_store(stage->filter), stage_uid(stage, SITE), last, check_ballot, last,
					  &count, &stage->error),
		     &stage->error);
	} while (count > 0);
	return all;
}

/* Whoever takes back what he never said leaves no trace of his mail. */
static void
test_nothing_is_taken_back(void **state)
{
	struct request back = {.mode = TRAINING_UNLEARN};

	(void)state;
	learned_open(&place, "memory", NULL, LINES);
	back.signature = receive(1, 1);
	stage_run(stage, &back, name_of(1), SPAN(""));
	assert_int_equal(count_ballots(), 0);
	report(1, 1, CLASS_SPAM);
	assert_int_equal(count_ballots(), 1);
}

/* ---- histories --------------------------------------------------------------------- */

struct history {
	uint64_t random;
	char ids[MAILS][PEOPLE][40];
};

static void
act(struct history *history)
{
	size_t mail = random_next(&history->random) % MAILS, user = random_next(&history->random) % PEOPLE;
	enum training_class say = (enum training_class)(random_next(&history->random) % 3);
	char *id = history->ids[mail][user];

	if (id[0] == '\0')
		snprintf(id, sizeof history->ids[mail][user], "%s", receive(mail, user));
	const struct request request = {.training_class = say,
					.source = say != CLASS_NONE ? SOURCE_ERROR : SOURCE_NONE,
					.mode = say != CLASS_NONE ? TRAINING_TEFT : TRAINING_UNLEARN,
					.signature = id};
	stage_run(stage, &request, name_of(user), SPAN(""));
	arena_reset(stage->arena);
}

static void
run_history(const char *driver, size_t operations)
{
	const char *given = getenv("DSPAM_HISTORY_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
	struct history *history = calloc(1, sizeof *history);
	size_t taught = 0;

	assert_non_null(history);
	if (!fixture_has(driver)) {
		free(history);
		skip();
	}
	print_message("%s: DSPAM_HISTORY_SEED=%llu\n", driver, (unsigned long long)seed);
	history->random = seed;
	learned_open(&place, driver, NULL, LINES);
	for (size_t i = 1; i <= operations; i++) {
		act(history);
		if (i % 50 == 0)
			learned_check(stage, SITE, NULL);
		taught += learned_lessons(stage, SITE).spam > 0;
	}
	assert_int_equal(count_ballots(), MAILS);
	assert_true(taught > 0);
	free(history);
	learned_close(&place);
}

static void
test_memory(void **state)
{
	(void)state;
	run_history("memory", OPERATIONS);
}

static void
test_sqlite(void **state)
{
	(void)state;
	run_history("sqlite", OPERATIONS);
}

static void
test_pgsql(void **state)
{
	(void)state;
	run_history("pgsql", ON_SERVERS);
}

static void
test_mysql(void **state)
{
	(void)state;
	run_history("mysql", ON_SERVERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_quorum, tear_down),
		cmocka_unit_test_teardown(test_nothing_of_one_person, tear_down),
		cmocka_unit_test_teardown(test_what_does_not_count, tear_down),
		cmocka_unit_test_teardown(test_quorum_of_one, tear_down),
		cmocka_unit_test_teardown(test_turned_over, tear_down),
		cmocka_unit_test_teardown(test_a_vote_that_comes_late, tear_down),
		cmocka_unit_test_teardown(test_nothing_is_taken_back, tear_down),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_pgsql),
		cmocka_unit_test(test_mysql),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
