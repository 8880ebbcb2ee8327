/*
 * What the adaptive classifier loses when little is kept of a feature: its identifier cut to BITS bits, so that some
 * share a row, and the row cut to 5 bytes (weight 16 bits in units of 2^-10, gradient 8 bits of its logarithm, hits 8
 * bits each); and when, with PURGE, all rows of one lesson go that were not learned again in so many messages, as
 * PurgeHapaxes does by days. Judges the mail of an index, learns each message at once, and prints errors, 1-ROCA% and
 * rows as a line of JSON.
 *
 * Usage: adaptive_small INDEX BITS [PURGE]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "classify/adaptive.h"
#include "feature/feature.h"
#include "tool/corpus.h"
#include "tool/figures.h"

enum { BITS_MAX = 24, WEIGHT_SHIFT = ADAPTIVE_WEIGHT_BITS - 10, HITS_MAX = 255 };

struct small {
	struct adaptive_row *table; /* 2^bits; a row is where its identifier says */
	uint32_t *learned;          /* after how many messages, parallel to it */
	uint64_t mask;
	struct adaptive_lessons lessons;
	struct adaptive_row rows[FEATURES_MAX]; /* of the message */
	struct adaptive_change changes[FEATURES_MAX];
	size_t count;
};

static void
fail(const char *text)
{
	fprintf(stderr, "adaptive_small: %s\n", text);
	exit(1);
}

static int
compare_rows(const void *a, const void *b)
{
	uint64_t left = ((const struct adaptive_row *)a)->id, right = ((const struct adaptive_row *)b)->id;

	return (left > right) - (left < right);
}

/* Features that share a row are one. */
static void
read_rows(struct small *small, const struct feature_set *set)
{
	struct adaptive_row keys[FEATURES_MAX];

	for (size_t i = 0; i < set->count; i++)
		keys[i] = (struct adaptive_row){.id = set->features[i].id & small->mask, .view = set->features[i].view};
	qsort(keys, set->count, sizeof *keys, compare_rows);
	small->count = 0;
	for (size_t i = 0; i < set->count; i++) {
		if (i > 0 && keys[i].id == keys[i - 1].id)
			continue;
		struct adaptive_row *row = &small->rows[small->count++];
		*row = small->table[keys[i].id];
		row->id = keys[i].id;
		row->view = keys[i].view;
	}
}

static int32_t
round_weight(int32_t weight)
{
	long units = lrint((double)weight / (1 << WEIGHT_SHIFT));

	return (int32_t)(units > INT16_MAX ? INT16_MAX : units < INT16_MIN ? INT16_MIN : units) * (1 << WEIGHT_SHIFT);
}

/* One of 255 steps of its logarithm, or nothing. */
static int64_t
round_gradient(int64_t gradient)
{
	double unit = 1.0 / (1 << ADAPTIVE_GRADIENT_BITS);

	if (gradient <= 0)
		return 0;
	double step = fmax(1, fmin(255, rint((log2((double)gradient * unit) + 20) * 8)));
	return llrint(exp2(step / 8 - 20) / unit);
}

static void
learn(struct small *small, const struct adaptive_score *score, bool is_spam, size_t now)
{
	struct adaptive_lessons_change lesson;

	if (!adaptive_learn(small->rows, small->count, &small->lessons, score, is_spam, small->changes, &lesson))
		return;
	adaptive_lessons_add(&small->lessons, &lesson);
	for (size_t i = 0; i < small->count; i++) {
		struct adaptive_row *row = &small->table[small->rows[i].id];
		adaptive_row_add(row, &small->changes[i]);
		small->learned[small->rows[i].id] = (uint32_t)now;
		row->weight = round_weight(row->weight);
		row->gradient = round_gradient(row->gradient);
		row->spam = row->spam > HITS_MAX ? HITS_MAX : row->spam;
		row->innocent = row->innocent > HITS_MAX ? HITS_MAX : row->innocent;
	}
}

static void
purge(struct small *small, size_t now, size_t age)
{
	for (uint64_t i = 0; i <= small->mask; i++)
		if (small->table[i].spam + small->table[i].innocent < 2 && small->learned[i] + age <= now)
			small->table[i] = (struct adaptive_row){.id = 0};
}

static size_t
rows_used(const struct small *small)
{
	size_t count = 0;

	for (uint64_t i = 0; i <= small->mask; i++)
		count += small->table[i].weight != 0 || small->table[i].gradient != 0 || small->table[i].spam != 0 ||
			 small->table[i].innocent != 0;
	return count;
}

static void
replay(struct small *small, struct corpus *corpus, size_t age, struct figures_list *figures)
{
	struct buffer bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX);
	struct arena *arena = arena_new((size_t)1 << 30);
	struct error error;

	for (size_t i = 0; i < corpus->count; i++) {
		bool is_spam = corpus->messages[i].spam;
		if (!corpus_read(&corpus->messages[i], &bytes, &error))
			fail(error.text);
		arena_reset(arena);
		struct message *message = message_parse(arena, buffer_span(&bytes));
		const struct feature_set *set = message == NULL ? NULL : feature_extract(message, arena);
		if (set == NULL)
			fail("a message needs more memory than one may");
		read_rows(small, set);
		struct adaptive_score score = adaptive_judge(small->rows, small->count, &small->lessons);
		figures_add(figures, (struct figures_message){.score = score.shown,
							      .is_spam = is_spam,
							      .called_spam = score.shown > 0,
							      .probability = score.probability});
		learn(small, &score, is_spam, i);
		if (age > 0 && i % age == age - 1)
			purge(small, i, age);
	}
	arena_free(arena);
	buffer_free(&bytes);
}

int
main(int argc, char **argv)
{
	static struct small small;
	struct figures_list said = {0};
	struct corpus corpus;
	struct error error;
	unsigned long long bits = 0, age = 0;

	if (argc < 3 || argc > 4 || !span_to_number(span_from(argv[2]), BITS_MAX, &bits) || bits == 0 ||
	    (argc == 4 && !span_to_number(span_from(argv[3]), CORPUS_MESSAGES_MAX, &age)))
		fail("usage: adaptive_small INDEX BITS [PURGE]");
	corpus_init(&corpus);
	if (!corpus_add_index(&corpus, argv[1], &error))
		fail(error.text);
	small.mask = (UINT64_C(1) << bits) - 1;
	small.table = calloc(small.mask + 1, sizeof *small.table);
	small.learned = calloc(small.mask + 1, sizeof *small.learned);
	if (small.table == NULL || small.learned == NULL)
		fail("out of memory");
	replay(&small, &corpus, (size_t)age, &said);
	struct figures figures = figures_of(&said);
	printf("{\"bits\": %llu, \"errors\": %zu, \"roca_percent\": %.4f, \"rows\": %zu}\n", bits,
	       figures.ham_misclassified + figures.spam_misclassified, figures.roca, rows_used(&small));
	figures_free(&said);
	corpus_free(&corpus);
	free(small.table);
	free(small.learned);
	return 0;
}
