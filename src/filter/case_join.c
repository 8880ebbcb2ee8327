/* Whose memory is used: the groups of a user, as far as they decide that. */
#include "filter/case.h"

/* The number of the user that is named like the group; 0 when the store does not know him and he is not made. */
static bool
group_uid(const struct filter_case *fc, const struct group *group, bool create, store_uid *uid, struct error *error)
{
	store_uid *known = &fc->filter->group_uids[group->number];

	if (*known == 0 && !store_user(fc->filter->store, span_from(group->name), create, known, error))
		return false;
	*uid = *known;
	return true;
}

bool
case_is_site(const struct filter_case *fc)
{
	const char *site = fc->filter->settings->site_model;

	return site != NULL && span_equal_nocase(span_from(site), span_from(fc->judgement->owner));
}

/* The site's model judges with everybody's own, like a merged group that all are in who are in no other. */
static bool
join_site(struct filter_case *fc, struct error *error)
{
	const char *site = fc->filter->settings->site_model;
	store_uid *known = &fc->filter->site_uid;

	if (site == NULL || fc->merged != 0 || !case_is_adaptive(fc) || case_is_site(fc))
		return true;
	if (*known == 0 && !store_user(fc->filter->store, span_from(site), false, known, error))
		return false;
	fc->merged = *known;
	return true;
}

static struct membership
find_groups(const struct filter_case *fc)
{
	const struct settings *settings = fc->filter->settings;
	bool alone = fc->judgement->preferences.ignore_groups || (fc->request->classify && settings->classify_alone);

	return groups_of(alone ? NULL : settings->groups, span_from(fc->user));
}

/* Log and quarantine of a managed group are those of the user named like it, who sees whose message it was. */
static void
use_manager(struct filter_case *fc, const struct group *group)
{
	if (group->managed && !span_equal_nocase(span_from(group->name), span_from(fc->judgement->user)))
		fc->judgement->preferences.local_store = group->name;
}

static bool
join_groups(struct filter_case *fc, bool create, struct error *error)
{
	struct span name = span_from(fc->user);
	const struct group *shared;

	fc->judgement->owner = fc->user;
	fc->groups = find_groups(fc);
	shared = fc->groups.shared;
	if (shared != NULL) {
		fc->judgement->owner = shared->name;
		use_manager(fc, shared);
		return group_uid(fc, shared, create, &fc->uid, error);
	}
	if (fc->uid == 0 && create && !store_user(fc->filter->store, name, true, &fc->uid, error))
		return false;
	if (fc->groups.merged != NULL)
		fc->judgement->merged = fc->groups.merged->name;
	return fc->groups.merged == NULL || group_uid(fc, fc->groups.merged, false, &fc->merged, error);
}

bool
case_join_groups(struct filter_case *fc, bool create, struct error *error)
{
	return join_groups(fc, create, error) && join_site(fc, error);
}
