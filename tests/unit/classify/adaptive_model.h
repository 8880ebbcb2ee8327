/* A user of the adaptive classifier, and one message with all of his rows. */
#ifndef DSPAM_TESTS_CLASSIFY_ADAPTIVE_MODEL_H
#define DSPAM_TESTS_CLASSIFY_ADAPTIVE_MODEL_H

#include "classify/adaptive.h"

enum { ROWS = 60, MESSAGE_VIEWS = 3 };

/* A user, and what the message under test has added last. */
struct model {
	struct adaptive_row rows[ROWS];
	struct adaptive_lessons lessons;
	struct adaptive_change changes[ROWS];
	struct adaptive_lessons_change lesson;
};

static inline struct model
new_model(void)
{
	struct model model = {.lessons = {0}};

	for (size_t i = 0; i < ROWS; i++)
		model.rows[i] = (struct adaptive_row){.id = i + 1, .view = (uint8_t)(i % MESSAGE_VIEWS)};
	return model;
}

static inline struct adaptive_score
judge(const struct model *model)
{
	return adaptive_judge(model->rows, ROWS, &model->lessons);
}

static inline void
add(struct model *model)
{
	for (size_t i = 0; i < ROWS; i++)
		adaptive_row_add(&model->rows[i], &model->changes[i]);
	adaptive_lessons_add(&model->lessons, &model->lesson);
}

static inline bool
learn(struct model *model, bool is_spam)
{
	struct adaptive_score score = judge(model);

	return adaptive_learn(model->rows, ROWS, &model->lessons, &score, is_spam, model->changes, &model->lesson);
}

static inline bool
correct(struct model *model, const struct adaptive_score *site, bool is_spam)
{
	struct adaptive_row scratch[ROWS];

	return adaptive_correct(model->rows, ROWS, &model->lessons, site, is_spam, scratch, model->changes,
				&model->lesson);
}

static inline struct model
certain_model(bool is_spam)
{
	struct model model = new_model();

	while (learn(&model, is_spam))
		add(&model);
	return model;
}

#endif
