#include "agent/options.h"

#include "wire/path.h"

/* ---- class and source -------------------------------------------------------------- */

static bool
is_alias(const struct config *config, const char *directive, const char *word)
{
	return config_has(config, directive, word);
}

static bool
settle_class(const struct config *config, struct agent_options *options, struct error *error)
{
	const char *word = options->class_word;
	enum training_class *training_class = &options->request.training_class;

	if (word == NULL)
		return true;
	if (strcmp(word, "spam") == 0 || is_alias(config, "ClassAliasSpam", word))
		*training_class = CLASS_SPAM;
	else if (strcmp(word, "innocent") == 0 || strcmp(word, "nonspam") == 0 ||
		 is_alias(config, "ClassAliasNonspam", word))
		*training_class = CLASS_INNOCENT;
	else
		return error_set(error, ERROR_USAGE,
				 "--class=%s: there is no such class; it is spam or innocent (nonspam), or a word that "
				 "ClassAliasSpam or ClassAliasNonspam of dspam.conf gives",
				 word);
	return true;
}

static bool
check_training(const struct agent_options *options, struct error *error)
{
	const struct request *request = &options->request;
	bool has_class = request->training_class != CLASS_NONE;
	bool has_source = request->source != SOURCE_NONE;

	if (has_class && request->classify)
		return error_set(
			error, ERROR_USAGE,
			"--classify only asks for a verdict, and --class says what it is; leave one of them out");
	if (request->explain && !request->classify)
		return error_set(error, ERROR_USAGE, "--explain says why a message is what it is: add --classify");
	if (has_class && !has_source && request->mode != TRAINING_UNLEARN)
		return error_set(error, ERROR_USAGE,
				 "--class needs to know why it is taught: add --source=error (the filter was wrong), "
				 "--source=corpus or --source=inoculation");
	if (has_source && !has_class)
		return error_set(error, ERROR_USAGE,
				 "--source needs to know what the message is: add --class=spam or --class=innocent");
	return true;
}

/* ---- addresses ----------------------------------------------------------------------- */

/* local@domain.tld */
static bool
looks_like_address(struct span text)
{
	size_t at = SPAN_NONE;

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '@')
			at = i;
	if (at == SPAN_NONE || at == 0 || !path_valid(text))
		return false;
	struct span domain = span_skip(text, at + 1);
	size_t dot = span_find_byte(domain, '.');
	return dot != SPAN_NONE && dot > 0 && dot + 1 < domain.size;
}

static bool
check_addresses(const struct agent_options *options, struct error *error)
{
	for (size_t i = 0; i < options->recipients.count; i++)
		if (!looks_like_address(span_from(options->recipients.items[i])))
			return error_set(error, ERROR_USAGE,
					 "--rcpt-to \"%.200s\" is no address; write local@domain.tld",
					 options->recipients.items[i]);
	if (!path_valid(span_from(options->sender)))
		return error_set(error, ERROR_USAGE, "--mail-from=%.200s is no address; write local@domain.tld",
				 options->sender);
	if (options->recipients.count > 0 && options->recipients.count < options->users.count)
		return error_set(error, ERROR_USAGE,
				 "--rcpt-to names %zu for %zu users, and the message would be lost for the others; "
				 "name one for each, or none",
				 options->recipients.count, options->users.count);
	return true;
}

/* ---- who ------------------------------------------------------------------------------- */

static bool
is_own_name(const struct config *config, const char *login, const char *name)
{
	if (config_has(config, "Broken", "case"))
		return span_equal_nocase(span_from(login), span_from(name));
	return strcmp(login, name) == 0;
}

/* Who is not trusted acts for himself alone. */
static bool
check_untrusted(struct arena *arena, const struct config *config, const struct agent_caller *caller,
		struct agent_options *options, struct error *error)
{
	const char *who = *caller->login != '\0' ? caller->login : "this user number, which has no name,";
	const char *login = arena_copy(arena, span_from(caller->login));

	for (size_t i = 0; i < options->users.count; i++)
		if (!is_own_name(config, caller->login, options->users.items[i]))
			return error_set(
				error, ERROR_PERMISSION,
				"%s may not act for the user \"%.128s\"; to allow it, add \"Trust %s\" to dspam.conf",
				who, options->users.items[i], caller->login);
	if (options->profile != NULL || options->daemon)
		return error_set(error, ERROR_PERMISSION,
				 "%s may not use --%s; to allow it, add \"Trust %s\" to dspam.conf", who,
				 options->daemon ? "daemon" : "profile", caller->login);
	if (options->users.count > 0)
		return true;
	if (login == NULL || *login == '\0')
		return error_set(error, ERROR_PERMISSION, "%s cannot be filtered for; name a user and trust the caller",
				 who);
	return agent_list_add(arena, &options->users, login);
}

static bool
check_users(struct arena *arena, const struct config *config, const struct agent_caller *caller,
	    struct agent_options *options, struct error *error)
{
	options->trusted = caller->trusted;
	for (size_t i = 0; i < options->users.count; i++)
		if (strstr(options->users.items[i], "../") != NULL || strstr(options->users.items[i], "..\\") != NULL)
			return error_set(error, ERROR_USER, "\"%.128s\" cannot be a user: it is a path",
					 options->users.items[i]);
	if (!caller->trusted && !check_untrusted(arena, config, caller, options, error))
		return false;
	if (options->users.count == 0 && !options->daemon && !config_is_on(config, "ParseToHeaders"))
		return error_set(
			error, ERROR_USAGE,
			"for whom? name one or more users with --user, or switch ParseToHeaders on in dspam.conf");
	return true;
}

/* ---- delivery ---------------------------------------------------------------------------- */

static bool
check_delivery(const struct agent_site *site, const struct agent_options *options, struct error *error)
{
	const char *agent = options->trusted ? "TrustedDeliveryAgent" : "UntrustedDeliveryAgent";
	bool wanted = options->deliver & (AGENT_WANT_INNOCENT | AGENT_WANT_SPAM);

	if (!wanted || options->to_stdout || options->request.classify || options->daemon || options->client)
		return true;
	if (agent_site_command(site, options->trusted) != NULL || site->by_host)
		return true;
	return error_set(error, ERROR_CONFIG,
			 "--deliver: dspam.conf names neither %s nor DeliveryHost; set one of them, or say "
			 "--stdout on the command line",
			 agent);
}

/*
 * Mail that arrives and is not to be handed on, whatever it is, would be lost: where there is a way, it is. What
 * --deliver names is meant, and so is a summary alone, which only asks.
 */
static void
settle_delivery(const struct agent_site *site, struct agent_options *options)
{
	bool way = options->to_stdout || site->by_host || agent_site_command(site, options->trusted) != NULL;

	if (options->client) /* the daemon settles it */
		return;
	if (options->deliver == 0 && way && !agent_is_training(options) && !options->request.classify &&
	    !config_has(site->config, "Compat", "discardInnocent"))
		options->deliver = AGENT_WANT_INNOCENT;
}

bool
agent_options_check(struct arena *arena, const struct agent_site *site, const struct agent_caller *caller,
		    struct agent_options *options, struct error *error)
{
	const struct config *config = site->config;

	if (!settle_class(config, options, error) || !check_training(options, error) ||
	    !check_addresses(options, error) || !check_users(arena, config, caller, options, error))
		return false;
	settle_delivery(site, options);
	return check_delivery(site, options, error);
}
