#include "agent/options.h"

#include <stdlib.h>

#include "base/log.h"

#define SEDATION_MAX 10

/* Reading of a command line. */
struct reading {
	struct arena *arena;
	const char *const *words;
	size_t count;
	size_t next;
	struct agent_options *options;
	struct error *error;
};

static bool
no_room(struct error *error)
{
	return error_set(error, ERROR_USAGE, "the command line is too long");
}

bool
agent_list_add(struct arena *arena, struct agent_list *list, const char *item)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
		const char **items = arena_calloc(arena, capacity, sizeof *items);
		if (items == NULL)
			return false;
		for (size_t i = 0; i < list->count; i++)
			items[i] = list->items[i];
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = item;
	return true;
}

/* ---- options with a value ------------------------------------------------------ */

static bool
set_mode(struct reading *reading, const char *value)
{
	/* lower case only, as it always was */
	struct span word = span_from(value);
	for (size_t i = 0; i < word.size; i++)
		if (value[i] >= 'A' && value[i] <= 'Z')
			word.size = 0;
	return training_mode_named(word, &reading->options->request.mode) ||
	       error_set(reading->error, ERROR_USAGE,
			 "--mode=%s: there is no such training mode; it is one of toe, tum, teft, notrain, unlearn",
			 value);
}

static bool
set_class(struct reading *reading, const char *value)
{
	reading->options->class_word = value;
	return true;
}

static bool
set_source(struct reading *reading, const char *value)
{
	return training_source_named(span_from(value), &reading->options->request.source) ||
	       error_set(reading->error, ERROR_USAGE,
			 "--source=%s: there is no such source; it is one of error, corpus, inoculation", value);
}

static bool
add_wanted(struct agent_options *options, struct span word)
{
	static const struct {
		const char *word;
		unsigned wanted;
		bool to_stdout;
	} words[] = {
		{"innocent", AGENT_WANT_INNOCENT, false},
		{"nonspam", AGENT_WANT_INNOCENT, false},
		{"spam", AGENT_WANT_SPAM, false},
		{"summary", AGENT_WANT_SUMMARY, false},
		{"stdout", AGENT_WANT_INNOCENT | AGENT_WANT_SPAM, true},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!span_equal(word, span_from(words[i].word)))
			continue;
		options->deliver |= words[i].wanted;
		options->to_stdout |= words[i].to_stdout;
		return true;
	}
	return false;
}

static bool
set_deliver(struct reading *reading, const char *value)
{
	struct span rest = span_from(value), word;

	while (span_next_word(&rest, ",", &word))
		if (!add_wanted(reading->options, word))
			return error_set(reading->error, ERROR_USAGE,
					 "--deliver=%s: \"%.*s\" cannot be delivered; write a list of innocent (or "
					 "nonspam), spam, summary, stdout, with commas and no blanks",
					 value, (int)word.size, word.data);
	return true;
}

static bool
set_feature(struct reading *reading, const char *value)
{
	struct request *request = &reading->options->request;
	struct span rest = span_from(value), word;
	unsigned long long sedation;

	request->has_features = true;
	while (span_next_word(&rest, ",", &word)) {
		if (span_starts(word, SPAN("no")))
			request->noise = true;
		else if (span_starts(word, SPAN("wh")))
			request->whitelist = true;
		else if (span_starts(word, SPAN("tb=")) && span_to_number(span_skip(word, 3), SEDATION_MAX, &sedation))
			request->sedation = (unsigned)sedation;
		else
			log_warning("--feature=%s: \"%.*s\" has no effect; write a list of noise, whitelist, tb=N (0 "
				    "to 10)",
				    value, (int)word.size, word.data);
	}
	return true;
}

static bool
set_signature(struct reading *reading, const char *value)
{
	reading->options->request.signature = value;
	return *value != '\0' || error_set(reading->error, ERROR_USAGE, "--signature= needs a signature behind it");
}

static bool
set_profile(struct reading *reading, const char *value)
{
	reading->options->profile = value;
	return true;
}

static bool
set_config(struct reading *reading, const char *value)
{
	reading->options->config = value;
	return *value != '\0' || error_set(reading->error, ERROR_USAGE, "--config needs the path of a file");
}

static bool
set_sender(struct reading *reading, const char *value)
{
	struct span sender = span_from(value);

	if (sender.size >= 2 && sender.data[0] == '<' && sender.data[sender.size - 1] == '>')
		sender = span_of(sender.data + 1, sender.size - 2);
	reading->options->sender = arena_copy(reading->arena, sender);
	return reading->options->sender != NULL || no_room(reading->error);
}

