/* Making a struct config: values, findings, defaults. */
#include "config/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define VALUES_FIRST 64 /* room at the start; doubled as needed */

/* ---- filling --------------------------------------------------------------- */

static void
values_grow(struct config_values *values, size_t capacity)
{
	values->capacity = capacity;
	values->items = reallocarray(values->items, values->capacity, sizeof *values->items);
	if (values->items == NULL)
		abort();
}

static struct config_value *
values_add(struct config_values *values)
{
	if (values->count == CONFIG_VALUES)
		return NULL;
	if (values->count == values->capacity)
		values_grow(values, values->capacity * 2);
	return &values->items[values->count++];
}

static bool
add_to(struct config *config, struct config_values *values, const struct directive *directive, struct span suffix,
       struct span text, struct config_place place)
{
	unsigned order = (unsigned)values->count;
	struct config_value *value = values_add(values);

	if (value == NULL)
		return false;
	*value = (struct config_value){directive, suffix.size == 0 ? "" : arena_copy(config->arena, suffix),
				       arena_copy(config->arena, text), place, order};
	return value->suffix != NULL && value->text != NULL;
}

bool
config_add(struct config *config, const struct directive *directive, struct span suffix, struct span text,
	   struct config_place place)
{
	return add_to(config, &config->values, directive, suffix, text, place);
}

static void
values_sort(struct config_values *values)
{
	if (values->count > 1)
		qsort(values->items, values->count, sizeof *values->items, config_value_order);
}

/* ---- findings --------------------------------------------------------------- */

struct config_place
config_whole(const struct config *config)
{
	return (struct config_place){config->name, 0, ~0U};
}

static void
finding_add(struct config *config, enum config_severity severity, struct config_place place, const char *text)
{
	struct config_found *found = &config->findings[config->finding_count];

	*found = (struct config_found){severity, place, (unsigned)config->finding_count,
				       arena_copy(config->arena, span_from(text))};
	config->finding_count += found->text != NULL;
}

void
config_note(struct config *config, enum config_severity severity, struct config_place place, const char *format, ...)
{
	char text[1000];
	va_list arguments;

	if (config->finding_count > CONFIG_FINDINGS)
		return;
	if (config->finding_count == CONFIG_FINDINGS) {
		finding_add(config, CONFIG_WARNING, config_whole(config), "there are more findings than are shown");
		return;
	}
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	finding_add(config, severity, place, text);
}

static int
finding_order(const void *left, const void *right)
{
	const struct config_found *a = left;
	const struct config_found *b = right;

	if (a->place.sequence != b->place.sequence)
		return a->place.sequence < b->place.sequence ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void
findings_report(struct config *config, config_finding *finding, void *context)
{
	if (config->finding_count > 1)
		qsort(config->findings, config->finding_count, sizeof *config->findings, finding_order);
	for (size_t i = 0; finding != NULL && i < config->finding_count; i++) {
		const struct config_found *found = &config->findings[i];

		finding(context, found->severity, found->place.file, found->place.line, found->text);
	}
	free(config->findings);
	config->findings = NULL;
	config->finding_count = 0;
}

/* ---- loading ------------------------------------------------------------------ */

static struct config *
config_new(const char *name)
{
	struct config *config = calloc(1, sizeof *config);

	if (config == NULL)
		abort();
	config->arena = arena_new((size_t)4 * CONFIG_TOTAL_SIZE);
	config->findings = calloc(CONFIG_FINDINGS + 1, sizeof *config->findings);
	if (config->findings == NULL)
		abort();
	config->name = arena_copy(config->arena, span_from(name));
	/* both arrays exist even when nothing is in them, so that ranges always point somewhere */
	values_grow(&config->values, VALUES_FIRST);
	values_grow(&config->defaults, VALUES_FIRST);
	return config;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	free(config->values.items);
	free(config->defaults.items);
	free(config->findings);
	arena_free(config->arena);
	free(config);
}

static void
add_default(struct config *config, const struct directive *row, struct span text)
{
	struct config_place table = {NULL, 0, 0};

	add_to(config, &config->defaults, row, span_of(NULL, 0), text, table);
}

/* HOME/x becomes a path; several words of a repeatable directive become several values. */
static void
add_defaults(struct config *config, const struct directive *row)
{
	struct span initial = span_from(row->initial);
	struct span word;

	if (span_starts(initial, SPAN("HOME/"))) {
		const char *home = config_get(config, "Home");
		const char *path = home == NULL || strlen(home) > CONFIG_HOME
					   ? NULL
					   : arena_printf(config->arena, "%s%s", home, row->initial + 4);

		if (path != NULL)
			add_default(config, row, span_from(path));
	} else if (row->flags & DIRECTIVE_REPEATABLE) {
		while (span_next_word(&initial, " ", &word))
			add_default(config, row, word);
	} else {
		add_default(config, row, initial);
	}
}

static void
config_finish(struct config *config, config_finding *finding, void *context)
{
	struct error error;

	values_sort(&config->values);
	for (size_t i = 0; i < directive_count; i++)
		if (directive_table[i].initial != NULL)
			add_defaults(config, &directive_table[i]);
	values_sort(&config->defaults);
	if (!config_use_profile(config, NULL, &error))
		config_note(config, CONFIG_ERROR, config_whole(config), "DefaultProfile: %s", error.text);
	config_check(config);
	findings_report(config, finding, context);
}

static bool
config_end(bool read, config_finding *finding, void *context, struct config *loaded, struct config **config)
{
	*config = NULL;
	if (!read) {
		findings_report(loaded, finding, context);
		config_free(loaded);
		return false;
	}
	config_finish(loaded, finding, context);
	*config = loaded;
	return true;
}

bool
config_load(const char *path, config_finding *finding, void *context, struct config **config, struct error *error)
{
	struct config *loaded = config_new(path);

	return config_end(config_read_file(loaded, path, error), finding, context, loaded, config);
}

/* Whether one of the values from `first` on is of the same directive and suffix. */
static bool
is_replaced(const struct config_values *values, const struct config_value *value, size_t first)
{
	for (size_t i = first; i < values->count; i++)
		if (values->items[i].directive == value->directive &&
		    strcasecmp(values->items[i].suffix, value->suffix) == 0)
			return true;
	return false;
}

/* Drop those before `first` that those from there on replace. */
static void
replace_values(struct config_values *values, size_t first)
{
	size_t kept = 0;

	for (size_t i = 0; i < values->count; i++)
		if (i >= first || !is_replaced(values, &values->items[i], first))
			values->items[kept++] = values->items[i];
	values->count = kept;
}

bool
config_load_changed(const char *path, struct span changes, const char *name, config_finding *finding, void *context,
		    struct config **config, struct error *error)
{
	struct config *loaded = config_new(path);
	bool read = config_read_file(loaded, path, error);
	size_t first = loaded->values.count;

	read = read && config_read_text(loaded, changes, name, error);
	if (read)
		replace_values(&loaded->values, first);
	return config_end(read, finding, context, loaded, config);
}

bool
config_parse(struct span text, const char *name, config_finding *finding, void *context, struct config **config,
	     struct error *error)
{
	struct config *loaded = config_new(name);

	return config_end(config_read_text(loaded, text, name, error), finding, context, loaded, config);
}
