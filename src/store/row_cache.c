#include "store/row_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "store/driver.h"

/* Sets of places: a set is one line of the processor's cache for rows. The best place is the first. */
enum { WAYS = 4, ROWS_PER_USER = 64, SMALLEST = 65536 };
enum { HITS_MAX = (1 << 24) - 1 };
enum { AHEAD = 12 /* rows that are on their way from the memory while one is looked at */ };

/* 16 bytes. Rows with more hits than fit, or with a day that does not, are not kept. */
struct known_row {
	uint64_t key; /* token and the user's salt; 0: free */
	uint64_t spam : 24, innocent : 24, day : 16;
};

/* Beside each row, in a cache that keeps weights. */
struct known_weights {
	int32_t weight;
	uint32_t gradient;
};

struct known_user {
	store_uid uid;
	uint64_t salt; /* 0: free. What other salts have left in the rows is never found again */
	int64_t version;
};

struct row_cache {
	pthread_mutex_t mutex;
	struct known_row *rows;
	struct known_weights *weights; /* NULL: none are kept */
	size_t sets;                   /* of rows */
	struct known_user *users;
	size_t user_sets;
	uint64_t random; /* state */
};

/* splitmix64 */
static uint64_t
spread(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
	return number ^ number >> 31;
}

/* A number below `sets`, of which there are fewer than 2^32. */
static size_t
set_of(uint64_t number, size_t sets)
{
	return (size_t)((number * UINT64_C(0x9E3779B97F4A7C15) >> 32) * sets >> 32);
}

/*
 * Zeros that become memory when they are written to, and begin at a line of the processor's cache. In large pages,
 * where the system has them: rows stand anywhere, and with small ones each look would first have to find its page.
 */
static void *
zeros(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		abort();
	madvise(data, size, MADV_HUGEPAGE);
	return data;
}

static size_t
size_of_rows(const struct row_cache *cache)
{
	return cache->sets * WAYS * sizeof *cache->rows;
}

static size_t
size_of_weights(const struct row_cache *cache)
{
	return cache->sets * WAYS * sizeof *cache->weights;
}

static size_t
size_of_users(const struct row_cache *cache)
{
	return cache->user_sets * WAYS * sizeof *cache->users;
}

struct row_cache *
row_cache_new(size_t bytes, bool weights)
{
	struct row_cache *cache;

	if (bytes < SMALLEST)
		return NULL;
	cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		abort();
	cache->sets = bytes / (WAYS * (sizeof *cache->rows + (weights ? sizeof *cache->weights : 0)) +
			       WAYS * sizeof *cache->users / ROWS_PER_USER);
	cache->user_sets = cache->sets / ROWS_PER_USER + 1;
	cache->rows = zeros(size_of_rows(cache));
	cache->weights = weights ? zeros(size_of_weights(cache)) : NULL;
	cache->users = zeros(size_of_users(cache));
	if (pthread_mutex_init(&cache->mutex, NULL) != 0 ||
	    getrandom(&cache->random, sizeof cache->random, 0) != sizeof cache->random)
		abort();
	return cache;
}

void
row_cache_free(struct row_cache *cache)
{
	if (cache == NULL)
		return;
	pthread_mutex_destroy(&cache->mutex);
	munmap(cache->rows, size_of_rows(cache));
	if (cache->weights != NULL)
		munmap(cache->weights, size_of_weights(cache));
	munmap(cache->users, size_of_users(cache));
	free(cache);
}

/* ---- users -------------------------------------------------------------------- */

/* The user, moved one place up in his set; NULL: not known. */
static struct known_user *
find_user(struct row_cache *cache, store_uid uid)
{
	struct known_user *set = cache->users + set_of(uid, cache->user_sets) * WAYS;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].salt == 0 || set[i].uid != uid)
			continue;
		if (i == 0)
			return &set[0];
		struct known_user user = set[i];
		set[i] = set[i - 1];
		set[i - 1] = user;
		return &set[i - 1];
	}
	return NULL;
}

/* Nothing is known of him but his version. */
static struct known_user *
make_user(struct row_cache *cache, struct known_user *user, store_uid uid, int64_t version)
{
	if (user == NULL)
		user = cache->users + set_of(uid, cache->user_sets) * WAYS + WAYS - 1;
	cache->random += UINT64_C(0x9E3779B97F4A7C15);
	*user = (struct known_user){uid, spread(cache->random) | 1, version};
	return user;
}

/* ---- rows ----------------------------------------------------------------------- */

/* Where the set of a key begins. */
static size_t
set_of_row(const struct row_cache *cache, uint64_t key)
{
	return set_of(key, cache->sets) * WAYS;
}

static void
prefetch_set(const struct row_cache *cache, uint64_t key)
{
	size_t place = set_of_row(cache, key);

	__builtin_prefetch(&cache->rows[place]);
	if (cache->weights != NULL)
		__builtin_prefetch(&cache->weights[place]);
}

static void
move_up(const struct row_cache *cache, size_t place)
{
	struct known_row row = cache->rows[place];

	cache->rows[place] = cache->rows[place - 1];
	cache->rows[place - 1] = row;
	if (cache->weights != NULL) {
		struct known_weights weights = cache->weights[place];
		cache->weights[place] = cache->weights[place - 1];
		cache->weights[place - 1] = weights;
	}
}

#define NOWHERE SIZE_MAX

