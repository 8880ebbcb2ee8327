#include "agent/input.h"

#include "mail/field.h"

/* ---- spam-USER ------------------------------------------------------------------------------ */

static const struct address_word {
	struct span word;
	enum training_class training_class;
} words[] = {
	{{"spam-", 5}, CLASS_SPAM},
	{{"notspam-", 8}, CLASS_INNOCENT},
};

static bool
is_one_of(char byte, const char *bytes)
{
	return byte != '\0' && strchr(bytes, byte) != NULL;
}

/* The first address with one of the words; *user is what follows it. */
static const struct address_word *
find_word(struct span value, struct span *user)
{
	for (size_t i = 0; i < value.size; i++) {
		struct span here = span_skip(value, i);
		/* the field's colon stands before the value */
		if (i > 0 && !is_one_of(value.data[i - 1], "< \t,:\n"))
			continue;
		for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
			if (!span_starts_nocase(here, words[w].word))
				continue;
			*user = span_skip(here, words[w].word.size);
			return &words[w];
		}
	}
	return NULL;
}

/* `text` up to the first of `ends`. */
static struct span
until(struct span text, const char *ends)
{
	size_t size = 0;

	while (size < text.size && !is_one_of(text.data[size], ends))
		size++;
	return span_head(text, size);
}

static bool
use_user(struct arena *arena, struct agent_options *options, struct span name, struct error *error)
{
	struct agent_list list = {.items = NULL};
	const char *copy = arena_copy(arena, name);

	if (!options->trusted || name.size == 0)
		return true;
	if (copy == NULL || !agent_list_add(arena, &list, copy))
		return error_later(error, ERROR_TEMPORARY, "there is no memory for the names of users");
	options->users = list;
	return true;
}

static bool
use_to(const struct agent_site *site, struct arena *arena, struct span value, struct agent_options *options,
       bool *found, struct error *error)
{
	struct request *request = &options->request;
	struct span user;
	const struct address_word *word = find_word(value, &user);

	if (word == NULL)
		return true;
	*found = true;
	if (site->parse_to_class && request->training_class == CLASS_NONE && !request->classify) {
		request->training_class = word->training_class;
		request->source = SOURCE_ERROR;
	}
	if (site->parse_to_user == AGENT_PARSE_NO_USER)
		return true;
	return use_user(arena, options,
			until(user, site->parse_to_user == AGENT_PARSE_ADDRESS ? ">, \t\r\n" : "@>, \t\r\n"), error);
}

/* ---- all fields ------------------------------------------------------------------------------- */

bool
agent_input_address(const struct agent_site *site, struct arena *arena, struct span message,
		    struct agent_options *options, struct error *error)
{
	const struct request *request = &options->request;
	bool released = request->training_class == CLASS_INNOCENT && request->source == SOURCE_ERROR;
	struct span field, value;
	bool found = false;

	while (mail_field_next(&message, &field)) {
		if (site->parse_to && !found && mail_field_is(field, SPAN("To:"), &value) &&
		    !use_to(site, arena, value, options, &found, error))
			return false;
		if (released && mail_field_is(field, SPAN("X-DSPAM-User:"), &value) &&
		    !use_user(arena, options, span_trim(until(span_trim(value), " \t\r\n")), error))
			return false;
	}
	return options->users.count > 0 ||
	       error_set(error, ERROR_USAGE,
			 "for whom? there is no --user, and no To: header names one (spam-USER or notspam-USER, with "
			 "ChangeUserOnParse)");
}
