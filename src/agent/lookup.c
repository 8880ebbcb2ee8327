#include "agent/lookup.h"

#include "agent/directory.h"
#include "base/buffer.h"
#include "base/log.h"
#include "deliver/question.h"
#include "store/store.h"

#define WORDS_MAX 64
#define ANSWER_SIZE 256

/* A word of the command with every %u replaced; NULL: arena full. */
static char *
fill_word(struct arena *arena, struct span word, struct span user)
{
	struct buffer text = BUFFER_INIT((size_t)64 * 1024);
	size_t at;

	while ((at = span_find(word, SPAN("%u"))) != SPAN_NONE) {
		buffer_append_span(&text, span_head(word, at));
		buffer_append_span(&text, user);
		word = span_skip(word, at + 2);
	}
	buffer_append_span(&text, word);
	char *filled = text.failed ? NULL : arena_copy(arena, buffer_span(&text));
	buffer_free(&text);
	return filled;
}

/* The arguments; *odd: the user would become an option of the program. NULL after filling `error`. */
static char **
fill_command(struct arena *arena, const char *command, struct span user, bool *odd, struct error *error)
{
	char **arguments = arena_calloc(arena, WORDS_MAX + 1, sizeof *arguments);
	struct span rest = span_from(command), word;
	size_t count = 0;

	while (arguments != NULL && span_next_word(&rest, " \t", &word)) {
		if (count == WORDS_MAX) {
			error_later(error, ERROR_CONFIG, "ExtLookupServer: more than %d words", WORDS_MAX);
			return NULL;
		}
		arguments[count] = fill_word(arena, word, user);
		if (arguments[count++] == NULL)
			arguments = NULL;
		*odd |= span_starts(word, SPAN("%u")) && span_starts(user, SPAN("-"));
	}
	if (arguments != NULL && count > 0)
		return arguments;
	error_later(error, ERROR_CONFIG, "ExtLookupServer: %s",
		    arguments == NULL ? "there is no memory for its words" : "no program is named");
	return NULL;
}

static bool
ask_directory(const struct agent_site *site, struct arena *arena, const char *user, char answer[static ANSWER_SIZE],
	      struct error *error)
{
	const struct config *config = site->config;
	const struct directory directory = {
		.server = config_get(config, "ExtLookupServer"),
		.port = (unsigned)config_number(config, "ExtLookupPort"),
		.base = config_get(config, "ExtLookupDB"),
		.query = config_get(config, "ExtLookupQuery"),
		.attribute = config_get(config, "ExtLookupLDAPAttribute"),
		.scope = config_get(config, "ExtLookupLDAPScope"),
		.version = (unsigned)config_number(config, "ExtLookupLDAPVersion"),
		.login = config_get(config, "ExtLookupLogin"),
		.password = config_get(config, "ExtLookupPassword"),
		.tls = config_has(config, "ExtLookupCrypto", "tls"),
	};

	answer[0] = '\0';
	if (directory.server == NULL || directory.query == NULL)
		return error_later(error, ERROR_CONFIG,
				   "ExtLookupDriver ldap needs an ExtLookupServer and an ExtLookupQuery");
	return directory_ask(&directory, arena, user, LOOKUP_TIMEOUT, answer, ANSWER_SIZE, error);
}

/* What program or directory call the user; empty: they do not know him. */
static bool
ask(const struct agent_site *site, struct arena *arena, const char *user, char answer[static ANSWER_SIZE],
    struct error *error)
{
	bool odd = false;

	answer[0] = '\0';
	if (config_has(site->config, "ExtLookupDriver", "ldap"))
		return ask_directory(site, arena, user, answer, error);
	if (site->lookup_command == NULL)
		return error_later(error, ERROR_CONFIG,
				   "no program is configured to be asked; write \"ExtLookupDriver program\" and "
				   "ExtLookupServer with its command, or switch ExtLookup off");
	char **arguments = fill_command(arena, site->lookup_command, span_from(user), &odd, error);
	if (arguments == NULL)
		return false;
	return odd || question_ask(arguments, LOOKUP_TIMEOUT, answer, ANSWER_SIZE, error);
}

bool
agent_lookup(const struct agent_site *site, struct arena *arena, struct agent_user *user, struct error *error)
{
	char answer[ANSWER_SIZE];

	user->unknown = false;
	if (site->lookup == AGENT_LOOKUP_NONE)
		return true;
	if (!ask(site, arena, user->name, answer, error))
		return error_prefix(error, "user %s: ExtLookup", user->name);
	if (answer[0] == '\0') {
		user->unknown = site->lookup & AGENT_LOOKUP_VERIFY;
		log_info("user %s: ExtLookup does not know him", user->name);
		return true;
	}
	if (!(site->lookup & AGENT_LOOKUP_MAP))
		return true;
	if (!store_name_valid(span_from(answer)))
		return error_set(error, ERROR_USER,
				 "user %s: ExtLookup answers \"%.128s\", which cannot be a user: a name has 1 to 128 "
				 "bytes, no control bytes and no /",
				 user->name, answer);
	user->name = arena_copy(arena, span_from(answer));
	return user->name != NULL || error_later(error, ERROR_TEMPORARY, "there is no memory for the names of users");
}
