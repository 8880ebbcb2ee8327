/* One function for each type of directive. */
#include "config/check.h"

#include <stdio.h>
#include <strings.h>

#include "config/preference.h"

static void
check_switch(struct config *config, const struct config_value *value)
{
	if (!directive_has_word("on off", span_from(value->text), false))
		check_note(config, CONFIG_ERROR, value, "it is neither on nor off, and counts as off");
}

static void
check_word(struct config *config, const struct config_value *value)
{
	const struct directive *row = value->directive;
	struct span text = span_from(value->text);

	if (directive_has_word(row->words, text, row->flags & DIRECTIVE_EXACT))
		return;
	if (directive_has_word(row->words, text, false))
		check_note(config, CONFIG_ERROR, value, "write it exactly as one of: %s", row->words);
	else
		check_note(config, CONFIG_ERROR, value, "it must be one of: %s", row->words);
}

static void
check_number(struct config *config, const struct config_value *value)
{
	const struct directive *row = value->directive;
	unsigned long long used;

	if (directive_number(row, value->text, &used))
		return;
	if (row->type == DIRECTIVE_DAYS)
		check_note(config, CONFIG_ERROR, value, "it must be a number of days, or off; %llu is used", used);
	else if (row->type == DIRECTIVE_SIZE)
		check_note(config, CONFIG_ERROR, value,
			   "it must be a number of bytes, or one with K, M or G; %llu is used", used);
	else if (row->type == DIRECTIVE_MODE)
		check_note(config, CONFIG_ERROR, value, "it must be octal, 0 to 0777; 0%llo is used", used);
	else
		check_note(config, CONFIG_ERROR, value, "it must be a number from %llu to %llu; %llu is used",
			   row->minimum, row->maximum, used);
}

static void
check_path(struct config *config, const struct config_value *value)
{
	if (strlen(value->text) > CONFIG_HOME)
		check_note(config, CONFIG_ERROR, value, "the path has more than %d bytes", CONFIG_HOME);
	if (value->text[0] != '/')
		check_note(config, CONFIG_WARNING, value,
			   "a path should begin with /, or it depends on where the program is started");
}

/* %u and its kin are only replaced when they are a whole word. */
static void
check_command(struct config *config, const struct config_value *value)
{
	struct span rest = span_from(value->text);
	struct span word;

	if (rest.size == 0)
		check_note(config, CONFIG_ERROR, value, "a command is missing");
	while (span_next_word(&rest, " ", &word)) {
		size_t at = span_find_byte(word, '%');

		if (at == SPAN_NONE || at + 1 == word.size || strchr("urs", word.data[at + 1]) == NULL)
			continue;
		if (word.size > 2 && !(word.size == 3 && word.data[0] == '\\'))
			check_note(config, CONFIG_WARNING, value,
				   "%%%c inside a word is not replaced; put a space before and after it",
				   word.data[at + 1]);
	}
}

static void
check_host(struct config *config, const struct config_value *value)
{
	struct span text = span_from(value->text);
	size_t colon = span_find_byte(text, ':');

	if (text.size == 0 || span_find_byte(text, ' ') != SPAN_NONE)
		check_note(config, CONFIG_ERROR, value, "it must be a host, an address or the path of a socket");
	else if (text.data[0] != '/' && colon != SPAN_NONE &&
		 span_find_byte(span_skip(text, colon + 1), ':') == SPAN_NONE)
		check_note(config, CONFIG_ERROR, value, "the port stands in a directive of its own");
}

/* HOST, HOST:PORT, [ADDRESS]:PORT, an address of IPv6 as it is, or a path. */
static void
check_server(struct config *config, const struct config_value *value)
{
	struct span text = span_from(value->text), port = {NULL, 0};
	size_t bracket = span_find_byte(text, ']'), colon = span_find_byte(text, ':');
	unsigned long long number;

	if (text.size == 0 || span_find_byte(text, ' ') != SPAN_NONE || colon == 0) {
		check_note(config, CONFIG_ERROR, value, "it must be a host, an address or the path of a socket");
		return;
	}
	if (text.data[0] == '[' && bracket != SPAN_NONE)
		port = span_skip(text, bracket + 1);
	else if (text.data[0] != '/' && colon != SPAN_NONE &&
		 span_find_byte(span_skip(text, colon + 1), ':') == SPAN_NONE)
		port = span_skip(text, colon);
	if (port.size > 0 &&
	    (port.data[0] != ':' || !span_to_number(span_skip(port, 1), 65535, &number) || number == 0))
		check_note(config, CONFIG_ERROR, value, "behind the host there may be a colon and a port, 1 to 65535");
}

/* The value before on the same line, or NULL: values of one directive lie side by side. */
static const struct config_value *
before(const struct config *config, const struct config_value *value)
{
	if (value == config->values.items)
		return NULL;
	const struct config_value *last = value - 1;

	return last->directive == value->directive && last->place.sequence == value->place.sequence ? last : NULL;
}

static void
check_header(struct config *config, const struct config_value *value)
{
	struct span text = span_from(value->text);
	size_t colon = span_find_byte(text, ':');
	const struct config_value *last = before(config, value);

	if (colon != SPAN_NONE)
		check_note(config, CONFIG_WARNING, value,
			   "it can never match because of the colon; write \"IgnoreHeader %.*s\"", (int)colon,
			   text.data);
	else if (last != NULL && strchr(last->text, ':') != NULL)
		check_note(config, CONFIG_WARNING, value,
			   "it is the name of a header of its own, whose content is not looked at; "
			   "if it belongs to \"%.80s\", remove it",
			   last->text);
}

