#include "deliver/message.h"

#include <stdarg.h>
#include <stdio.h>

bool
deliver_result_set(struct deliver_result *result, enum deliver_outcome outcome, const char *enhanced,
		   const char *format, ...)
{
	va_list arguments;

	result->outcome = outcome;
	snprintf(result->enhanced, sizeof result->enhanced, "%s", enhanced);
	va_start(arguments, format);
	vsnprintf(result->text, sizeof result->text, format, arguments);
	va_end(arguments);
	return outcome == DELIVER_ACCEPTED;
}

bool
deliver_result_error(struct deliver_result *result, const struct error *error)
{
	return deliver_result_set(result, error->temporary ? DELIVER_TEMPORARY : DELIVER_PERMANENT,
				  error->temporary ? "4.3.0" : "5.3.0", "%s", error->text);
}
