/*
 * Classification groups: who is unsure asks the others. Their own memory and preferences count, and nothing
 * is written for them.
 */
#include "base/log.h"
#include "filter/case.h"

#define SURE 0.65 /* from this confidence on nobody is asked */
#define GLOBAL_CONFIDENCE 0.60
#define GLOBAL_INNOCENT 1000 /* as much mail makes independent of the global user: learned and fed, */
#define GLOBAL_SPAM 250      /* of both kinds */

static bool
is_young(const struct totals *totals)
{
	return totals->innocent_learned + totals->innocent_corpusfed < GLOBAL_INNOCENT ||
	       totals->spam_learned + totals->spam_corpusfed < GLOBAL_SPAM;
}

/* What scanners and whitelists say is not for others to judge. */
static bool
is_open(const struct filter_case *fc)
{
	enum result_class result = fc->judgement->result_class;

	return fc->groups.classification != NULL && fc->request->training_class == CLASS_NONE &&
	       fc->request->mode != TRAINING_UNLEARN &&
	       (result == RESULT_INNOCENT || result == RESULT_UNSURE || result == RESULT_SPAM);
}

static bool
asks(const struct filter_case *fc)
{
	if (!is_open(fc))
		return false;
	if (fc->groups.classification->type == GROUP_GLOBAL)
		return is_young(case_totals(fc)) || fc->mode_of_mail == TRAINING_NOTRAIN;
	return !fc->judgement->spam && fc->judgement->confidence < SURE;
}

/* What somebody thinks of a message, in the order of what counts. */
enum opinion { OPINION_NONE, OPINION_INNOCENT, OPINION_UNSURE, OPINION_SPAM };

static void
set_result(struct filter_case *fc, enum opinion opinion)
{
	static const enum result_class results[] = {
		[OPINION_INNOCENT] = RESULT_INNOCENT, [OPINION_UNSURE] = RESULT_UNSURE, [OPINION_SPAM] = RESULT_SPAM};

	fc->judgement->spam = opinion == OPINION_SPAM;
	fc->judgement->suspect = false;
	fc->judgement->result_class = results[opinion];
}

/* What it is by itself: that counts as the verdict that is learned. */
static enum training_class
own_opinion(const struct filter_case *fc)
{
	bool spam = fc->judgement->spam || (fc->judgement->result_class == RESULT_UNSURE && fc->judgement->score > 0);

	return spam ? CLASS_SPAM : CLASS_INNOCENT;
}

/* Somebody's opinion of this material; none if the store does not know him, or he does not let himself be asked. */
static bool
ask(const struct filter_case *fc, const char *user, struct arena *arena, enum opinion *opinion, struct error *error)
{
	struct request request = *fc->request;
	struct judgement judgement = {.user = user};
	struct token_set tokens;
	struct filter_case other = {
		.filter = fc->filter, .arena = arena, .request = &request, .user = user, .judgement = &judgement};

	request.classify = true;
	request.mode = TRAINING_MODE_UNSET;
	request.signature = NULL;
	*opinion = OPINION_NONE;
	if (!case_find_owner(&other, error))
		return false;
	if (other.uid == 0 || judgement.preferences.ignore_groups)
		return true;
	case_settle(&other);
	other.method.whitelist = false;
	other.method.noise = false;
	case_borrow(&other, &fc->material, &tokens);
	if (!case_weigh(&other, error))
		return false;
	*opinion = judgement.spam                            ? OPINION_SPAM
		   : judgement.result_class == RESULT_UNSURE ? OPINION_UNSURE
							     : OPINION_INNOCENT;
	return true;
}

/* Ask in turn until one says spam. What counts most stands. */
static bool
ask_all(const struct filter_case *fc, enum opinion *all, struct error *error)
{
	const struct group *group = fc->groups.classification;
	struct arena *arena = arena_new(filter_arena_ceiling(0));
	bool done = true;
	size_t asked = 0;

	*all = OPINION_NONE;
	for (size_t i = 0; done && *all != OPINION_SPAM && i < group->user_count && asked < GROUP_ASKED; i++) {
		enum opinion one;
		if (span_equal_nocase(span_from(group->users[i]), span_from(fc->user)))
			continue;
		asked++;
		done = ask(fc, group->users[i], arena, &one, error);
		if (!done && !error->temporary && (error->code == ERROR_DATA || error->code == ERROR_USER)) {
			log_warning("group %s: %s cannot be asked: %s", group->name, group->users[i], error->text);
			done = true;
		} else if (done && one > *all) {
			*all = one;
		}
		arena_reset(arena);
	}
	arena_free(arena);
	return done;
}

bool
case_consult(struct filter_case *fc, struct error *error)
{
	enum training_class own = own_opinion(fc);
	enum opinion opinion;

	if (!asks(fc))
		return true;
	if (!ask_all(fc, &opinion, error))
		return false;
	/* that others do not call it spam makes nobody surer, unless a global user has the say */
	if (opinion == OPINION_NONE || (fc->judgement->result_class == RESULT_UNSURE && opinion != OPINION_SPAM &&
					fc->groups.classification->type != GROUP_GLOBAL))
		return true;
	if (fc->groups.classification->type == GROUP_GLOBAL)
		fc->judgement->confidence = GLOBAL_CONFIDENCE;
	else if (opinion == OPINION_UNSURE)
		opinion = OPINION_INNOCENT; /* as it is by itself */
	set_result(fc, opinion);
	if (opinion != OPINION_UNSURE && own != (opinion == OPINION_SPAM ? CLASS_SPAM : CLASS_INNOCENT)) {
		fc->overruled = opinion == OPINION_SPAM ? CLASS_SPAM : CLASS_INNOCENT;
		log_info("user %s: the group %s says %s", fc->judgement->user, fc->groups.classification->name,
			 result_class_name(fc->judgement->result_class));
	}
	return true;
}
