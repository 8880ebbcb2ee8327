#include "store/row_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

/* Sets of places: a set is one line of the processor's cache for rows. The best place is the first. */
enum { WAYS = 4, ROWS_PER_USER = 64, SMALLEST = 65536 };
enum { HITS_MAX = (1 << 24) - 1 };

/* 16 bytes. Rows with more hits than fit, or with a day that does not, are not kept. */
struct known_row {
	uint64_t key; /* token and the user's salt; 0: free */
	uint64_t spam : 24, innocent : 24, day : 16;
};

struct known_user {
	store_uid uid;
	uint64_t salt; /* 0: free. What other salts have left in the rows is never found again */
	int64_t version;
};

struct row_cache {
	pthread_mutex_t mutex;
	struct known_row *rows;
	size_t sets; /* of rows */
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

/* Zeros that become memory when they are written to, and begin at a line of the processor's cache. */
static void *
zeros(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		abort();
	return data;
}

static size_t
size_of_rows(const struct row_cache *cache)
{
	return cache->sets * WAYS * sizeof *cache->rows;
}

static size_t
size_of_users(const struct row_cache *cache)
{
	return cache->user_sets * WAYS * sizeof *cache->users;
}

struct row_cache *
row_cache_new(size_t bytes)
{
	struct row_cache *cache;

	if (bytes < SMALLEST)
		return NULL;
	cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		abort();
	cache->sets = bytes / (WAYS * sizeof *cache->rows + WAYS * sizeof *cache->users / ROWS_PER_USER);
	cache->user_sets = cache->sets / ROWS_PER_USER + 1;
	cache->rows = zeros(size_of_rows(cache));
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

static struct known_row *
set_of_row(const struct row_cache *cache, uint64_t key)
{
	return cache->rows + set_of(key, cache->sets) * WAYS;
}

/* Words that are asked for again move up, and rare ones fall out at the end of the set. */
static struct known_row *
find_row(const struct row_cache *cache, uint64_t key)
{
	struct known_row *set = set_of_row(cache, key);

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key != key)
			continue;
		if (i == 0)
			return &set[0];
		struct known_row row = set[i];
		set[i] = set[i - 1];
		set[i - 1] = row;
		return &set[i - 1];
	}
	return NULL;
}

static bool
fits(uint64_t spam, uint64_t innocent, int32_t day)
{
	return spam <= HITS_MAX && innocent <= HITS_MAX && day >= 0 && day <= UINT16_MAX;
}

static void
keep_row(const struct row_cache *cache, uint64_t key, const struct store_row *row)
{
	struct known_row *place = find_row(cache, key);

	if (place == NULL && key != 0) {
		struct known_row *set = set_of_row(cache, key);
		size_t i = 0;
		while (i + 1 < WAYS && set[i].key != 0)
			i++;
		place = &set[i];
	}
	if (place != NULL && fits(row->spam, row->innocent, row->day))
		*place = (struct known_row){key, row->spam & HITS_MAX, row->innocent & HITS_MAX, (uint16_t)row->day};
	else if (place != NULL && place->key == key)
		place->key = 0;
}

static uint64_t
add(uint64_t hits, int32_t change)
{
	int64_t sum = (int64_t)hits + change;

	return sum < 0 ? 0 : (uint64_t)sum;
}

static void
change_row(const struct row_cache *cache, uint64_t key, const struct store_change *change, int32_t day)
{
	struct known_row *row = key == 0 ? NULL : find_row(cache, key);

	if (row == NULL)
		return;
	uint64_t spam = add(row->spam, change->spam), innocent = add(row->innocent, change->innocent);
	if (fits(spam, innocent, day))
		*row = (struct known_row){key, spam & HITS_MAX, innocent & HITS_MAX, (uint16_t)day};
	else
		row->key = 0;
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
	for (size_t i = 0; i < count; i++) {
		const struct known_row *row = NULL;
		if (user != NULL && user->version == version && (rows[i].token ^ user->salt) != 0)
			row = find_row(cache, rows[i].token ^ user->salt);
		if (row == NULL)
			missing[rest++] = (uint32_t)i;
		else
			rows[i] = (struct store_row){rows[i].token, row->spam, row->innocent, row->day};
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
		for (size_t i = 0; i < count; i++)
			change_row(cache, changes[i].token ^ user->salt, &changes[i], day);
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