/* Words that are asked for again move up, and rare ones fall out at the end of the set. */
static size_t
find_row(const struct row_cache *cache, uint64_t key)
{
	size_t first = set_of_row(cache, key);

	for (size_t place = first; place < first + WAYS; place++) {
		if (cache->rows[place].key != key)
			continue;
		if (place == first)
			return place;
		move_up(cache, place);
		return place - 1;
	}
	return NOWHERE;
}

static void
read_place(const struct row_cache *cache, size_t place, struct store_row *row)
{
	const struct known_row *known = &cache->rows[place];

	*row = (struct store_row){
		.token = row->token, .spam = known->spam, .innocent = known->innocent, .day = known->day};
	if (cache->weights != NULL) {
		row->weight = cache->weights[place].weight;
		row->gradient = cache->weights[place].gradient;
	}
}

static bool
fits(const struct row_cache *cache, const struct store_row *row)
{
	return row->spam <= HITS_MAX && row->innocent <= HITS_MAX && row->day >= 0 && row->day <= UINT16_MAX &&
	       (cache->weights != NULL ? row->gradient >= 0 && row->gradient <= UINT32_MAX
				       : row->weight == 0 && row->gradient == 0);
}

/* What does not fit is not known. */
static void
write_place(const struct row_cache *cache, size_t place, uint64_t key, const struct store_row *row)
{
	if (!fits(cache, row)) {
		if (cache->rows[place].key == key)
			cache->rows[place].key = 0;
		return;
	}
	cache->rows[place] =
		(struct known_row){key, row->spam & HITS_MAX, row->innocent & HITS_MAX, (uint16_t)row->day};
	if (cache->weights != NULL)
		cache->weights[place] = (struct known_weights){row->weight, (uint32_t)row->gradient};
}

static void
keep_row(const struct row_cache *cache, uint64_t key, const struct store_row *row)
{
	size_t place = find_row(cache, key), first = set_of_row(cache, key);

	if (key == 0)
		return;
	if (place == NOWHERE)
		for (place = first; place < first + WAYS - 1 && cache->rows[place].key != 0;)
			place++;
	write_place(cache, place, key, row);
}

static void
change_row(const struct row_cache *cache, uint64_t key, const struct store_change *change, int32_t day)
{
	size_t place = key == 0 ? NOWHERE : find_row(cache, key);
	struct store_row row = {.token = 0};

	if (place == NOWHERE)
		return;
	read_place(cache, place, &row);
	row.spam = store_hits_add(row.spam, change->spam);
	row.innocent = store_hits_add(row.innocent, change->innocent);
	row.day = day;
	row.weight = store_weight_add(row.weight, change->weight);
	row.gradient += change->gradient;
	write_place(cache, place, key, &row);
}

/* ---- the calls ------------------------------------------------------------------- */

bool
row_cache_version(struct row_cache *cache, store_uid uid, int64_t *version)
{
	pthread_mutex_lock(&cache->mutex);
	const struct known_user *user = find_user(cache, uid);
	if (user != NULL)
		*version = user->version;
	pthread_mutex_unlock(&cache->mutex);
	return user != NULL;
}

size_t
row_cache_get(struct row_cache *cache, store_uid uid, int64_t version, struct store_row *rows, size_t count,
	      uint32_t *missing)
{
	size_t rest = 0;

	pthread_mutex_lock(&cache->mutex);
	const struct known_user *user = find_user(cache, uid);
	bool known = user != NULL && user->version == version;
	for (size_t i = 0; i < count; i++) {
		size_t place = NOWHERE;
		if (known && i + AHEAD < count)
			prefetch_set(cache, rows[i + AHEAD].token ^ user->salt);
		if (known && (rows[i].token ^ user->salt) != 0)
			place = find_row(cache, rows[i].token ^ user->salt);
		if (place == NOWHERE)
			missing[rest++] = (uint32_t)i;
		else
			read_place(cache, place, &rows[i]);
	}
	pthread_mutex_unlock(&cache->mutex);
	return rest;
}

void
row_cache_put(struct row_cache *cache, store_uid uid, int64_t version, bool replace, const struct store_row *rows,
	      size_t count)
{
	pthread_mutex_lock(&cache->mutex);
	struct known_user *user = find_user(cache, uid);
	if (user == NULL || (replace && user->version < version))
		user = make_user(cache, user, uid, version);
	for (size_t i = 0; i < count && user->version == version; i++)
		keep_row(cache, rows[i].token ^ user->salt, &rows[i]);
	pthread_mutex_unlock(&cache->mutex);
}

void
row_cache_advance(struct row_cache *cache, store_uid uid, int64_t from, int64_t to, const struct store_change *changes,
		  size_t count, int32_t day)
{
	pthread_mutex_lock(&cache->mutex);
	struct known_user *user = find_user(cache, uid);
	if (user != NULL && user->version == from) {
		for (size_t i = 0; i < count; i++) {
			if (i + AHEAD < count)
				prefetch_set(cache, changes[i + AHEAD].token ^ user->salt);
			change_row(cache, changes[i].token ^ user->salt, &changes[i], day);
		}
		user->version = to;
	}
	pthread_mutex_unlock(&cache->mutex);
}

void
row_cache_forget(struct row_cache *cache)
{
	if (cache == NULL)
		return;
	pthread_mutex_lock(&cache->mutex);
	for (size_t i = 0; i < cache->user_sets * WAYS; i++)
		if (cache->users[i].salt != 0) /* what was never written to takes no memory */
			cache->users[i].salt = 0;
	pthread_mutex_unlock(&cache->mutex);
}
