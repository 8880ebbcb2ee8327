/*
 * How long judging takes, in nanoseconds a token: messages of 1,000 tokens with hits, by graham, burton
 * and chi-square together. Usage: classify_bench [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/crc64.h"
#include "classify/verdict.h"

#define TOKENS 1000

static const struct totals totals = {.spam_learned = 3000, .innocent_learned = 5000};

static uint32_t
random_below(uint32_t limit)
{
	static uint64_t seed = 88172645463325252u;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % limit);
}

/* Hits as a trained store has them: a third unknown, many rare, some common in one kind of mail. */
static struct hits
random_hits(void)
{
	uint32_t many = 1 + random_below(400), few = random_below(4);
	switch (random_below(6)) {
	case 0:
	case 1:
		return (struct hits){0, 0};
	case 2:
		return (struct hits){few, random_below(4)};
	case 3:
		return (struct hits){many, few};
	case 4:
		return (struct hits){few, many};
	}
	return (struct hits){many, 1 + random_below(600)};
}

static void
fill(struct token_set *set, struct hits *hits)
{
	for (size_t i = 0; i < TOKENS; i++) {
		const char *text = arena_printf(set->arena, "Subject*word%zu+#+next", i);
		set->tokens[i] = (struct token){.id = crc64(0, span_from(text)), .text = text, .frequency = 1};
		set->tokens[i].frequency += random_below(8) == 0;
		set->order[i] = (uint32_t)i;
		hits[i] = random_hits();
	}
	set->count = TOKENS;
}

static double
now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void
measure(enum pvalue pvalue, struct token_set *set, const struct hits *hits, unsigned long rounds)
{
	const struct method method = {
		.pvalue = pvalue,
		.bias = true,
		.algorithms = ALGORITHM_GRAHAM | ALGORITHM_BURTON | ALGORITHM_CHI_SQUARE,
	};
	struct arena *scratch = arena_new(1u << 20);
	struct verdict verdict = {0};
	struct error error;
	set->arena = scratch;
	double start = now();
	for (unsigned long i = 0; i < rounds; i++) {
		arena_reset(scratch);
		if (!verdict_reach(&(struct evidence){.set = set, .hits = hits}, &totals, &method, &verdict, &error)) {
			fprintf(stderr, "%s\n", error.text);
			exit(error_exit_status(&error));
		}
	}
	printf("%-9s %6.1f ns a token, %6.1f us a message (%s, score %.3f)\n", pvalue_name(pvalue),
	       (now() - start) / (double)rounds / TOKENS, (now() - start) / (double)rounds / 1000,
	       verdict.spam ? "spam" : "innocent", verdict.score);
	arena_free(scratch);
}

int
main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
	struct arena *arena = arena_new(1u << 24);
	struct token_set set = {.arena = arena};
	set.tokens = arena_calloc(arena, TOKENS, sizeof(*set.tokens));
	set.order = arena_calloc(arena, TOKENS, sizeof(*set.order));
	struct hits *hits = arena_calloc(arena, TOKENS, sizeof(*hits));
	fill(&set, hits);
	measure(PVALUE_BCR, &set, hits, rounds > 0 ? rounds : 1);
	measure(PVALUE_ROBINSON, &set, hits, rounds > 0 ? rounds : 1);
	measure(PVALUE_MARKOV, &set, hits, rounds > 0 ? rounds : 1);
	arena_free(arena);
	return 0;
}