static void
check_feature(struct config *config, const struct config_value *value)
{
	struct span text = span_from(value->text);
	unsigned long long buffer;

	if (directive_has_word("noise whitelist", text, false))
		return;
	if (span_starts_nocase(text, SPAN("tb=")) && span_to_number(span_skip(text, 3), 10, &buffer))
		return;
	if (directive_has_word("word chain chained sbph osb", text, false))
		check_note(config, CONFIG_WARNING, value, "it is no feature and has no effect; write \"Tokenizer %s\"",
			   strcasecmp(value->text, "chained") == 0 ? "chain" : value->text);
	else
		check_note(config, CONFIG_WARNING, value,
			   "it is unknown and has no effect; features are noise, whitelist and tb=N (0 to 10)");
}

/* ---- storage drivers ----------------------------------------------------------- */

static const char *const drivers[] = {"sqlite",  "memory",         "pgsql",         "postgresql",   "mysql",
				      "mariadb", "libsqlite3_drv", "libsqlite_drv", "libpgsql_drv", "libmysql_drv"};

static void
check_driver(struct config *config, const struct config_value *value)
{
	const char *slash = strrchr(value->text, '/');
	struct span name = span_from(slash == NULL ? value->text : slash + 1);

	name = span_head(name, span_find_byte(name, '.'));
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
		if (span_equal_nocase(span_from(drivers[i]), name))
			return;
	if (span_equal_nocase(name, SPAN("hash")) || span_equal_nocase(name, SPAN("libhash_drv")))
		check_note(config, CONFIG_WARNING, value,
			   "the files of the hash driver are imported, not used; write \"StorageDriver sqlite\" and "
			   "import them");
	else
		check_note(config, CONFIG_ERROR, value, "there is no such store; write sqlite, pgsql, mysql or memory");
}

/* ---- preferences ----------------------------------------------------------------- */

static void
unknown_preference(struct config *config, const struct config_value *value, struct span name)
{
	const char *nearest = preference_nearest(name);

	if (nearest != NULL)
		check_note(config, CONFIG_WARNING, value, "there is no such preference; did you mean %s?", nearest);
	else
		check_note(config, CONFIG_WARNING, value, "there is no such preference; dspam.conf(5) lists them all");
}

static void
check_preference_name(struct config *config, const struct config_value *value)
{
	struct span name = span_from(value->text);

	if (span_find_byte(name, '=') != SPAN_NONE)
		check_note(config, CONFIG_WARNING, value, "only the name of a preference stands here, without value");
	else if (preference_find(name) == NULL)
		unknown_preference(config, value, name);
}

static void
wrong_preference_value(struct config *config, const struct config_value *value, const struct preference *row,
		       struct span text)
{
	char wanted[120];
	struct span trimmed = span_trim(text);

	preference_wanted(row, wanted, sizeof wanted);
	if (row->type == PREFERENCE_TEXT)
		check_note(config, CONFIG_WARNING, value, "only the first %u bytes are used", row->maximum);
	else if (trimmed.size != text.size && preference_accepts(row, trimmed))
		check_note(config, CONFIG_WARNING, value,
			   "it has no effect because of the space in the value; write \"%s=%.*s\"", row->name,
			   (int)trimmed.size, trimmed.data);
	else
		check_note(config, CONFIG_WARNING, value, "the value has no effect; it must be %s", wanted);
}

static void
check_preference(struct config *config, const struct config_value *value)
{
	struct span name, text;

	if (!preference_split(span_from(value->text), &name, &text)) {
		check_note(config, CONFIG_WARNING, value, "it has no effect; write \"name=value\", in quotes");
		return;
	}
	const struct preference *row = preference_find(name);
	if (row == NULL)
		unknown_preference(config, value, name);
	else if (!preference_accepts(row, text))
		wrong_preference_value(config, value, row, text);
	else if (text.size == 0 && strcmp(row->name, "spamSubject") == 0)
		check_note(config, CONFIG_WARNING, value, "an empty subject prefix means [SPAM], not none");
}

typedef void check_function(struct config *, const struct config_value *);

static check_function *const checks[] = {
	[DIRECTIVE_SWITCH] = check_switch,
	[DIRECTIVE_WORD] = check_word,
	[DIRECTIVE_NUMBER] = check_number,
	[DIRECTIVE_SIZE] = check_number,
	[DIRECTIVE_DAYS] = check_number,
	[DIRECTIVE_MODE] = check_number,
	[DIRECTIVE_PORT] = check_number,
	[DIRECTIVE_PATH] = check_path,
	[DIRECTIVE_COMMAND] = check_command,
	[DIRECTIVE_HOST] = check_host,
	[DIRECTIVE_SERVER] = check_server,
	[DIRECTIVE_HEADER] = check_header,
	[DIRECTIVE_FEATURE] = check_feature,
	[DIRECTIVE_DRIVER] = check_driver,
	[DIRECTIVE_PREFERENCE] = check_preference,
	[DIRECTIVE_INCLUDE] = NULL,
	[DIRECTIVE_PREFERENCE_NAME] = check_preference_name,
};

void
check_value(struct config *config, const struct config_value *value)
{
	check_function *check = checks[value->directive->type];

	if (check != NULL)
		check(config, value);
}
