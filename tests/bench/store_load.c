/*
 * Many at once on one store: how many messages a second it reads or learns.
 *
 *     store_load DRIVER HOME TOKENS USERS CONNECTIONS MESSAGES read|learn cold|warm
 *
 * Every connection, a thread, does MESSAGES messages of TOKENS different tokens for users in turn; 70 % of the tokens
 * come from 5,000 frequent ones. `warm`: with a cache of rows, after a round that is not measured. HOME is Home:
 * there is pgsql.data or mysql.data, of a database with tables, or the file of SQLite. Prints messages a second, and
 * milliseconds of our own processor time a message.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/row_cache.h"
#include "store/store.h"

enum { TOKENS_MAX = 4096, FREQUENT = 5000, RANGE = 200000, DAY = 20000, THREADS_MAX = 64 };

struct plan {
	struct store_options options;
	size_t tokens, messages;
	unsigned users;
	bool learns;
	store_uid *uids; /* of the users */
};

struct client {
	const struct plan *plan;
	struct store *store;
	pthread_t thread;
	uint64_t seed;
};

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
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

static void
must(bool done, const struct error *error)
{
	if (!done) {
		fprintf(stderr, "store_load: %s\n", error->text);
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
make_message(uint64_t *state, size_t tokens, struct store_change *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < tokens; i++) {
		uint64_t number = spread(*state += UINT64_C(0x9E3779B97F4A7C15));
		uint64_t among = number % 10 < 7 ? FREQUENT : RANGE;
		changes[i] = (struct store_change){.token = spread(number / 10 % among + 1), .spam = 1};
	}
	qsort(changes, tokens, sizeof *changes, compare);
	for (size_t i = 0; i < tokens; i++)
		if (kept == 0 || changes[i].token != changes[kept - 1].token)
			changes[kept++] = changes[i];
	return kept;
}

static store_uid
user_of(struct store *store, uint64_t number)
{
	struct error error;
	char name[32];
	store_uid uid;

	snprintf(name, sizeof name, "bench%llu", (unsigned long long)number);
	must(store_user(store, span_from(name), true, &uid, &error), &error);
	return uid;
}

static void
learn(struct store *store, store_uid uid, const struct store_change *changes, size_t count, uint64_t number)
{
	char id[32];
	struct error error;
	struct store_signature signature = {id, SPAN("what a signature says"), DAY};
	struct store_lesson lesson = {.uid = uid,
				      .day = DAY,
				      .changes = changes,
				      .count = count,
				      .totals = {.spam_learned = 1},
				      .signature = &signature};

	snprintf(id, sizeof id, "%016llx", (unsigned long long)number);
	must(store_learn(store, &lesson, &error), &error);
}

static void
read_rows(struct store *store, store_uid uid, const struct store_change *changes, size_t count)
{
	struct store_row rows[TOKENS_MAX];
	struct totals totals;
	struct error error;

	for (size_t i = 0; i < count; i++)
		rows[i].token = changes[i].token;
	must(store_read(store, uid, &totals, rows, count, &error), &error);
}

static void *
work(void *context)
{
	const struct client *client = context;
	const struct plan *plan = client->plan;
	struct store_change changes[TOKENS_MAX];
	uint64_t state = client->seed << 32;

	for (size_t i = 0; i < plan->messages; i++) {
		size_t count = make_message(&state, plan->tokens, changes);
		store_uid uid = plan->uids[spread((client->seed << 32) + i) % plan->users];
		if (plan->learns)
			learn(client->store, uid, changes, count, spread(state));
		else
			read_rows(client->store, uid, changes, count);
	}
	return NULL;
}

static void
run(struct client *clients, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&clients[i].thread, NULL, work, &clients[i]) != 0)
			abort();
	for (size_t i = 0; i < count; i++)
		pthread_join(clients[i].thread, NULL);
}

/* They are known already when the clock starts. */
static void
make_users(struct plan *plan, struct store *store)
{
	plan->uids = calloc(plan->users, sizeof *plan->uids);
	if (plan->uids == NULL)
		abort();
	for (unsigned i = 0; i < plan->users; i++)
		plan->uids[i] = user_of(store, i);
}

static void
measure(struct plan *plan, size_t count, bool twice)
{
	struct client clients[THREADS_MAX];
	struct error error;

	for (size_t i = 0; i < count; i++) {
		clients[i] = (struct client){.plan = plan, .seed = i + 1};
		must(store_open(&plan->options, &clients[i].store, &error), &error);
	}
	make_users(plan, clients[0].store);
	if (twice)
		run(clients, count);
	double begin = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
	run(clients, count);
	double all = (double)(plan->messages * count);
	printf("%.1f %.4f\n", all / (seconds(CLOCK_MONOTONIC) - begin),
	       (seconds(CLOCK_PROCESS_CPUTIME_ID) - used) * 1e3 / all);
	for (size_t i = 0; i < count; i++)
		store_close(clients[i].store);
	free(plan->uids);
}

int
main(int count, char **arguments)
{
	if (count != 9) {
		fputs("usage: store_load DRIVER HOME TOKENS USERS CONNECTIONS MESSAGES read|learn cold|warm\n", stderr);
		return ERROR_USAGE;
	}
	bool warm = strcmp(arguments[8], "warm") == 0;
	char file[4096];
	struct store_option options[] = {{"Home", arguments[2]}, {"SQLiteFile", file}};
	struct plan plan = {
		.options = {.driver = arguments[1], .options = options, .count = 2},
		.tokens = strtoul(arguments[3], NULL, 10),
		.users = (unsigned)strtoul(arguments[4], NULL, 10),
		.messages = strtoul(arguments[6], NULL, 10),
		.learns = strcmp(arguments[7], "learn") == 0,
	};
	size_t connections = strtoul(arguments[5], NULL, 10);

	snprintf(file, sizeof file, "%s/dspam.sqlite", arguments[2]);
	if (plan.tokens == 0 || plan.tokens > TOKENS_MAX || plan.users == 0 || connections == 0 ||
	    connections > THREADS_MAX)
		return ERROR_USAGE;
	plan.options.cache = warm ? row_cache_new((size_t)64 << 20, false) : NULL;
	measure(&plan, connections, warm);
	row_cache_free(plan.options.cache);
	return 0;
}
