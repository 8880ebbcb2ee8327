/* The check: each value, values that stand twice, and what they make together. */
#include "config/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

void
check_note(struct config *config, enum config_severity severity, const struct config_value *value, const char *format,
	   ...)
{
	bool secret = value->directive->flags & DIRECTIVE_SECRET;
	char text[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	config_note(config, severity, value->place, "%s%s%.80s \"%.200s\": %s", value->directive->name,
		    *value->suffix == '\0' ? "" : ".", value->suffix, secret ? "********" : value->text, text);
}

/* Profile suffixes and the like: the part of the name behind the dot. */
static void
check_suffix(struct config *config, const struct config_value *value)
{
	unsigned flags = value->directive->flags;
	bool of_profile = (flags & DIRECTIVE_PROFILED) || strcmp(value->directive->name, "Failover") == 0;
	struct config_range declared;
	struct span none;

	if (*value->suffix == '\0') {
		if (flags & DIRECTIVE_ONLY_SUFFIX)
			check_note(config, CONFIG_WARNING, value, "it has no effect without a suffix; write %s.NAME",
				   value->directive->name);
		return;
	}
	declared = config_range(config, directive_find(SPAN("Profile"), &none), "");
	for (size_t i = 0; i < declared.count; i++)
		if (strcasecmp(declared.items[i].text, value->suffix) == 0)
			of_profile = false;
	if (of_profile)
		check_note(config, CONFIG_WARNING, value, "the profile is not declared; add a line \"Profile %.80s\"",
			   value->suffix);
}

/* A further value where only one counts; `first` is the one that does. */
static void
check_second(struct config *config, const struct config_value *first, const struct config_value *value)
{
	if (strcasecmp(first->text, value->text) == 0)
		return;
	if (value->directive->type == DIRECTIVE_SWITCH)
		check_note(config, CONFIG_WARNING, value,
			   "line %u says otherwise, and on wins whatever the order; keep one of them",
			   first->place.line);
	else if (value->directive->flags & DIRECTIVE_SECRET)
		check_note(config, CONFIG_WARNING, value, "it is ignored, because the first value, of line %u, wins",
			   first->place.line);
	else
		check_note(config, CONFIG_WARNING, value,
			   "it is ignored, because the first value wins: \"%.80s\" of line %u", first->text,
			   first->place.line);
}

static bool
same_name(const struct config_value *a, const struct config_value *b)
{
	return a->directive == b->directive && strcasecmp(a->suffix, b->suffix) == 0;
}

/* Values are sorted, so the first of each name stands before its others. */
static void
check_values(struct config *config)
{
	const struct config_value *first = NULL;

	for (size_t i = 0; i < config->values.count; i++) {
		const struct config_value *value = &config->values.items[i];

		check_value(config, value);
		check_suffix(config, value);
		if (first == NULL || !same_name(first, value))
			first = value;
		else if (!(value->directive->flags & DIRECTIVE_REPEATABLE))
			check_second(config, first, value);
	}
}

void
config_check(struct config *config)
{
	check_values(config);
	check_together(config);
}
