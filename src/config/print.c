#include "config/print.h"

#include <strings.h>

#include "config/value.h"

static const char masked[] = "********";

/* A password is hidden; of ClientIdent only what stands before the @. */
static void
append_secret(struct buffer *text, const struct directive *row, const char *value)
{
	const char *at = strcmp(row->name, "ClientIdent") == 0 ? strrchr(value, '@') : NULL;

	buffer_printf(text, "%s%s", masked, at == NULL ? "" : at);
}

/*
 * Write a value so that it is read back as it is. One with a ; needs a # behind it, since ;
 * begins a comment where there is no #. Should a line become longer than is read as
 * one piece, its closing quote is left out, which is how it must have stood in its file.
 */
static void
append_value(struct buffer *text, size_t used, const char *value)
{
	size_t size = strlen(value);
	bool bare = size > 0 && strpbrk(value, " \t\r") == NULL && value[0] != '"';
	bool bare_by_need = strchr(value, '"') != NULL;
	bool comment = strchr(value, ';') != NULL;

	if (bare || bare_by_need)
		buffer_printf(text, "%s%s\n", value, !comment ? "" : used + size + 2 > CONFIG_PIECE ? "#" : " #");
	else if (used + size + 2 + (comment ? 2 : 0) > CONFIG_PIECE)
		buffer_printf(text, "\"%s%s\n", value, comment ? "#" : "");
	else
		buffer_printf(text, "\"%s\"%s\n", value, comment ? " #" : "");
}

static void
print_value(struct buffer *text, const struct directive *row, const char *suffix, const char *value, bool secrets)
{
	size_t start = text->size;

	buffer_printf(text, "%s%s%s ", row->name, *suffix == '\0' ? "" : ".", suffix);
	if ((row->flags & DIRECTIVE_SECRET) && !secrets) {
		append_secret(text, row, value);
		buffer_append_byte(text, '\n');
	} else if (!text->failed) {
		append_value(text, text->size - start, value);
	}
}

/* The slice of the file's values that belongs to `row`, under all suffixes; *next moves behind it. */
static struct config_range
values_of(const struct config *config, const struct directive *row, size_t *next)
{
	size_t start = *next;

	while (*next < config->values.count && config->values.items[*next].directive == row)
		++*next;
	return (struct config_range){config->values.items + start, *next - start};
}

static void
print_range(struct buffer *text, struct config_range range, const char *suffix, bool secrets)
{
	for (size_t i = 0; i < range.count; i++) {
		const struct config_value *value = &range.items[i];

		print_value(text, value->directive, suffix == NULL ? value->suffix : suffix, value->text, secrets);
	}
}

static void
print_directive(const struct config *config, const struct directive *row, size_t *next, bool secrets,
		struct buffer *text)
{
	struct config_range written = values_of(config, row, next);
	struct config_range in_force = config_in_force(config, row);
	bool is_default = in_force.count > 0 && in_force.items[0].place.file == NULL;
	bool profiled = (row->flags & DIRECTIVE_PROFILED) && config->profile != NULL;

	if (strcmp(row->name, "DefaultProfile") == 0 && config->profile != NULL) {
		buffer_printf(text, "\n# %s\n", row->documentation);
		print_value(text, row, "", config->profile, secrets);
		return;
	}
	if (written.count == 0 && !is_default)
		return;
	buffer_printf(text, "\n# %s\n", row->documentation);
	const char *suffix = profiled ? config->profile : "";
	size_t before = 0; /* values are sorted by suffix, and the default takes its place among them */
	while (before < written.count && strcasecmp(written.items[before].suffix, suffix) <= 0)
		before++;
	print_range(text, (struct config_range){written.items, before}, NULL, secrets);
	if (is_default)
		print_range(text, in_force, suffix, secrets);
	print_range(text, (struct config_range){written.items + before, written.count - before}, NULL, secrets);
}

bool
config_print(const struct config *config, bool secrets, struct buffer *text)
{
	size_t next = 0;

	buffer_append_string(text, "# dspam.conf: the settings in force, defaults included.\n");
	for (size_t i = 0; i < directive_count && !text->failed; i++) {
		const struct directive *row = &directive_table[i];

		if (row->type == DIRECTIVE_HEADING)
			buffer_printf(text, "\n\n## %s: %s\n", row->name, row->documentation);
		else if (row->type != DIRECTIVE_WRONG)
			print_directive(config, row, &next, secrets, text);
	}
	return !text->failed;
}
