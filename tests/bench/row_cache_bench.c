/*
 * What the cache of rows takes, and how fast it is, when many users' rows do not fit: each of USERS has ROWS rows, and
 * messages of 600 rows come for all of them in turn, are looked up, and kept. Prints, as a line of JSON, the bound, by
 * how much the process has grown at the most, both in KiB, the rows that went through, and microseconds of the
 * processor for a message.
 *
 * Usage: row_cache_bench MEBIBYTES USERS ROWS
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/span.h"
#include "store/row_cache.h"

enum { MESSAGE = 600 };

static unsigned long long
number_of(const char *text)
{
	unsigned long long number;

	if (!span_to_number(span_from(text), 1000000000, &number) || number == 0) {
		fprintf(stderr, "row_cache_bench: MEBIBYTES, USERS and ROWS should be numbers, 1 or more\n");
		exit(1);
	}
	return number;
}

static long
peak(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static double
processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Rows `first` and those that follow of this user, as a store would give them, in the order of their tokens. */
static size_t
message_of(store_uid uid, size_t first, size_t rows, struct store_row *message)
{
	size_t count = 0;

	for (size_t i = first; i < rows && count < MESSAGE; i++)
		message[count++] = (struct store_row){.token = i * UINT64_C(0x9E3779B97F4A7C15) ^ uid,
						      .spam = 1,
						      .day = 20000,
						      .weight = (int32_t)i,
						      .gradient = (int64_t)i << 20};
	return count;
}

int
main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: row_cache_bench MEBIBYTES USERS ROWS\n");
		return 1;
	}
	size_t bound = number_of(argv[1]) << 20, users = number_of(argv[2]), rows = number_of(argv[3]), passed = 0;
	struct row_cache *cache = row_cache_new(bound, true);
	struct store_row message[MESSAGE];
	uint32_t missing[MESSAGE];
	long before = peak();
	double began = processor_time();

	for (size_t first = 0; first < rows; first += MESSAGE)
		for (store_uid uid = 1; uid <= users; uid++) {
			size_t count = message_of(uid, first, rows, message);
			passed += count;
			row_cache_get(cache, uid, 1, message, count, missing);
			row_cache_put(cache, uid, 1, false, message, count);
		}
	double used = processor_time() - began;
	printf("{\"bound_kib\": %zu, \"grown_kib\": %ld, \"rows\": %zu, \"us\": %.1f}\n", bound >> 10, peak() - before,
	       passed, used / ((double)passed / MESSAGE));
	row_cache_free(cache);
	return 0;
}
