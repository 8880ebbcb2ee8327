/*
 * What must hold of any row of lessons: a correction leaves what learning rightly at once would have left, and
 * unlearning leaves nothing.
 */
#include "lesson_stage.h"

struct rows {
	struct store_row row[100000];
	size_t count;
};

static bool
collect(void *context, const struct store_row *row)
{
	struct rows *rows = context;

	if (row->spam + row->innocent > 0) {
		assert_true(rows->count < sizeof rows->row / sizeof *rows->row);
		rows->row[rows->count++] = *row;
	}
	return true;
}

static int
by_token(const void *a, const void *b)
{
	const struct store_row *left = a, *right = b;

	return store_token_before(right->token, left->token) - store_token_before(left->token, right->token);
}

static void
read_rows(const char *user, struct rows *rows)
{
	rows->count = 0;
	assert_true(store_each_row(filter_store(stage.filter), stage_uid(&stage, user), collect, rows, &stage.error));
	qsort(rows->row, rows->count, sizeof *rows->row, by_token);
}

/* Both users have learned the same: every token that counts, and how much of each kind. */
static void
check_same(const char *one, const char *other)
{
	static struct rows left, right;
	struct totals a = stage_totals(&stage, one), b = stage_totals(&stage, other);

	assert_int_equal(a.spam_learned, b.spam_learned);
	assert_int_equal(a.innocent_learned, b.innocent_learned);
	read_rows(one, &left);
	read_rows(other, &right);
	assert_int_equal(left.count, right.count);
	for (size_t i = 0; i < left.count; i++) {
		assert_true(left.row[i].token == right.row[i].token);
		assert_int_equal(left.row[i].spam, right.row[i].spam);
		assert_int_equal(left.row[i].innocent, right.row[i].innocent);
	}
}

/* A message of words of which some come again and again. */
static void
write_message(char *out, size_t size, unsigned *seed)
{
	size_t used = (size_t)snprintf(out, size, "From: u%u@example.org\nSubject: ", *seed % 7);

	for (int i = 0; i < 30; i++) {
		*seed = *seed * 1103515245U + 12345U;
		used += (size_t)snprintf(out + used, size - used, "%sw%u", i == 5 ? "\n\n" : " ", *seed >> 16 & 63);
	}
}

/* A random step of both users: `left` learns by what he gets and corrects it, `right` learns it rightly at once. */
static void
step(const char *message, unsigned choice)
{
	enum training_class training_class = choice & 1 ? CLASS_SPAM : CLASS_INNOCENT;
	struct request right = {.training_class = training_class, .source = SOURCE_CORPUS};

	stage_receive(&stage, "left", message);
	const char *id = stage.judgement.signature;
	bool was_spam = stage.judgement.spam;
	if (choice % 5 == 0) { /* taken back altogether: the other one has never seen it */
		struct request unlearn = {.training_class = was_spam ? CLASS_SPAM : CLASS_INNOCENT,
					  .mode = TRAINING_UNLEARN,
					  .source = SOURCE_ERROR,
					  .signature = id};
		stage_run(&stage, &unlearn, "left", (struct span){NULL, 0});
		return;
	}
	if (was_spam != (training_class == CLASS_SPAM))
		stage_retrain(&stage, "left", training_class, id);
	stage_run(&stage, &right, "right", span_from(message));
}

static void
check_histories(const char *configuration)
{
	unsigned seed = 1;

	stage_open(&stage, configuration);
	for (int i = 0; i < 150; i++) {
		char message[1000];
		write_message(message, sizeof message, &seed);
		step(message, seed >> 20);
		if (i % 10 == 0)
			check_same("left", "right");
		arena_reset(stage.arena);
	}
	check_same("left", "right");
	struct totals totals = stage_totals(&stage, "left");
	print_message("%lld spam, %lld innocent, %lld corrected\n", (long long)totals.spam_learned,
		      (long long)totals.innocent_learned,
		      (long long)(totals.spam_misclassified + totals.innocent_misclassified));
	assert_true(totals.spam_misclassified + totals.innocent_misclassified > 10);
}

#define HISTORIES(name, configuration)                                                                                 \
	static void test_##name(void **state)                                                                          \
	{                                                                                                              \
		(void)state;                                                                                           \
		check_histories(configuration);                                                                        \
	}

HISTORIES(word, "Tokenizer word\n")
HISTORIES(chain, "")
HISTORIES(sbph, "Tokenizer sbph\n")
HISTORIES(osb, "Tokenizer osb\n")
HISTORIES(chain_of_occurrences, "ProcessorWordFrequency occurrence\n")
HISTORIES(headers, "Preference \"signatureLocation=headers\"\n")

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_word),    TEST(test_chain), TEST(test_sbph), TEST(test_osb), TEST(test_chain_of_occurrences),
		TEST(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
