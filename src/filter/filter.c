#include "filter/filter.h"

#include <stdlib.h>

#include "filter/case_debug.h"
#include "filter/home.h"

#define ARENA_BASE ((size_t)56 * 1024 * 1024)

static const char *const result_names[] = {
	[RESULT_INNOCENT] = "Innocent",
	[RESULT_UNSURE] = "Unsure",
	[RESULT_WHITELISTED] = "Whitelisted",
	[RESULT_SPAM] = "Spam",
	[RESULT_VIRUS] = "Virus",
	[RESULT_BLOCKLISTED] = "Blocklisted",
	[RESULT_BLACKLISTED] = "Blacklisted",
};

const char *
result_class_name(enum result_class result_class)
{
	return result_names[result_class];
}

size_t
filter_arena_ceiling(size_t message_size)
{
	return ARENA_BASE + 2 * message_size;
}

static bool
fits_store(const struct settings *settings, const struct store *store, struct error *error)
{
	if ((settings->algorithms & ALGORITHM_ADAPTIVE) == 0 || store_has_weights(store))
		return true;
	return error_set(error, ERROR_CONFIG,
			 "Algorithm adaptive: the database has no room for its weights; run dspam_admin migrate");
}

bool
filter_check_store(const struct settings *settings, struct error *error)
{
	struct store *store;
	struct error ignored;

	/* an embedded store has room, and would be made by opening it */
	if ((settings->algorithms & ALGORITHM_ADAPTIVE) == 0 || store_has_one_writer(&settings->store) ||
	    !store_open(&settings->store, &store, &ignored))
		return true;
	bool fits = fits_store(settings, store, error);
	store_close(store);
	return fits;
}

bool
filter_open(const struct settings *settings, struct filter **out, struct error *error)
{
	struct filter *filter = calloc(1, sizeof *filter);

	if (filter == NULL)
		abort();
	filter->settings = settings;
	filter->group_uids = calloc(groups_count(settings->groups) + 1, sizeof *filter->group_uids);
	if (filter->group_uids == NULL)
		abort();
	if (!store_open(&settings->store, &filter->store, error) || !fits_store(settings, filter->store, error) ||
	    !preference_defaults_new(settings->config, filter->store, &filter->defaults, error)) {
		filter_close(filter);
		return false;
	}
	*out = filter;
	return true;
}

void
filter_close(struct filter *filter)
{
	if (filter == NULL)
		return;
	preference_defaults_free(filter->defaults);
	if (filter->store != NULL)
		store_close(filter->store);
	free(filter->group_uids);
	free(filter);
}

struct store *
filter_store(struct filter *filter)
{
	return filter->store;
}

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
}

/* ---- who and whether --------------------------------------------------------- */

static bool
check_name(const struct filter_case *fc, struct error *error)
{
	return home_name_valid(&fc->filter->settings->files, fc->user) ||
	       error_set(error, ERROR_USER, "\"%s\" cannot be a user name", fc->user);
}

static bool
meet_user(struct filter_case *fc, struct error *error)
{
	if (!check_name(fc, error))
		return false;
	struct preference_owner owner = preference_owner_of(&fc->filter->settings->files, fc->arena, fc->user, 0);
	if (!preferences_meet(fc->filter->defaults, fc->filter->store, &owner, fc->arena, &fc->judgement->preferences,
			      error))
		return false;
	fc->uid = owner.uid;
	fc->pristine = tristate_or(fc->judgement->preferences.train_pristine, fc->filter->settings->train_pristine);
	return true;
}

/*
 * Who it is, what he prefers, and whose memory is used: with fallbackDomain that of "@domain". Somebody new is
 * made known only when this is settled, and not by a question or an error.
 */
