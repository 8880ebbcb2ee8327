#include "tool/evaluation.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static void
make_outcome(struct outcome *outcome, const struct contender *contender)
{
	const struct teacher *teacher = &contender->teacher;
	double count = contender->said.count > 0 ? (double)contender->said.count : NAN;

	*outcome = (struct outcome){
		.contender = contender,
		.figures = figures_of(&contender->said),
		.calibration = calibration_of(&contender->said),
		.judge_ms = 1000.0 * teacher->judge_cpu / count,
		.learn_ms = 1000.0 * teacher->learn_cpu / count,
		.per_second = count / teacher->elapsed,
	};
	contender_text(contender, outcome->text);
}

void
evaluation_make(struct evaluation *evaluation)
{
	const struct replay *replay = evaluation->replay;
	const struct figures_list **lists = figures_array(replay->count, sizeof *lists);
	struct bootstrap *bootstraps = figures_array(replay->count, sizeof *bootstraps);

	evaluation->count = replay->count;
	evaluation->outcomes = figures_array(replay->count, sizeof *evaluation->outcomes);
	for (size_t i = 0; i < replay->count; i++) {
		make_outcome(&evaluation->outcomes[i], &replay->contenders[i]);
		lists[i] = &replay->contenders[i].said;
	}
	bootstrap_run(lists, replay->count, BOOTSTRAP_ROUNDS, evaluation->seed, bootstraps);
	for (size_t i = 0; i < replay->count; i++)
		evaluation->outcomes[i].bootstrap = bootstraps[i];
	free(lists);
	free(bootstraps);
}

void
evaluation_free(struct evaluation *evaluation)
{
	free(evaluation->outcomes);
}

void
evaluation_terms(const struct evaluation *evaluation, char text[EVALUATION_TERMS_SIZE])
{
	const struct replay *replay = evaluation->replay;
	char feedback[FEEDBACK_TEXT_SIZE], order[60] = "in the order of the index";

	feedback_text(evaluation->feedback, feedback);
	if (replay->shuffle)
		snprintf(order, sizeof order, "in an order shuffled with seed %" PRIu64, replay->shuffle_seed);
	snprintf(text, EVALUATION_TERMS_SIZE, "learned: %s; %s; seed %" PRIu64, feedback, order, evaluation->seed);
}
