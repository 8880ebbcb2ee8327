/* Inoculation groups: spam that one reports is taught to the others, unless they know it already. */
#include "base/log.h"
#include "filter/case.h"

/* What is kept of a report until it is learned; in the arena of its judgement. */
struct inoculation {
	const struct group *group;
	const char *reporter;
	struct material material;
	struct request request; /* what each of them is asked to do */
	bool by_signature;
	bool also_reporter; /* Compat trainingBugs */
};

enum answer { ANSWER_TAUGHT, ANSWER_KNEW_IT, ANSWER_APART, ANSWER_FAILED };

static bool
is_report(const struct filter_case *fc)
{
	const struct request *request = fc->request;

	return fc->groups.inoculation != NULL && request->training_class == CLASS_SPAM && !request->classify &&
	       request->source != SOURCE_CORPUS && request->mode != TRAINING_UNLEARN &&
	       fc->judgement->training == TRAINING_DONE;
}

bool
case_inoculate(struct filter_case *fc, struct error *error)
{
	if (!is_report(fc))
		return true;
	struct inoculation *inoculation = arena_alloc(fc->arena, sizeof *inoculation);
	if (inoculation == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory to be taught to others");
	*inoculation = (struct inoculation){
		.group = fc->groups.inoculation,
		.reporter = fc->user,
		.material = fc->material,
		.request = *fc->request,
		.by_signature = fc->by_signature,
		.also_reporter = fc->filter->settings->original_training && !fc->by_signature,
	};
	inoculation->request.source = SOURCE_INOCULATION;
	inoculation->request.mode = TRAINING_MODE_UNSET;
	inoculation->request.signature = NULL;
	fc->judgement->inoculation = inoculation;
	return true;
}

/* Whoever keeps out of groups, or is in a shared one, is not in this one, whatever the line says. */
static enum answer
teach(struct filter *filter, const struct inoculation *inoculation, const char *user, struct arena *arena,
      struct error *error)
{
	struct judgement judgement = {.user = user};
	struct borrowed borrowed;
	struct filter_case other = {
		.filter = filter,
		.arena = arena,
		.request = &inoculation->request,
		.user = user,
		.judgement = &judgement,
		.by_signature = inoculation->by_signature,
	};
	bool spam;

	if (!case_find_owner(&other, error))
		return ANSWER_FAILED;
	case_settle(&other);
	if (other.groups.inoculation != inoculation->group || other.mode == TRAINING_NOTRAIN)
		return ANSWER_APART;
	case_borrow(&other, &inoculation->material, &borrowed);
	if (!case_weigh(&other, error) || !case_thinks_spam(&other, &spam, error))
		return ANSWER_FAILED;
	if (spam)
		return ANSWER_KNEW_IT;
	if (!case_teach(&other, error))
		return ANSWER_FAILED;
	if (!judgement.has_lesson)
		return ANSWER_APART;
	if (!store_learn(filter->store, &judgement.lesson, error))
		return ANSWER_FAILED;
	return ANSWER_TAUGHT;
}

void
case_teach_others(struct filter *filter, const struct judgement *judgement)
{
	const struct inoculation *inoculation = judgement->inoculation;
	size_t count[ANSWER_FAILED + 1] = {0};
	struct error error;

	if (inoculation == NULL)
		return;
	const struct group *group = inoculation->group;
	struct arena *arena = arena_new(filter_arena_ceiling(0));
	for (size_t i = 0, asked = 0; i < group->user_count && asked < GROUP_TAUGHT; i++) {
		const char *user = group->users[i];
		if (!inoculation->also_reporter && span_equal_nocase(span_from(user), span_from(inoculation->reporter)))
			continue;
		enum answer answer = teach(filter, inoculation, user, arena, &error);
		if (answer == ANSWER_FAILED)
			log_error("group %s: %s is not taught what %s reported: %s", group->name, user,
				  inoculation->reporter, error.text);
		count[answer]++;
		asked++;
		arena_reset(arena);
	}
	arena_free(arena);
	log_info("user %s: of the group %s %zu are taught, %zu knew it already", inoculation->reporter, group->name,
		 count[ANSWER_TAUGHT], count[ANSWER_KNEW_IT]);
}
