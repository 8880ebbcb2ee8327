#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const char *
config_path(const char *argument)
{
	const char *environment = secure_getenv("DSPAM_CONFIG");

	if (argument != NULL)
		return argument;
	return environment != NULL && *environment != '\0' ? environment : DSPAM_SYSCONFDIR "/dspam.conf";
}

int
config_value_order(const void *left, const void *right)
{
	const struct config_value *a = left;
	const struct config_value *b = right;

	if (a->directive != b->directive)
		return a->directive < b->directive ? -1 : 1;
	int suffixes = strcasecmp(a->suffix, b->suffix);
	if (suffixes != 0)
		return suffixes;
	return a->order < b->order ? -1 : a->order > b->order;
}

static struct config_range
range_of(const struct config_values *values, const struct directive *directive, const char *suffix)
{
	struct config_value key = {.directive = directive, .suffix = suffix};
	size_t low = 0;
	size_t high = values->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (config_value_order(&values->items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	size_t end = low;
	while (end < values->count && values->items[end].directive == directive &&
	       strcasecmp(values->items[end].suffix, suffix) == 0)
		end++;
	return end == low ? (struct config_range){NULL, 0} : (struct config_range){values->items + low, end - low};
}

struct config_range
config_range(const struct config *config, const struct directive *directive, const char *suffix)
{
	return range_of(&config->values, directive, suffix);
}

struct config_range
config_in_force(const struct config *config, const struct directive *row)
{
	bool profiled = (row->flags & DIRECTIVE_PROFILED) && config->profile != NULL;
	struct config_range range = config_range(config, row, profiled ? config->profile : "");

	return range.count > 0 ? range : range_of(&config->defaults, row, "");
}

/* The directive of `name`; *suffix is a string, since it ends `name`. */
static const struct directive *
row_for(const char *name, const char **suffix)
{
	struct span after;
	const struct directive *row = directive_find(span_from(name), &after);

	if (row == NULL || row->type == DIRECTIVE_WRONG) {
		fprintf(stderr, "dspam: bug: the directive \"%s\" is asked for but not in the table\n", name);
		abort();
	}
	*suffix = after.size == 0 ? "" : after.data;
	return row;
}

static struct config_range
range_for(const struct config *config, const char *name)
{
	const char *suffix;
	const struct directive *row = row_for(name, &suffix);

	return *suffix == '\0' ? config_in_force(config, row) : config_range(config, row, suffix);
}

size_t
config_count(const struct config *config, const char *name)
{
	return range_for(config, name).count;
}

const char *
config_at(const struct config *config, const char *name, size_t index)
{
	struct config_range range = range_for(config, name);

	return index < range.count ? range.items[index].text : NULL;
}

const char *
config_get(const struct config *config, const char *name)
{
	return config_at(config, name, 0);
}

const char *
config_require(const struct config *config, const char *name, struct error *error)
{
	const char *value = config_get(config, name);

	if (value == NULL)
		error_set(error, ERROR_CONFIG, "%s: %s is missing; add a line \"%s VALUE\"", config->name, name, name);
	return value;
}

bool
config_is_set(const struct config *config, const char *name)
{
	struct config_range range = range_for(config, name);

	return range.count > 0 && range.items[0].place.file != NULL;
}

bool
config_has(const struct config *config, const char *name, const char *value)
{
	struct config_range range = range_for(config, name);

	for (size_t i = 0; i < range.count; i++)
		if (strcasecmp(range.items[i].text, value) == 0)
			return true;
	return false;
}

unsigned long long
config_number(const struct config *config, const char *name)
{
	const char *suffix;
	const struct directive *row = row_for(name, &suffix);
	const char *value = config_get(config, name);
	unsigned long long number = 0;

	if (value != NULL)
		directive_number(row, value, &number);
	return number;
}

void
config_each_suffix(const struct config *config, const char *name, config_suffix_callback *each, void *context)
{
	const char *suffix;
	const struct directive *row = row_for(name, &suffix);
	const char *last = "";

	for (size_t i = 0; i < config->values.count; i++) {
		const struct config_value *value = &config->values.items[i];

		if (value->directive != row || strcasecmp(value->suffix, last) == 0)
			continue;
		last = value->suffix;
		each(context, value->suffix, value->text);
	}
}

void
config_each_storage(const struct config *config, config_value_callback *each, void *context)
{
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *row = &directive_table[i];

		if (!(row->flags & DIRECTIVE_STORAGE))
			continue;
		struct config_range range = config_in_force(config, row);
		for (size_t j = 0; j < range.count; j++)
			each(context, row->name, range.items[j].text);
	}
}

/* ---- profiles ---------------------------------------------------------------- */

bool
config_suffix_valid(struct span suffix)
{
	for (size_t i = 0; i < suffix.size; i++)
		if (suffix.data[i] <= ' ' || suffix.data[i] > '~' || strchr("\";#", suffix.data[i]) != NULL)
			return false;
	return suffix.size <= DIRECTIVE_SUFFIX_MAXIMUM;
}

bool
config_has_profile(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->values.count; i++) {
		const struct config_value *value = &config->values.items[i];
		bool declares = strcmp(value->directive->name, "Profile") == 0;

		if (declares && strcasecmp(value->text, name) == 0)
			return true;
		if ((value->directive->flags & DIRECTIVE_PROFILED) && strcasecmp(value->suffix, name) == 0)
			return true;
	}
	return false;
}

static bool
is_profile(const struct config *config, const char *name)
{
	return *name != '\0' && config_suffix_valid(span_from(name)) && config_has_profile(config, name);
}

bool
config_use_profile(struct config *config, const char *name, struct error *error)
{
	if (name == NULL)
		name = config_get(config, "DefaultProfile");
	if (name != NULL && !is_profile(config, name))
		return error_set(error, ERROR_CONFIG,
				 "%s: there is no profile \"%s\"; add \"Profile %s\" and its settings", config->name,
				 name, name);
	config->profile = name == NULL ? NULL : arena_copy(config->arena, span_from(name));
	return true;
}

const char *
config_profile(const struct config *config)
{
	return config->profile;
}
