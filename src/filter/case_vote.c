/* SiteModelQuorum: what several users report of one mail is taught to the site's model. */
#include "base/clock.h"
#include "base/log.h"
#include "filter/ballot.h"
#include "filter/case.h"

/* Against others who vote about the same mail at the same time: each time one of them is first. */
enum { TRIES = 50, PATIENCE = 5000 /* milliseconds in all, as a store that is away is temporary as well */ };

/* What is kept of a report until it is learned; in the arena of its judgement. */
struct site_vote {
	const char *user;
	struct vote vote;
	const struct feature_set *copy;
	const char *signature; /* of his copy, */
	struct span said;      /* and what it holds since he said that */
	int32_t day;
};

/*
 * Only reports of mail that this filter judged for him, which its signature proves: so nobody can make up mail to vote
 * about. Whoever judges with another memory than the site's has no say in it.
 */
static bool
is_vote(const struct filter_case *fc)
{
	const struct settings *settings = fc->filter->settings;
	const struct request *request = fc->request;

	return settings->site_quorum > 0 && settings->site_model != NULL && case_is_adaptive(fc) &&
	       fc->groups.merged == NULL && fc->by_signature && fc->kept.id != NULL && fc->kept_features.set != NULL &&
	       (request->mode == TRAINING_UNLEARN ||
		(request->source == SOURCE_ERROR && request->training_class != CLASS_NONE));
}

/* CLASS_NONE: he takes back what he said, or is doubted (adaptive.h), so that his lesson does not count. */
static enum training_class
class_said(const struct filter_case *fc)
{
	const struct kept_features *kept = &fc->kept_features;
	bool doubted = kept->lesson != CLASS_NONE && !kept->counted;

	return fc->request->mode == TRAINING_UNLEARN || doubted ? CLASS_NONE : fc->request->training_class;
}

