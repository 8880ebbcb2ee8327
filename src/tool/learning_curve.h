/*
 * How soon a filter is good: errors among the first messages, and among each thousand. Pure.
 */
#ifndef DSPAM_TOOL_LEARNING_CURVE_H
#define DSPAM_TOOL_LEARNING_CURVE_H

#include "tool/figures.h"

enum { LEARNING_STEPS = 5, LEARNING_BLOCK = 1000 };

/* 100, 500, 1000, 2000, 5000 */
extern const size_t learning_steps[LEARNING_STEPS];

/* Errors among the messages `first` to `end`, which may lie beyond the list. */
size_t learning_errors(const struct figures_list *list, size_t first, size_t end);

/* How many blocks of LEARNING_BLOCK there are, the last one perhaps not full. */
static inline size_t
learning_blocks(const struct figures_list *list)
{
	return (list->count + LEARNING_BLOCK - 1) / LEARNING_BLOCK;
}

static inline size_t
learning_block(const struct figures_list *list, size_t block)
{
	return learning_errors(list, block * LEARNING_BLOCK, (block + 1) * LEARNING_BLOCK);
}

#endif
