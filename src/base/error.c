#include "base/error.h"

#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void
error_fill(struct error *error, enum error_code code, bool temporary, const char *format, va_list arguments)
{
	char text[sizeof error->text]; /* an argument may be the old text */

	vsnprintf(text, sizeof text, format, arguments);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	error->code = code;
	error->temporary = temporary;
	memcpy(error->text, text, sizeof text);
}

bool
error_set(struct error *error, enum error_code code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_fill(error, code, false, format, arguments);
	va_end(arguments);
	return false;
}

bool
error_later(struct error *error, enum error_code code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_fill(error, code, true, format, arguments);
	va_end(arguments);
	return false;
}

bool
error_prefix(struct error *error, const char *format, ...)
{
	char prefix[sizeof error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(prefix, sizeof prefix, format, arguments);
	va_end(arguments);
	size_t used = strlen(prefix);
	snprintf(prefix + used, sizeof prefix - used, ": %s", error->text);
	memcpy(error->text, prefix, sizeof prefix);
	return false;
}

int
error_exit_status(const struct error *error)
{
	return error->temporary ? ERROR_TEMPORARY : (int)error->code;
}