static const struct {
	const char *name; /* with its = */
	bool (*set)(struct reading *reading, const char *value);
} values[] = {
	{"--mode=", set_mode},       {"--class=", set_class},     {"--source=", set_source},
	{"--deliver=", set_deliver}, {"--feature=", set_feature}, {"--signature=", set_signature},
	{"--profile=", set_profile}, {"--config=", set_config},   {"--mail-from=", set_sender},
};

/* Whether `word` is an option with a value; *good says whether it was right. */
static bool
read_value(struct reading *reading, const char *word, bool *good)
{
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		size_t size = strlen(values[i].name);
		if (strncmp(word, values[i].name, size) == 0) {
			*good = values[i].set(reading, word + size);
			return true;
		}
		if (strncmp(word, values[i].name, size - 1) == 0 && word[size - 1] == '\0') {
			*good = error_set(reading->error, ERROR_USAGE, "%s needs a value: write %sVALUE", word,
					  values[i].name);
			return true;
		}
	}
	return false;
}

/* ---- options without a value ---------------------------------------------------- */

static bool
read_flag(struct agent_options *options, const char *word)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"--classify", &options->request.classify},
		{"--explain", &options->request.explain},
		{"--stdout", &options->to_stdout},
		{"--client", &options->client},
		{"--daemon", &options->daemon},
		{"--nofork", &options->foreground},
		{"--debug", &options->debug},
		{"--help", &options->help},
		{"--version", &options->version},
		{"--check-config", &options->check_config},
		{"--print-config", &options->print_config},
	};

	if (strcmp(word, "--process") == 0) {
		options->request.classify = false;
		return true;
	}
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (strcmp(word, flags[i].name) != 0)
			continue;
		*flags[i].flag = true;
		return true;
	}
	return false;
}

/* ---- lists ------------------------------------------------------------------------ */

/* The words up to one that is empty or begins with "-"; a lone "--" belongs to the list, as its end. */
static bool
read_list(struct reading *reading, struct agent_list *list)
{
	while (reading->next < reading->count) {
		const char *word = reading->words[reading->next];
		if (strcmp(word, "--") == 0) {
			reading->next++;
			return true;
		}
		if (*word == '\0' || *word == '-')
			return true;
		reading->next++;
		if (!agent_list_add(reading->arena, list, word))
			return no_room(reading->error);
	}
	return true;
}

static bool
read_word(struct reading *reading)
{
	struct agent_options *options = reading->options;
	const char *word = reading->words[reading->next++];
	bool good = true;

	if (strcmp(word, "--user") == 0)
		return read_list(reading, &options->users);
	if (strcmp(word, "--rcpt-to") == 0)
		return read_list(reading, &options->recipients);
	if (strcmp(word, "--config") == 0 && reading->next < reading->count)
		return set_config(reading, reading->words[reading->next++]);
	if (read_value(reading, word, &good))
		return good;
	if (!read_flag(options, word))
		options->arguments[options->argument_count++] = strcmp(word, "\"\"") == 0 ? SPAN("") : span_from(word);
	return true;
}

bool
agent_options_read(struct arena *arena, const char *const *words, size_t count, struct agent_options *options,
		   struct error *error)
{
	struct reading reading = {.arena = arena, .words = words, .count = count, .options = options, .error = error};

	*options = (struct agent_options){.sender = ""};
	options->arguments = arena_calloc(arena, count + 1, sizeof *options->arguments);
	if (options->arguments == NULL)
		return no_room(error);
	while (reading.next < count)
		if (!read_word(&reading))
			return false;
	return true;
}

bool
agent_options_split(struct arena *arena, const char *text, const char *const **words, size_t *count)
{
	struct span rest = span_from(text), word;
	struct agent_list list = {.items = NULL};

	while (span_next_word(&rest, " \t", &word)) {
		const char *copy = arena_copy(arena, word);
		if (copy == NULL || !agent_list_add(arena, &list, copy))
			return false;
	}
	*words = list.items;
	*count = list.count;
	return true;
}

/* ---- deliveries --------------------------------------------------------------------- */

size_t
agent_options_deliveries(const struct agent_options *options)
{
	if (options->users.count == 0)
		return 0;
	return options->recipients.count > 0 ? options->recipients.count : options->users.count;
}

void
agent_options_delivery(const struct agent_options *options, size_t index, const char **user, const char **recipient)
{
	*user = options->users.items[index % options->users.count];
	*recipient = index < options->recipients.count ? options->recipients.items[index] : NULL;
}