bool
case_note_vote(struct filter_case *fc, struct error *error)
{
	if (!is_vote(fc))
		return true;
	const struct store_lesson *lesson = &fc->judgement->lesson;
	struct site_vote *vote = arena_alloc(fc->arena, sizeof *vote);
	if (vote == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory to be taught to the site");
	*vote = (struct site_vote){
		.user = fc->user,
		.vote = {.voter = fc->uid, .class = class_said(fc)},
		.copy = fc->kept_features.set,
		.signature = fc->kept.id,
		.said = lesson->signature != NULL ? lesson->signature->data : fc->kept.data,
		.day = lesson->day,
	};
	fc->judgement->vote = vote;
	return true;
}

/* ---- after the user's own lesson ---------------------------------------------------- */

/* The ballot about a mail, as it is in the store. */
struct poll {
	struct filter *filter;
	struct arena *arena;
	char id[BALLOT_ID_SIZE];
	struct ballot ballot;
	struct store_signature stored;
};

static bool
find_site(struct filter *filter, struct error *error)
{
	return filter->site_uid != 0 ||
	       store_user(filter->store, span_from(filter->settings->site_model), true, &filter->site_uid, error);
}

static bool
out_of_room(struct error *error)
{
	return error_set(error, ERROR_DATA, "the ballot has too many features");
}

/* An empty one, unless somebody else was first: then it fails temporarily. */
static bool
open_ballot(struct poll *poll, const struct site_vote *vote, struct error *error)
{
	struct store_import import = {
		.uid = poll->filter->site_uid, .signatures = &poll->stored, .signature_count = 1, .fresh = true};

	if (!ballot_new(poll->arena, vote->copy, &poll->ballot))
		return out_of_room(error);
	poll->stored = (struct store_signature){
		.id = poll->id, .data = ballot_encode(poll->arena, &poll->ballot), .day = vote->day};
	return poll->stored.data.data != NULL ? store_import(poll->filter->store, &import, error) : out_of_room(error);
}

/* *found: there is one, or there is now; none is opened by him who takes back what he said. */
static bool
find_ballot(struct poll *poll, const struct site_vote *vote, bool *found, struct error *error)
{
	struct filter *filter = poll->filter;

	if (!store_signature_get(filter->store, filter->site_uid, poll->id, poll->arena, &poll->stored, found, error))
		return false;
	if (!*found) {
		*found = vote->vote.class != CLASS_NONE;
		return !*found || open_ballot(poll, vote, error);
	}
	if (!ballot_is(poll->stored.data))
		return error_set(error, ERROR_DATA, "signature %s of the site is no ballot", poll->id);
	return ballot_decode(poll->arena, poll->stored.data, &poll->ballot, error);
}

/*
 * Whether he has said nothing else of his copy since, as he may have where another daemon was faster. Asked after the
 * ballot was read: so whoever casts what he said later finds it changed, or changes it after us.
 */
static bool
is_last_word(const struct poll *poll, const struct site_vote *vote, bool *is, struct error *error)
{
	struct store_signature kept;
	bool found;

	if (!store_signature_get(poll->filter->store, vote->vote.voter, vote->signature, poll->arena, &kept, &found,
				 error))
		return false;
	*is = !found || span_equal(kept.data, vote->said);
	return true;
}

static void
count_lesson(struct totals *totals, enum training_class class, int64_t difference)
{
	if (class == CLASS_NONE)
		return;
	*(class == CLASS_SPAM ? &totals->spam_learned : &totals->innocent_learned) += difference;
	*(class == CLASS_SPAM ? &totals->spam_corpusfed : &totals->innocent_corpusfed) += difference;
}

/* Make the lesson that the ballot asks for now: one to learn, one to take back, or both, or none. */
static bool
settle(struct poll *poll, struct store_lesson *lesson, struct error *error)
{
	struct kept_features *kept = &poll->ballot.kept, now;
	enum training_class result = ballot_result(&poll->ballot, poll->filter->settings->site_quorum);
	enum training_class class = result != CLASS_NONE ? result : kept->lesson;
	struct lesson_rule rule = {
		.mode = result != CLASS_NONE ? TRAINING_TEFT : TRAINING_UNLEARN,
		.training_class = class,
		.source = SOURCE_CORPUS,
		.by_signature = true,
	};
	struct appraisal appraisal = {.arena = poll->arena, .set = kept->set};
	struct adaptive_occasion occasion = {.rule = &rule, .kept = kept, .spam = class == CLASS_SPAM};
	struct store_lesson made = *lesson;

	if (result == kept->lesson)
		return true;
	if (!appraisal_read(&appraisal, poll->filter->store, poll->filter->site_uid, error))
		return false;
	appraisal_judge(&appraisal);
	if (!adaptive_lesson_make(&appraisal, &occasion, &made, &now, error))
		return false;
	if (now.lesson == kept->lesson) /* the site knows that already */
		return true;
	made.totals = (struct totals){0}; /* what is taken back is as if it had never been taught */
	count_lesson(&made.totals, kept->lesson, -1);
	count_lesson(&made.totals, now.lesson, 1);
	*lesson = made;
	*kept = now;
	return true;
}

/* In the place of what was read: if somebody else has voted meanwhile, it fails temporarily. */
static bool
write_ballot(const struct poll *poll, struct store_lesson *lesson, struct error *error)
{
	const struct store_signature signature = {
		.id = poll->id, .data = ballot_encode(poll->arena, &poll->ballot), .day = lesson->day};

	lesson->signature = &signature;
	lesson->replaces = poll->stored.data;
	return signature.data.data != NULL ? store_learn(poll->filter->store, lesson, error) : out_of_room(error);
}

static bool
cast(struct poll *poll, const struct site_vote *vote, struct error *error)
{
	struct store_lesson lesson = {.uid = poll->filter->site_uid, .day = vote->day};
	bool found, is_last, changed;

	if (!find_ballot(poll, vote, &found, error) || !is_last_word(poll, vote, &is_last, error))
		return false;
	if (!found || !is_last)
		return true;
	enum training_class before = poll->ballot.kept.lesson;
	if (!ballot_cast(&poll->ballot, poll->arena, vote->copy, &vote->vote, &changed))
		return out_of_room(error);
	if (!changed)
		return true;
	if (!settle(poll, &lesson, error) || !write_ballot(poll, &lesson, error))
		return false;
	if (poll->ballot.kept.lesson != before)
		log_info("site model %s: what %zu users said of a mail is %s", poll->filter->settings->site_model,
			 poll->ballot.vote_count, poll->ballot.kept.lesson != CLASS_NONE ? "learned" : "taken back");
	return true;
}

static bool
cast_until_first(struct filter *filter, const struct site_vote *vote, struct error *error)
{
	struct poll poll = {.filter = filter, .arena = arena_new(filter_arena_ceiling(0))};
	bool done = !ballot_id(vote->copy, poll.id), goes_on = !done && find_site(filter, error);
	int64_t end = clock_milliseconds() + PATIENCE;

	for (unsigned try = 0; goes_on && try < TRIES; try++) {
		if (try > 0)
			clock_pause();
		arena_reset(poll.arena);
		done = cast(&poll, vote, error);
		goes_on = !done && error->temporary && clock_milliseconds() < end;
	}
	arena_free(poll.arena);
	return done;
}

void
case_cast_vote(struct filter *filter, const struct judgement *judgement)
{
	const struct site_vote *vote = judgement->vote;
	struct error error;

	if (vote != NULL && !cast_until_first(filter, vote, &error))
		log_error("site model %s: what user %s reported does not count there: %s", filter->settings->site_model,
			  vote->user, error.text);
}
