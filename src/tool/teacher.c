#include "tool/teacher.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "tool/adaptive_trial.h"

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
		.second = arena_new(0),
	};
}

void
teacher_end(struct teacher *teacher)
{
	arena_free(teacher->arena);
	arena_free(teacher->second);
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
correct(struct teacher *teacher, struct span message, bool is_spam, const struct judgement *first,
	struct opinion *opinion, struct error *error)
{
	struct request request = {
		.training_class = is_spam ? CLASS_SPAM : CLASS_INNOCENT,
		.source = SOURCE_ERROR,
		.signature = first->signature,
	};
	struct judgement judgement;

	if (first->signature != NULL)
		message = span_of(NULL, 0);
	if (!filter_judge(teacher->filter, fresh(teacher->second, message), &request, teacher->user, message,
			  &judgement, error) ||
	    !filter_learn(teacher->filter, &judgement, error))
		return false;
	opinion->taught = judgement.judged && judgement.training == TRAINING_DONE;
	if (!opinion->taught)
		snprintf(opinion->note, sizeof opinion->note, "%s", judgement.note != NULL ? judgement.note : "");
	return true;
}

static bool
learn_live(struct teacher *teacher, struct span message, bool is_spam, const struct judgement *first,
	   struct opinion *opinion, struct error *error)
{
	if (!filter_learn(teacher->filter, first, error))
		return false;
	return !opinion->judged || opinion->spam == is_spam ||
	       correct(teacher, message, is_spam, first, opinion, error);
}

static bool
learn(struct teacher *teacher, struct span message, bool is_spam, const struct judgement *first,
      struct opinion *opinion, struct error *error)
{
	if (teacher->way == TEACH_LIVE)
		return learn_live(teacher, message, is_spam, first, opinion, error);
	if (teacher->way == TEACH_ERRORS && opinion->spam == is_spam)
		return true;
	return learn_class(teacher, message, is_spam, error);
}

/* ---- the classifier on trial -------------------------------------------------------- */

static bool
try_message(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion, struct error *error)
{
	struct moment start = moment_now();
	struct adaptive_score score;

	if (!adaptive_trial_judge(teacher->trial, fresh(teacher->arena, message), message, &score))
		return error_set(error, ERROR_DATA, "a message of %zu bytes needs more memory than one may",
				 message.size);
	*opinion = (struct opinion){
		.judged = true,
		.taught = true,
		.spam = score.shown > 0,
		.class_name = score.shown > 0 ? "Spam" : "Innocent",
		.probability = score.probability,
		.confidence = fabs(2 * score.probability - 1),
		.score = score.shown,
	};
	struct moment judged = moment_now();
	if (teacher->way != TEACH_ERRORS || opinion->spam != is_spam)
		adaptive_trial_learn(teacher->trial, &score, is_spam);
	count_time(teacher, &teacher->judge_cpu, start, judged);
	count_time(teacher, &teacher->learn_cpu, judged, moment_now());
	return true;
}

bool
teacher_give(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion, struct error *error)
{
	struct request request = {.classify = teacher->way != TEACH_LIVE};
	struct judgement judgement;
	struct moment start = moment_now();

	if (teacher->trial != NULL)
		return try_message(teacher, message, is_spam, opinion, error);
	if (!filter_judge(teacher->filter, fresh(teacher->arena, message), &request, teacher->user, message, &judgement,
			  error))
		return false;
	take_opinion(&judgement, opinion);
	struct moment judged = moment_now();
	if (!learn(teacher, message, is_spam, &judgement, opinion, error))
		return false;
	count_time(teacher, &teacher->judge_cpu, start, judged);
	count_time(teacher, &teacher->learn_cpu, judged, moment_now());
	return true;
}