bool
case_find_owner(struct filter_case *fc, struct error *error)
{
	bool create = !fc->request->classify && !fc->request->known_only && fc->request->source != SOURCE_ERROR;

	if (!meet_user(fc, error))
		return false;
	if (fc->judgement->preferences.fallback_domain && strchr(fc->user, '@') != NULL) {
		fc->user = strchr(fc->user, '@');
		if (!check_name(fc, error) ||
		    !store_user(fc->filter->store, span_from(fc->user), create, &fc->uid, error))
			return false;
	}
	return case_join_groups(fc, create, error);
}

/* Why the message is not looked at, or NULL. */
static const char *
reason_to_pass(const struct filter_case *fc, const char *user)
{
	const struct settings *settings = fc->filter->settings;
	const struct preferences *preferences = &fc->judgement->preferences;
	const char *local_store = preferences->local_store;
	/* that of a managed group is for quarantine and logs: its members opt for themselves */
	bool managed = local_store != NULL && strcmp(local_store, fc->judgement->owner) == 0;
	const char *name = local_store != NULL && !managed ? local_store : user;

	if (settings->message_max > 0 && fc->raw.size > settings->message_max)
		return "larger than MaxMessageSize";
	if (preferences->opt_out || home_has_opted_out(&settings->files, fc->arena, name))
		return "the user has opted out";
	if (settings->opt_in && !preferences->opt_in && !home_has_opted_in(&settings->files, fc->arena, name))
		return "the user has not opted in";
	return NULL;
}

/* The message goes on as it came, and nothing is learned from it. What is known of it from elsewhere stays known. */
static bool
pass(struct filter_case *fc, const char *reason)
{
	struct judgement *judgement = fc->judgement;

	judgement->judged = fc->listed;
	judgement->has_lesson = false;
	judgement->note = reason;
	debug_line(&judgement->debug, "goes on as it came: %s", reason);
	judgement->pieces = fc->whole;
	judgement->piece_count = fc->raw.size > 0;
	return true;
}

/* ---- the way of a message ------------------------------------------------------ */

bool
filter_judge(struct filter *filter, struct arena *arena, const struct request *request, const char *user,
	     struct span raw, struct judgement *judgement, struct error *error)
{
	struct filter_case fc = {
		.filter = filter,
		.arena = arena,
		.request = request,
		.user = user,
		.raw = raw,
		.judgement = judgement,
	};

	memset(judgement, 0, sizeof *judgement);
	judgement->user = judgement->owner = user;
	fc.whole = arena_alloc(arena, sizeof *fc.whole);
	if (fc.whole == NULL)
		return out_of_room(error);
	*fc.whole = raw;
	judgement->debug = debug_begin(&filter->settings->debug, request, user);
	if (!case_find_owner(&fc, error) || !case_follow_signature(&fc, error))
		return false;
	const char *reason = reason_to_pass(&fc, judgement->user);
	if (reason != NULL)
		return pass(&fc, reason);
	case_settle(&fc);
	case_debug_begin(&fc);
	if (!case_look(&fc, error))
		return false;
	if (fc.message == NULL && (fc.message = message_parse(arena, raw)) == NULL)
		return pass(&fc, "too many parts or headers");
	if ((!fc.listed && !case_examine(&fc, error)) || !case_mark(&fc, error) || !case_teach(&fc, error)) {
		if (error->temporary || error->code != ERROR_DATA)
			return false;
		/* the message itself cannot be judged: it is somebody's mail all the same */
		return pass(&fc, arena_copy(arena, span_from(error->text)));
	}
	judgement->judged = true;
	case_debug_result(&fc);
	return true;
}

bool
filter_learn(struct filter *filter, const struct judgement *judgement, struct error *error)
{
	int64_t began = debug_is_on(&judgement->debug) ? debug_clock() : 0;

	if (judgement->has_lesson && !store_learn(filter->store, &judgement->lesson, error)) {
		debug_line(&judgement->debug, "not learned: %s", error->text);
		return false;
	}
	if (judgement->has_lesson && began != 0)
		debug_line(&judgement->debug, "learned in %.3f ms", (double)(debug_clock() - began) / 1000);
	case_teach_others(filter, judgement);
	case_cast_vote(filter, judgement);
	return true;
}
