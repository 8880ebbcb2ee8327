#include "tool/learning_curve.h"

const size_t learning_steps[LEARNING_STEPS] = {100, 500, 1000, 2000, 5000};

size_t
learning_errors(const struct figures_list *list, size_t first, size_t end)
{
	size_t errors = 0;

	for (size_t i = first; i < end && i < list->count; i++)
		errors += figures_is_error(&list->messages[i]);
	return errors;
}
