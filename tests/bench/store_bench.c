/*
 * What the stores cost: look-ups and upserts of messages of 700 tokens, bytes a row, memory.
 *
 *     store_bench [ROWS] [SQLiteFile]
 *
 * Fills one user with ROWS random tokens (default 1,000,000) in lessons of 700, then reads
 * and learns messages of which 70 % of the tokens come from 5,000 frequent ones. Times are
 * of the processor, user and system together. The file is removed at the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

enum { MESSAGE = 700, FREQUENT = 5000, MESSAGES = 1000, DAY = 20000 };

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* splitmix64 */
static uint64_t
spread(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
	return number ^ number >> 31;
}

static uint64_t
next(uint64_t *state)
{
	return spread(*state += UINT64_C(0x9E3779B97F4A7C15));
}

static void
must(bool done, const struct error *error)
{
	if (!done) {
		fprintf(stderr, "store_bench: %s\n", error->text);
		exit(error_exit_status(error));
	}
}

static int
compare(const void *a, const void *b)
{
	uint64_t left = ((const struct store_change *)a)->token, right = ((const struct store_change *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

static size_t
sort(struct store_change *changes, size_t count)
{
	size_t kept = 0;

	qsort(changes, count, sizeof *changes, compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || changes[i].token != changes[kept - 1].token)
			changes[kept++] = changes[i];
	return kept;
}

/* A message as users get them: mostly frequent words, the rest out of `range`. */
static size_t
make_message(uint64_t *state, uint64_t range, struct store_change *changes)
{
	for (size_t i = 0; i < MESSAGE; i++) {
		uint64_t number = next(state);
		uint64_t among = number % 10 < 7 ? FREQUENT : range;
		changes[i] = (struct store_change){.token = spread(number / 10 % among + 1), .spam = 1};
	}
	return sort(changes, MESSAGE);
}

static void
learn(struct store *store, store_uid uid, const struct store_change *changes, size_t count)
{
	struct store_lesson lesson = {
		.uid = uid, .day = DAY, .changes = changes, .count = count, .totals = {.spam_learned = 1}};
	struct error error;

	must(store_learn(store, &lesson, &error), &error);
}

/* Numbers 1 to `rows`, each once, in an order that jumps about. */
static double
fill(struct store *store, store_uid uid, uint64_t rows)
{
	struct store_change changes[MESSAGE];
	const uint64_t stride = 7368787; /* prime */
	double begin = seconds();
	uint64_t number = 0;

	for (uint64_t done = 0; done < rows;) {
		size_t count = 0;
		for (; count < MESSAGE && done < rows; count++, done++) {
			number = (number + stride) % rows;
			changes[count] = (struct store_change){.token = spread(number + 1), .spam = 1};
		}
		learn(store, uid, changes, sort(changes, count));
	}
	return seconds() - begin;
}

static double
read_messages(struct store *store, store_uid uid, uint64_t range, size_t *tokens)
{
	struct store_change changes[MESSAGE];
	struct store_row rows[MESSAGE];
	struct totals totals;
	struct error error;
	uint64_t state = 1;
	double spent = 0;

	for (size_t i = 0; i < MESSAGES; i++) {
		size_t count = make_message(&state, range, changes);
		for (size_t k = 0; k < count; k++)
			rows[k].token = changes[k].token;
		double begin = seconds();
		must(store_read(store, uid, &totals, rows, count, &error), &error);
		spent += seconds() - begin;
		*tokens += count;
	}
	return spent;
}

static double
learn_messages(struct store *store, store_uid uid, uint64_t range, size_t *tokens)
{
	struct store_change changes[MESSAGE];
	uint64_t state = 2;
	double spent = 0;

	for (size_t i = 0; i < MESSAGES; i++) {
		size_t count = make_message(&state, range, changes);
		double begin = seconds();
		learn(store, uid, changes, count);
		spent += seconds() - begin;
		*tokens += count;
	}
	return spent;
}

static long
resident_kilobytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file != NULL && fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static bool
count_row(void *context, const struct store_row *row)
{
	(void)row;
	++*(uint64_t *)context;
	return true;
}

static void
report(const char *what, double spent, size_t tokens)
{
	printf("  %-6s %.3f ms a message, %.2f million tokens a second\n", what, spent * 1e3 / MESSAGES,
	       (double)tokens / spent / 1e6);
}

static void
measure(const char *driver, const char *file, uint64_t rows)
{
	const struct store_option option = {"SQLiteFile", file};
	long before = resident_kilobytes();
	uint64_t kept = 0;
	double learning, reading;
	size_t read = 0, learned = 0;
	struct store *store;
	struct error error;
	struct stat status;
	store_uid uid;

	must(store_open(&(struct store_options){.driver = driver, .options = &option, .count = 1}, &store, &error),
	     &error);
	must(store_user(store, SPAN("bench"), true, &uid, &error), &error);
	printf("%s\n  fill   %.3f ms a message of %d new tokens\n", driver,
	       fill(store, uid, rows) * 1e3 * MESSAGE / (double)rows, MESSAGE);
	learning = learn_messages(store, uid, 2 * rows, &learned);
	report("learn", learning, learned);
	reading = read_messages(store, uid, 2 * rows, &read);
	report("read", reading, read);
	printf("  memory %ld KB more than before\n", resident_kilobytes() - before);
	must(store_each_row(store, uid, count_row, &kept, &error), &error);
	store_close(store);
	if (stat(file, &status) == 0)
		printf("  disk   %.1f bytes a row, %llu rows\n", (double)status.st_size / (double)kept,
		       (unsigned long long)kept);
	unlink(file);
}

int
main(int count, char **arguments)
{
	uint64_t rows = count > 1 ? strtoull(arguments[1], NULL, 10) : 1000000;
	const char *file = count > 2 ? arguments[2] : "store_bench.sqlite";

	if (rows == 0 || access(file, F_OK) == 0) {
		fprintf(stderr, "usage: store_bench [ROWS] [FILE]; FILE (%s) must not exist yet\n", file);
		return ERROR_USAGE;
	}
	measure("sqlite", file, rows);
	measure("memory", file, rows);
	return 0;
}
