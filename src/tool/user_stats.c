#include "tool/user_stats.h"

#include "tool/snapshot.h"

static bool
read_tally(const struct user_stats *stats, const char *user, struct tally *tally, struct error *error)
{
	struct totals totals = {0};
	store_uid uid;

	if (!store_user(stats->store, span_from(user), false, &uid, error) ||
	    (uid != 0 && !store_read(stats->store, uid, &totals, NULL, 0, error)))
		return false;
	*tally = tally_of(&totals);
	return true;
}

bool
user_stats_print(struct user_stats *stats, const char *user, FILE *out, struct error *error)
{
	struct tally now, before = {0};

	if (!read_tally(stats, user, &now, error) ||
	    (stats->since_snapshot && !snapshot_read(stats->home, user, &before, error)) ||
	    (stats->snapshot && !snapshot_write(stats->home, user, &now, error)))
		return false;
	struct tally shown = tally_since(&now, &before);
	if (stats->json != NULL)
		tally_json(stats->json, stats->key, user, &shown);
	else if (out != NULL)
		tally_print(out, user, &shown, stats->form);
	tally_add(&stats->total, &shown);
	return true;
}
