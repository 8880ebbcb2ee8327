/* Lessons in groups that are undone: they leave what was there. */
#include "group_stage.h"

static unsigned long seed = 20240229;

static unsigned
any(unsigned below)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % below;
}

static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"};
#define WORDS (sizeof words / sizeof *words)

static void
write_mail(char text[static 400])
{
	size_t used = (size_t)snprintf(text, 400, "Subject: %s\n\n", words[any(WORDS)]);

	for (unsigned i = 0; i < 5; i++)
		used += (size_t)snprintf(text + used, 400 - used, "%s ", words[any(WORDS)]);
	snprintf(text + used, 400 - used, "\n");
}

struct snapshot {
	struct totals totals;
	uint32_t hits[WORDS][2];
};

static struct snapshot
take_snapshot(const char *user)
{
	struct snapshot snapshot = {.totals = stage_totals(&stage, user)};

	for (size_t i = 0; i < WORDS; i++) {
		struct store_row row = stage_row(&stage, user, words[i]);
		snapshot.hits[i][0] = row.spam;
		snapshot.hits[i][1] = row.innocent;
	}
	return snapshot;
}

/*
 * Any history of lessons in a group and their undoing, in any order, leaves exactly what was there; and the memory
 * of a merged group is never written to by a member.
 */
static void
undo_histories(const char *owner)
{
	enum { HISTORIES = 1000, LESSONS = 8 };
	static const char *const users[] = {"alice", "bob"};
	char mail[LESSONS][400];
	enum training_class classes[LESSONS];

	for (int history = 0; history < HISTORIES; history++) {
		struct snapshot before = take_snapshot(owner), group = take_snapshot("group");
		const char *user = users[any(strcmp(owner, "group") == 0 ? 2 : 1)];
		unsigned count = 1 + any(LESSONS);
		for (unsigned i = 0; i < count; i++) {
			write_mail(mail[i]);
			if (any(2) == 0) { /* mail that arrives, and is perhaps corrected */
				stage_receive(&stage, user, mail[i]);
				classes[i] = stage.judgement.spam ? CLASS_SPAM : CLASS_INNOCENT;
			} else {
				classes[i] = any(2) == 0 ? CLASS_SPAM : CLASS_INNOCENT;
				feed(user, classes[i], mail[i], 1);
			}
		}
		for (unsigned i = count; i > 0; i--) {
			unsigned which = any(i); /* in any order */
			const struct request unlearn = {
				.training_class = classes[which], .source = SOURCE_CORPUS, .mode = TRAINING_UNLEARN};
			stage_run(&stage, &unlearn, user, span_from(mail[which]));
			memmove(mail[which], mail[i - 1], sizeof mail[which]);
			classes[which] = classes[i - 1];
		}
		struct snapshot after = take_snapshot(owner), still = take_snapshot("group");
		/* that they were fed is not forgotten */
		after.totals.spam_corpusfed = before.totals.spam_corpusfed;
		after.totals.innocent_corpusfed = before.totals.innocent_corpusfed;
		if (memcmp(&before, &after, sizeof before) != 0)
			fail_msg("history %d left other counts", history);
		if (strcmp(owner, "group") != 0)
			assert_memory_equal(&group, &still, sizeof group);
		/* something stays, so that the next history begins elsewhere */
		write_mail(mail[0]);
		feed("alice", any(2) == 0 ? CLASS_SPAM : CLASS_INNOCENT, mail[0], 1);
		arena_reset(stage.arena);
	}
}

static void
test_undoing_in_shared(void **state)
{
	(void)state;
	stage_open_groups(&stage, "group:shared:*\n", "");
	undo_histories("group");
}

static void
test_undoing_in_merged(void **state)
{
	(void)state;
	stage_open_groups(&stage, "group:merged:*\n", "");
	for (int i = 0; i < 40; i++) {
		char mail[400];
		write_mail(mail);
		feed("group", i % 2 == 0 ? CLASS_SPAM : CLASS_INNOCENT, mail, 1);
	}
	undo_histories("alice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_undoing_in_shared, tear_down),
		cmocka_unit_test_teardown(test_undoing_in_merged, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
