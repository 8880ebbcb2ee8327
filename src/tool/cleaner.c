#include "tool/cleaner.h"

#include <time.h>

#include "filter/home.h"
#include "tool/day.h"

#define ARENA_CEILING ((size_t)4 * 1024 * 1024)
#define PAUSE_MAX 50000000 /* nanoseconds */

bool
cleaner_begin(struct cleaner *cleaner, const struct settings *settings, struct store *store, struct error *error)
{
	cleaner->settings = settings;
	cleaner->store = store;
	cleaner->today = day_today();
	cleaner->arena = arena_new(ARENA_CEILING);
	return preference_defaults_new(settings->config, store, &cleaner->defaults, error);
}

void
cleaner_end(struct cleaner *cleaner)
{
	preference_defaults_free(cleaner->defaults);
	arena_free(cleaner->arena);
}

/* ---- pauses ----------------------------------------------------------------- */

static int64_t
nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* As long as the work took: whoever waits for the store gets it in between. */
static void
pause_after(int64_t begin)
{
	int64_t taken = nanoseconds() - begin;

	nanosleep(&(struct timespec){.tv_nsec = taken < PAUSE_MAX ? taken : PAUSE_MAX}, NULL);
}

/* ---- one user --------------------------------------------------------------- */

/* His own training mode, else that of the site; --mode on a command line is not known here. */
static bool
find_mode(struct cleaner *cleaner, const char *user, store_uid uid, enum training_mode *mode, struct error *error)
{
	struct preferences preferences;
	struct preference_owner owner = preference_owner_of(&cleaner->settings->files, cleaner->arena, user, uid);

	if (!preferences_of(cleaner->defaults, cleaner->store, &owner, cleaner->arena, &preferences, error))
		return false;
	*mode = preferences.training_mode != TRAINING_MODE_UNSET ? preferences.training_mode
								 : cleaner->settings->training_mode;
	return true;
}

static bool
clean_rows(struct cleaner *cleaner, const struct purge_rule *rule, store_uid uid, struct cleaned *cleaned,
	   struct error *error)
{
	struct store_walk walk = {0};
	bool done = true;

	while (done && !walk.done) {
		int64_t begin = nanoseconds();
		done = store_purge_rows(cleaner->store, uid, purge_rule_takes, rule, &walk, error);
		if (!walk.done)
			pause_after(begin);
	}
	cleaned->tokens = walk.seen;
	cleaned->removed = walk.removed;
	return done;
}

static bool
clean_signatures(struct cleaner *cleaner, store_uid uid, struct cleaned *cleaned, struct error *error)
{
	int32_t age = cleaner->ages.signatures;
	int32_t day = age == 0 ? INT32_MAX : cleaner->today - age;
	size_t removed;

	do {
		int64_t begin = nanoseconds();
		if (!store_purge_signatures(cleaner->store, uid, day, &removed, error))
			return false;
		cleaned->signatures += removed;
		if (removed > 0)
			pause_after(begin);
	} while (removed > 0);
	return true;
}

bool
cleaner_clean(struct cleaner *cleaner, const char *user, store_uid uid, struct cleaned *cleaned, struct error *error)
{
	struct purge_rule rule = {.ages = cleaner->ages, .today = cleaner->today};
	struct method method = {.pvalue = cleaner->settings->pvalue}; /* no bias */
	struct totals totals;

	*cleaned = (struct cleaned){0};
	arena_reset(cleaner->arena);
	if (!find_mode(cleaner, user, uid, &rule.mode, error) ||
	    !store_read(cleaner->store, uid, &totals, NULL, 0, error))
		return false;
	rule.values = value_rule(&totals, &method);
	return (!purge_ages_any_token(&rule.ages) || clean_rows(cleaner, &rule, uid, cleaned, error)) &&
	       (rule.ages.signatures == PURGE_OFF || clean_signatures(cleaner, uid, cleaned, error));
}
