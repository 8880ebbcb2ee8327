/*
 * A message of 100 MB is judged, or goes on as it came, within 64 MB and four times its size. The figure is
 * the peak of a process of its own; sanitizers keep memory of their own, so that there only the arena is held to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stage.h"

#define SIZE ((size_t)100 << 20)
#define ROOM (((size_t)64 << 20) + 4 * SIZE)

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true
#else
#define SANITIZED false
#endif

struct outcome {
	bool judged;
	size_t arena, output;
	long peak;      /* KiB */
	double seconds; /* of processor time */
};

/* Words that do not repeat, so that there are as many tokens as there may be. */
static char *
make_message(const char *headers, bool lines)
{
	char *message = malloc(SIZE);
	size_t used = (size_t)snprintf(message, SIZE, "%s", headers);
	unsigned long number = 1;

	while (used < SIZE) {
		number = number * 6364136223846793005UL + 1442695040888963407UL;
		for (unsigned i = 0; i < 10 && used < SIZE; i++)
			message[used++] = "abcdefghijklmnopqrstuvwxyzABCDEF"[number >> (5 * i) & 31];
		if (used < SIZE)
			message[used++] = number & 7 || !lines ? ' ' : '\n';
	}
	return message;
}

static void
judge(struct stage *stage, char *message, struct outcome *outcome)
{
	struct request request = {.classify = false};
	struct rusage usage;
	struct arena *arena = arena_new(filter_arena_ceiling(SIZE));
	clock_t start = clock();

	if (!filter_judge(stage->filter, arena, &request, "alice", span_of(message, SIZE), &stage->judgement,
			  &stage->error) ||
	    !filter_learn(stage->filter, &stage->judgement, &stage->error))
		_exit(1);
	outcome->judged = stage->judgement.judged;
	outcome->arena = arena_size(arena);
	outcome->output = 0;
	for (size_t i = 0; i < stage->judgement.piece_count; i++)
		outcome->output += stage->judgement.pieces[i].size;
	getrusage(RUSAGE_SELF, &usage);
	outcome->peak = usage.ru_maxrss;
	outcome->seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	arena_free(arena);
}

static void
check(const char *name, const char *configuration, const char *headers)
{
	struct outcome outcome;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct stage stage;
		stage_open(&stage, configuration);
		char *message = make_message(headers, true);
		judge(&stage, message, &outcome);
		stage_close(&stage);
		free(message);
		_exit(write(ends[1], &outcome, sizeof outcome) == (ssize_t)sizeof outcome ? 0 : 2);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &outcome, sizeof outcome), sizeof outcome);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	print_message("%-12s %s in %.1f s, arena %zu MiB, peak %ld MiB of %zu%s\n", name,
		      outcome.judged ? "judged" : "passed on", outcome.seconds, outcome.arena >> 20, outcome.peak >> 10,
		      ROOM >> 20, SANITIZED ? " (with sanitizers)" : "");
	assert_true(outcome.output >= SIZE);
	assert_true(outcome.arena <= filter_arena_ceiling(SIZE));
	assert_true(SIZE + filter_arena_ceiling(SIZE) <= ROOM);
	if (!SANITIZED)
		assert_true((size_t)outcome.peak * 1024 <= ROOM);
}

static void
test_text(void **state)
{
	(void)state;
	check("text", "", "Subject: x\nContent-Type: text/plain\n\n");
}

static void
test_osb(void **state)
{
	(void)state;
	check("text, osb", "Tokenizer osb\nFeature noise\n", "Subject: x\nContent-Type: text/plain\n\n");
}

static void
test_sbph(void **state)
{
	(void)state;
	check("html, sbph", "Tokenizer sbph\nPValue markov\n", "Subject: x\nContent-Type: text/html\n\n");
}

static void
test_base64(void **state)
{
	(void)state;
	check("base64", "", "Subject: x\nContent-Transfer-Encoding: base64\n\n");
}

static void
test_quoted(void **state)
{
	(void)state;
	check("quoted", "", "Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n");
}

static void
test_headers(void **state)
{
	(void)state;
	check("headers", "", "Subject: x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),   cmocka_unit_test(test_osb),    cmocka_unit_test(test_sbph),
		cmocka_unit_test(test_base64), cmocka_unit_test(test_quoted), cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
