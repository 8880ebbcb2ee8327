/*
 * What the adaptive classifier costs in one process: all messages of an index are read into memory, then parsed; parsed
 * and looked at; and parsed, looked at, judged and learned, with an empty start and rows in memory. Prints, in
 * microseconds of the processor for a message, the least of ROUNDS, as a line of JSON.
 *
 * Usage: adaptive_bench INDEX [LIMIT [ROUNDS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feature/feature.h"
#include "adaptive_trial.h"
#include "tool/corpus.h"

struct work {
	struct corpus corpus;
	struct span *messages;
	struct arena *bytes, *scratch; /* of all messages; of one */
	size_t errors, features;
};

enum stage { PARSE, FEATURES, ALL, STAGES };

static void
fail(const char *text)
{
	fprintf(stderr, "adaptive_bench: %s\n", text);
	exit(1);
}

static size_t
number_of(const char *text)
{
	unsigned long long number;

	if (!span_to_number(span_from(text), 10000000, &number) || number == 0)
		fail("LIMIT and ROUNDS should be numbers, 1 or more");
	return (size_t)number;
}

static void
read_all(struct work *work, const char *index, size_t limit)
{
	struct buffer bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX);
	struct error error;

	corpus_init(&work->corpus);
	if (!corpus_add_index(&work->corpus, index, &error))
		fail(error.text);
	if (work->corpus.count > limit)
		work->corpus.count = limit;
	if (work->corpus.count == 0)
		fail("the index lists no message");
	work->bytes = arena_new((size_t)8 << 30);
	work->scratch = arena_new((size_t)1 << 30);
	work->messages = arena_calloc(work->bytes, work->corpus.count, sizeof *work->messages);
	for (size_t i = 0; i < work->corpus.count; i++) {
		if (!corpus_read(&work->corpus.messages[i], &bytes, &error))
			fail(error.text);
		work->messages[i] = span_of(arena_copy(work->bytes, buffer_span(&bytes)), buffer_span(&bytes).size);
	}
	buffer_free(&bytes);
}

static double
processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Judge and learn; whether it was judged rightly. */
static bool
judge_and_learn(struct work *work, struct adaptive_trial *trial, size_t i)
{
	bool spam = work->corpus.messages[i].spam;
	struct adaptive_score score;

	if (!adaptive_trial_judge(trial, work->scratch, work->messages[i], &score))
		fail("a message needs more memory than one may");
	adaptive_trial_learn(trial, &score, spam);
	return (score.shown > 0) == spam;
}

static double
run(struct work *work, enum stage stage)
{
	struct adaptive_trial *trial = stage == ALL ? adaptive_trial_new() : NULL;
	double start = processor_time();

	work->errors = work->features = 0;
	for (size_t i = 0; i < work->corpus.count; i++) {
		arena_reset(work->scratch);
		if (stage == ALL) {
			work->errors += !judge_and_learn(work, trial, i);
			continue;
		}
		struct message *message = message_parse(work->scratch, work->messages[i]);
		const struct feature_set *set = stage == FEATURES ? feature_extract(message, work->scratch) : NULL;
		work->features += set != NULL ? set->count : 0;
	}
	double used = processor_time() - start;
	adaptive_trial_free(trial);
	return used / (double)work->corpus.count;
}

int
main(int argc, char **argv)
{
	struct work work = {.errors = 0};
	size_t limit = argc > 2 ? number_of(argv[2]) : SIZE_MAX, rounds = argc > 3 ? number_of(argv[3]) : 3;
	double least[STAGES] = {0}, features = 0;

	if (argc < 2)
		fail("usage: adaptive_bench INDEX [LIMIT [ROUNDS]]");
	read_all(&work, argv[1], limit);
	for (size_t round = 0; round < rounds; round++)
		for (enum stage stage = PARSE; stage < STAGES; stage++) {
			double used = run(&work, stage);
			least[stage] = round == 0 || used < least[stage] ? used : least[stage];
			features = stage == FEATURES ? (double)work.features / (double)work.corpus.count : features;
		}
	printf("{\"messages\": %zu, \"parse_us\": %.2f, \"parse_features_us\": %.2f, \"all_us\": %.2f, "
	       "\"features\": %.1f, \"errors\": %zu}\n",
	       work.corpus.count, least[PARSE], least[FEATURES], least[ALL], features, work.errors);
	corpus_free(&work.corpus);
	arena_free(work.bytes);
	arena_free(work.scratch);
	return 0;
}
