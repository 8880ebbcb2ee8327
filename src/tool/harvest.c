#include "tool/harvest.h"

#include <stdlib.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/clock.h"
#include "tool/interleave.h"

#define TEXTS_CEILING ((size_t)1 << 30)
void
harvest_begin(struct harvest *harvest, struct folder_rules rules, size_t limit, unsigned days)
{
	*harvest = (struct harvest){
		.arena = arena_new(TEXTS_CEILING),
		.rules = rules,
		.since = days > 0 ? (int64_t)time(NULL) - (int64_t)days * CLOCK_DAY : INT64_MIN,
		.limit = limit,
		.each = (limit + 1) / 2,
		.folders = calloc(HARVEST_FOLDERS_MAX, sizeof *harvest->folders),
	};
	if (harvest->folders == NULL)
		abort();
}

void
harvest_end(struct harvest *harvest)
{
	arena_free(harvest->arena);
	free(harvest->folders);
	free(harvest->messages);
}

/* ---- what sources add --------------------------------------------------------------------- */

struct harvest_folder *
harvest_folder_add(struct harvest *harvest, const struct harvest_folder *folder, struct error *error)
{
	if (harvest->folder_count == HARVEST_FOLDERS_MAX) {
		error_set(error, ERROR_DATA, "more than %d folders", HARVEST_FOLDERS_MAX);
		return NULL;
	}
	harvest->folders[harvest->folder_count] = *folder;
	return &harvest->folders[harvest->folder_count++];
}

bool
harvest_is_full(struct error *error)
{
	return error_set(error, ERROR_DATA, "more mail than can be listed; give fewer folders at once");
}

const char *
harvest_text(struct harvest *harvest, struct span text, struct error *error)
{
	const char *copy = arena_copy(harvest->arena, text);

	if (copy == NULL)
		harvest_is_full(error);
	return copy;
}

static void
grow(struct harvest *harvest)
{
	harvest->capacity = harvest->capacity == 0 ? 1024 : harvest->capacity * 2;
	harvest->messages = reallocarray(harvest->messages, harvest->capacity, sizeof *harvest->messages);
	if (harvest->messages == NULL)
		abort();
}

bool
harvest_add(struct harvest *harvest, const struct harvest_message *message, struct harvest_flags flags,
	    struct error *error)
{
	struct harvest_folder *folder = &harvest->folders[message->folder];

	folder->messages++;
	if (folder->role == FOLDER_LEFT_OUT)
		return true;
	if (flags.deleted)
		folder->deleted++;
	else if (flags.unread && folder->role == FOLDER_INNOCENT)
		folder->unread++;
	else if (message->date < harvest->since)
		folder->old++;
	else if (harvest->count == HARVEST_MESSAGES_MAX)
		return error_set(error, ERROR_DATA, "more than %d messages; say --since, or --skip some folders",
				 HARVEST_MESSAGES_MAX);
	else {
		if (harvest->count == harvest->capacity)
			grow(harvest);
		harvest->messages[harvest->count++] = *message;
	}
	return true;
}

uint64_t
harvest_key(const char *source, const char *const *words, size_t count)
{
	XXH64_hash_t key = XXH3_64bits(source, strlen(source));

	for (size_t i = 0; i < count; i++)
		key = XXH3_64bits_withSeed(words[i], strlen(words[i]), key);
	return key > 1 ? key : 2;
}

/* ---- which of them, in which order -------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct harvest_message *left = a, *right = b;

	if (left->date != right->date)
		return left->date < right->date ? 1 : -1;
	if (left->folder != right->folder)
		return left->folder < right->folder ? -1 : 1;
	if (left->number != right->number)
		return left->number < right->number ? 1 : -1;
	return left->path != NULL && right->path != NULL ? strcmp(right->path, left->path) : 0;
}

static bool
is_spam(const struct harvest *harvest, const struct harvest_message *message)
{
	return harvest->folders[message->folder].role == FOLDER_SPAM;
}

/* Spam and innocent mail apart, each newest first; `counts` of them, by kind. */
static void
split(struct harvest *harvest, struct harvest_message *kinds[2], size_t counts[2])
{
	qsort(harvest->messages, harvest->count, sizeof *harvest->messages, compare);
	for (size_t i = 0; i < harvest->count; i++) {
		const struct harvest_message *message = &harvest->messages[i];
		bool spam = is_spam(harvest, message);
		if (counts[spam] == harvest->each) {
			harvest->folders[message->folder].beyond++;
			continue;
		}
		harvest->folders[message->folder].taken++;
		kinds[spam][counts[spam]++] = *message;
	}
}

/* Both halves of an odd number were rounded up: one too many is the older of their last. */
static void
keep_limit(struct harvest *harvest, struct harvest_message *const kinds[2], size_t counts[2])
{
	if (counts[0] + counts[1] <= harvest->limit)
		return;
	bool spam = compare(&kinds[1][counts[1] - 1], &kinds[0][counts[0] - 1]) > 0;
	struct harvest_folder *folder = &harvest->folders[kinds[spam][--counts[spam]].folder];
	folder->taken--;
	folder->beyond++;
}

static struct harvest_message *
room_for(const struct harvest *harvest)
{
	size_t most = harvest->count < harvest->each ? harvest->count : harvest->each;
	struct harvest_message *room = calloc(most + 1, sizeof *room);

	if (room == NULL)
		abort();
	return room;
}

static bool
check_rules(const struct harvest *harvest, struct error *error)
{
	for (size_t i = 0; i < harvest->rules.count; i++)
		if (!harvest->rules.items[i].used)
			return error_set(error, ERROR_DATA,
					 "there is no folder \"%.200s\"; --dry-run without this option lists those "
					 "that there are",
					 harvest->rules.items[i].folder);
	return true;
}

bool
harvest_settle(struct harvest *harvest, struct error *error)
{
	struct harvest_message *kinds[2] = {room_for(harvest), room_for(harvest)};
	size_t counts[2] = {0, 0}, done = 0;

	if (harvest->count > 0)
		split(harvest, kinds, counts);
	keep_limit(harvest, kinds, counts);
	struct interleave rows = {.first_count = counts[0], .second_count = counts[1]};
	while (interleave_has_more(&rows))
		harvest->messages[done++] =
			interleave_takes_first(&rows) ? kinds[0][rows.first_done - 1] : kinds[1][rows.second_done - 1];
	harvest->count = done;
	free(kinds[0]);
	free(kinds[1]);
	return check_rules(harvest, error);
}
