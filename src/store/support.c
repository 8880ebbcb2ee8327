/* What all drivers call, plugins, too. */
#include "store/driver.h"

const char *
store_option(const struct store_options *options, const char *name)
{
	for (size_t i = 0; i < options->count; i++)
		if (span_equal_nocase(span_from(options->options[i].name), span_from(name)))
			return options->options[i].value;
	return NULL;
}

bool
store_signature_changed(const struct store_lesson *lesson, struct error *error)
{
	return error_later(error, ERROR_DATA,
			   "signature %s: another program has learned from it at this moment; try again",
			   lesson->signature->id);
}
