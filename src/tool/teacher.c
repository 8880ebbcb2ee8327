#include "tool/teacher.h"

#include <stdio.h>
#include <time.h>

bool
teacher_way_named(const char *name, enum teacher_way *way)
{
	static const char *const names[] = {
		[TEACH_CLASS] = "class",
		[TEACH_ERRORS] = "errors",
		[TEACH_LIVE] = "live",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0) {
			*way = (enum teacher_way)i;
			return true;
		}
	return false;
}

void
teacher_begin(struct teacher *teacher, struct filter *filter, const char *user, enum teacher_way way)
{
	*teacher = (struct teacher){
		.filter = filter,
		.user = user,
		.way = way,
		.arena = arena_new(0),
	};
}

void
teacher_end(struct teacher *teacher)
{
	arena_free(teacher->arena);
}

/* ---- time --------------------------------------------------------------------- */

struct moment {
	double cpu, wall;
};

static double
seconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct moment
moment_now(void)
{
	return (struct moment){seconds(CLOCK_THREAD_CPUTIME_ID), seconds(CLOCK_MONOTONIC)};
}

static void
count_time(struct teacher *teacher, double *cpu, struct moment from, struct moment to)
{
	*cpu += to.cpu - from.cpu;
	teacher->elapsed += to.wall - from.wall;
}

/* ---- one message ---------------------------------------------------------------- */

static struct arena *
fresh(struct arena *arena, struct span message)
{
	arena_reset(arena);
	arena_limit(arena, filter_arena_ceiling(message.size));
	return arena;
}

static void
take_opinion(const struct judgement *judgement, struct opinion *opinion)
{
	*opinion = (struct opinion){.judged = judgement->judged, .taught = true, .class_name = "None"};
	if (!judgement->judged) {
		opinion->probability = -1.0;
		snprintf(opinion->note, sizeof opinion->note, "%s", judgement->note != NULL ? judgement->note : "");
		return;
	}
	opinion->spam = judgement->spam || judgement->suspect;
	opinion->unsure = judgement->result_class == RESULT_UNSURE;
	opinion->class_name = result_class_name(judgement->result_class);
	opinion->probability = judgement->probability;
	opinion->confidence = judgement->confidence;
	opinion->score = judgement->score;
}

static bool
learn_class(struct teacher *teacher, struct span message, bool is_spam, struct error *error)
{
	struct request request = {
		.training_class = is_spam ? CLASS_SPAM : CLASS_INNOCENT,
		.source = SOURCE_CORPUS,
		.mode = teacher->mode,
	};
	struct judgement judgement;

	return filter_judge(teacher->filter, fresh(teacher->arena, message), &request, teacher->user, message,
			    &judgement, error) &&
	       filter_learn(teacher->filter, &judgement, error);
}

/* By its signature, as its user would; by the message itself where none is kept (TrainPristine). */
static bool
correct(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion, struct error *error)
{
	bool by_signature = opinion->signature[0] != '\0';
	struct request request = {
		.training_class = is_spam ? CLASS_SPAM : CLASS_INNOCENT,
		.source = SOURCE_ERROR,
		.signature = by_signature ? opinion->signature : NULL,
	};
	struct judgement judgement;

	if (by_signature)
		message = span_of(NULL, 0);
	if (!filter_judge(teacher->filter, fresh(teacher->arena, message), &request, teacher->user, message, &judgement,
			  error) ||
	    !filter_learn(teacher->filter, &judgement, error))
		return false;
	opinion->taught = judgement.judged && judgement.training == TRAINING_DONE;
	if (!opinion->taught)
		snprintf(opinion->note, sizeof opinion->note, "%s", judgement.note != NULL ? judgement.note : "");
	return true;
}

/* ---- meeting and reporting ------------------------------------------------------------ */

static void
keep_signature(const struct judgement *judgement, struct opinion *opinion)
{
	if (judgement->signature != NULL && strlen(judgement->signature) < sizeof opinion->signature)
		memcpy(opinion->signature, judgement->signature, strlen(judgement->signature) + 1);
}

bool
teacher_meet(struct teacher *teacher, struct span message, struct opinion *opinion, struct error *error)
{
	struct request request = {.classify = teacher->way != TEACH_LIVE};
	struct judgement judgement;
	struct moment start = moment_now();

	if (!filter_judge(teacher->filter, fresh(teacher->arena, message), &request, teacher->user, message, &judgement,
			  error))
		return false;
	take_opinion(&judgement, opinion);
	struct moment judged = moment_now();
	count_time(teacher, &teacher->judge_cpu, start, judged);
	if (request.classify)
		return true;
	keep_signature(&judgement, opinion);
	if (!filter_learn(teacher->filter, &judgement, error))
		return false;
	count_time(teacher, &teacher->learn_cpu, judged, moment_now());
	return true;
}

bool
teacher_report(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion, struct error *error)
{
	struct moment start = moment_now();
	bool good = teacher->way == TEACH_LIVE ? correct(teacher, message, is_spam, opinion, error)
					       : learn_class(teacher, message, is_spam, error);

	count_time(teacher, &teacher->learn_cpu, start, moment_now());
	return good;
}

bool
teacher_forget(struct teacher *teacher, const char *signature, struct error *error)
{
	struct store *store = filter_store(teacher->filter);
	store_uid uid;

	return store_user(store, span_from(teacher->user), false, &uid, error) &&
	       (uid == 0 || store_signature_delete(store, uid, signature, error));
}

static bool
is_to_report(const struct teacher *teacher, bool is_spam, const struct opinion *opinion)
{
	switch (teacher->way) {
	case TEACH_LIVE:
		return opinion->judged && opinion->spam != is_spam;
	case TEACH_ERRORS:
		return opinion->spam != is_spam;
	default:
		return true;
	}
}

bool
teacher_give(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion, struct error *error)
{
	return teacher_meet(teacher, message, opinion, error) &&
	       (!is_to_report(teacher, is_spam, opinion) || teacher_report(teacher, message, is_spam, opinion, error));
}
